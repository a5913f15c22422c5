"""Writes messages: the words of their file, with the values that their cause gives.

A text is one line. What is missing is an error, never a blank.
"""

from dataclasses import dataclass

from contracts.codes import Channel, Language, LinkPurpose
from services.chassis.ics import Entry, calendar_of
from services.chassis.links import derive_code, derive_token
from services.chassis.sites import Site
from services.notify.mail_stops import MailStops
from services.notify.model.cause import IDENTITY, LinkSource
from services.notify.model.message import Message
from services.notify.wording import compose, dates
from services.notify.wording.frame import best_form
from services.notify.wording.html import page
from services.notify.wording.names import shown_phone, tidy
from services.notify.wording.source import Signer, Source, shipped

HIDDEN = "…"
"""What stands in the kept words instead of a link's token or a code: who reads them cannot act."""

_PATHS = {
    LinkPurpose.AGENCY_ANSWER: "a",
    LinkPurpose.AGENCY_BATCH: "b",
    LinkPurpose.AGENCY_DELETION: "d",
    LinkPurpose.AGENCY_ENTRIES: "e",
    LinkPurpose.FAMILY_STATUS: "f",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words.

    Attributes:
        subject: of a mail.
        body: what is sent, as plain text.
        kept: what is kept of it, without the secrets of links.
        tells_stop: whether a text says how to stop.
        html: a mail as a page.
        calendar: the appointment that a mail tells of, for its reader's own calendar.
        sender: by whose name a mail comes.
        stop_url: where the reader of a mail says that no more is wanted.
    """

    subject: str
    body: str
    kept: str
    tells_stop: bool = False
    html: str = ""
    calendar: str = ""
    sender: str = ""
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class _To:
    """For whom a message is written, and who speaks."""

    name: str
    zone: str
    site: Site
    said: str


class Words:
    """Writes messages.

    Args:
        link_key: derives links and codes.
        public_url: where people reach the portal.
        stops: where they say that they want no more mail.
    """

    def __init__(self, link_key: bytes, public_url: str, stops: MailStops) -> None:
        self._stops = stops
        self._link_key = link_key
        self._public_url = public_url.rstrip("/")

    def write(
        self,
        message: Message,
        *,
        name: str,
        zone: str,
        site: Site,
        first: bool,
        source: Source | None = None,
        said: str = "",
    ) -> Written:
        """Write a message.

        Args:
            message: what is to be said.
            name: of the recipient.
            zone: of the recipient, for days and hours.
            site: the school that speaks.
            first: the recipient is to be told how to stop.
            source: the words, where the district has its own.
            said: a colleague's name, and in the next line their own words.

        Raises:
            MissingValueError: the words name a value that the message has not.
        """
        source = source or shipped()[message.template]
        to = _To(tidy(name), zone, site, said)
        spoken = self._spoken(message, to, hide=False)
        kept = self._spoken(message, to, hide=True)
        if message.channel is Channel.EMAIL:
            return self._mail(source, message, site, spoken, kept)
        forms = compose.text(source, spoken, stop=first)
        chosen = best_form(forms, message.language)
        words = compose.text(source, kept, stop=first)[chosen]
        tells_stop = first and source.header.stop_line
        return Written("", forms[chosen], words, tells_stop=tells_stop)

    def _mail(
        self,
        source: Source,
        message: Message,
        site: Site,
        said: compose.Spoken,
        kept: compose.Spoken,
    ) -> Written:
        letters = compose.mail(source, said)
        stop_url = self._stops.address(message.person) if source.header.stop_line else ""
        signs = source.header.signs
        named = [site.coordinator] if signs is Signer.COORDINATOR else []
        return Written(
            subject=compose.subject_of(letters),
            body=compose.plain(letters, stop_url),
            kept=compose.plain(compose.mail(source, kept)),
            html=page(letters, stop_url),
            calendar=_calendar(message, letters[0].subject, site),
            sender=", ".join(tidy(each) for each in (*named, site.name) if each),
            stop_url=stop_url,
        )

    def _spoken(self, message: Message, to: _To, *, hide: bool) -> compose.Spoken:
        languages = [message.language, *([message.also] if message.also else [])]
        return [(each, self._values(message, each, to, hide=hide)) for each in languages]

    def _values(
        self, message: Message, language: Language, to: _To, *, hide: bool
    ) -> compose.Values:
        """Return what the words of a message may name; None where it has no such value."""
        in_text = message.channel is not Channel.EMAIL
        sources = [each for each in message.links if each.purpose != IDENTITY]
        links = [self._link(each, message.person, hide=hide) for each in sources]
        codes = [each for each in message.links if each.purpose == IDENTITY]
        numbers = [each.number or "" for each in sources]
        many, by, when = message.many, message.answer_by, message.appointment
        said_by, _, said = to.said.partition("\n")
        return {
            "name": to.name or None,
            "school": tidy(to.site.name),
            "coordinator": tidy(to.site.coordinator),
            "phone": shown_phone(to.site.phone),
            "link": links[0] if links else None,
            "links": _listed(links, numbers, in_text=in_text),
            "number": numbers[0] if numbers else "",
            "several": len(links) > 1,
            "code": self._code(codes[0], message.person, hide=hide) if codes else None,
            "minutes": _minutes(message),
            "answer_by": by and dates.day(by, language, to.zone, in_text=in_text),
            "day": when and dates.day(when, language, to.zone, in_text=in_text),
            "hour": when and dates.hour(when, language, to.zone),
            "families": many and many.count,
            "taken": many and many.taken,
            "left": many and many.left,
            "result": many and many.result,
            "paper": message.paper and message.paper.value,
            "updates": many and many.count,
            "choices": _choices(message, language, to.zone, in_text=in_text),
            "said_by": tidy(said_by) or None,
            "said": said or None,
        }

    def _link(self, source: LinkSource, recipient: str, *, hide: bool) -> str:
        """Return a link's address."""
        token = derive_token(
            self._link_key,
            purpose=source.purpose,
            subject=source.subject,
            recipient=recipient,
            nonce=source.nonce,
        )
        path = _PATHS[LinkPurpose(source.purpose)]
        return f"{self._public_url}/{path}/{HIDDEN if hide else token}"

    def _code(self, source: LinkSource, recipient: str, *, hide: bool) -> str:
        code = derive_code(
            self._link_key,
            purpose=source.purpose,
            subject=source.subject,
            recipient=recipient,
            nonce=source.nonce,
        )
        return HIDDEN if hide else code


def _calendar(message: Message, subject: str, site: Site) -> str:
    """Return the entry of a calendar; the title says no more than the mail's subject does."""
    if message.appointment is None:
        return ""
    entry = Entry(
        id=message.referral or message.id,
        at=message.appointment,
        told=message.created_at,
        title=f"{tidy(site.name)}: {subject}",
    )
    return calendar_of(entry)


def _listed(links: list[str], numbers: list[str], *, in_text: bool) -> str | None:
    """Return all links of a message: in a text each after its number, in a mail one a line."""
    if not in_text:
        return "\n".join(links) or None
    pairs = zip(numbers, links, strict=True)
    return " ".join(f"{number} {link}".strip() for number, link in pairs) or None


def _choices(message: Message, language: Language, zone: str, *, in_text: bool) -> str | None:
    """Return the numbers by which questions are named, each with the day on which it was asked."""
    days = [dates.day(each, language, zone, in_text=in_text) for each in message.choices]
    word = "por la del" if language is Language.SPANISH else "for"
    shown = []
    for index, day in enumerate(days):
        same = [each for each in range(len(days)) if days[each] == day]
        which = "" if len(same) == 1 else f" ({same.index(index) + 1})"
        shown.append(f"{index + 1} {word} {day}{which}")
    return ", ".join(shown) or None


def _minutes(message: Message) -> int:
    return max(1, round((message.expires - message.caused_at).total_seconds() / 60))
