"""The words of messages: one file a template, language and channel, under `templates/`.

A text is one line. A mail's file starts with `Subject: …` and an empty line. What is missing is an
error, never a blank.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import phonenumbers
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.codes import Channel, Language, LinkPurpose
from services.chassis.links import derive_code, derive_token
from services.chassis.sites import Site
from services.notify.model.cause import IDENTITY, LinkSource
from services.notify.model.hours import place
from services.notify.model.message import Message

FOLDER = Path(__file__).parent / "templates"

HIDDEN = "…"
"""What stands in the kept words instead of a link's token or a code: who reads them cannot act."""

_DATES = {
    # Not `es`: Spain's; and no time of day, before whose p.m. stands a character beyond GSM-7.
    Language.SPANISH: ("es_US", "EEEE d 'de' MMMM"),
    Language.ENGLISH: ("en_US", "EEEE, MMMM d"),
}
_PATHS = {
    LinkPurpose.AGENCY_ANSWER: "a",
    LinkPurpose.AGENCY_BATCH: "b",
    LinkPurpose.AGENCY_DELETION: "d",
    LinkPurpose.AGENCY_ENTRIES: "e",
    LinkPurpose.FAMILY_STATUS: "f",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words: what is sent, and what is kept of it."""

    subject: str
    body: str
    kept: str


class Words:
    """Writes messages.

    Args:
        link_key: derives links and codes.
        public_url: where people reach the portal.
    """

    def __init__(self, link_key: bytes, public_url: str) -> None:
        self._link_key = link_key
        self._public_url = public_url.rstrip("/")
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - texts and plain mails: an entity would be shown
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self, message: Message, *, name: str, zone: str, site: Site, first: bool) -> Written:
        """Write a message.

        Args:
            message: what is to be said.
            name: of the recipient.
            zone: of the recipient, for dates.
            site: the school that speaks.
            first: nothing was sent to this person on this channel before, so it says how to stop.
        """
        subject, body = self._render(message, name, zone, site, first=first, hide=False)
        _, kept = self._render(message, name, zone, site, first=first, hide=True)
        return Written(subject, body, kept)

    def _render(
        self, message: Message, name: str, zone: str, site: Site, *, first: bool, hide: bool
    ) -> tuple[str, str]:
        links = [each for each in message.links if each.purpose != IDENTITY]
        codes = [each for each in message.links if each.purpose == IDENTITY]
        person = message.person
        by_mail = message.channel is Channel.EMAIL
        file = f"{message.language}/{message.template}{'.mail' if by_mail else ''}.txt"
        text = self._templates.get_template(file).render(
            name=name,
            school=site.name,
            coordinator=site.coordinator,
            phone=_shown(site.phone),
            links=[self._link(each, person, hide=hide) for each in links],
            numbers=[each.number or "" for each in links],
            paper=message.paper or "",
            many=message.many,
            answer=message.answer,
            code=next((self._code(each, person, hide=hide) for each in codes), ""),
            minutes=_minutes(message),
            answer_by=_date(message.answer_by, message.language, zone),
            first=first,
        )
        if not by_mail:
            return "", " ".join(text.split())
        subject, _, body = text.partition("\n\n")
        return subject.removeprefix("Subject:").strip(), body.strip() + "\n"

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


def _date(at: datetime | None, language: Language, zone: str) -> str:
    if at is None:
        return ""
    locale, pattern = _DATES[language]
    return format_date(at.astimezone(place(zone)), format=pattern, locale=locale)


def _minutes(message: Message) -> int:
    return max(1, round((message.expires - message.caused_at).total_seconds() / 60))


def _shown(phone: str) -> str:
    """Return a number as people of its country write it."""
    if not phone:
        return ""
    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
