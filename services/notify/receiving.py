"""A text that came in: what it answers, what it asks for, and what is said back. Once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.codes import Channel, Language, ReplyCode, Template
from contracts.event import Event
from contracts.help_requests import HelpTexted
from contracts.messages import MessageReplied, NumberWrong, PersonOptedIn, PersonOptedOut
from contracts.sealed import Sealed
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.notify.model.asking import DAY, AskingTally, Taken
from services.notify.model.contact import Book, Contact
from services.notify.model.conversation import (
    ANSWERS,
    Conversation,
    Reply,
    Said,
    Suppression,
)
from services.notify.model.flood import TextTally
from services.notify.model.message import conversation_of
from services.notify.model.notice import Notice
from services.notify.offer_texts import Answered
from services.notify.saying_back import Back, asks_for_thanks, ids_of


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that came in.

    Attributes:
        id: the carrier's.
        number: keyed hash of where it came from.
        people: who may have written, the likeliest first.
        text: sealed under the first one's key.
        asked: what it asks for, where it asks for help or no referral could hold its words.
        offer: what it says of an offer, where an agency wrote it.
        crisis: its words may tell of danger: it is never counted out.
        alarm: they do, in this language.
        choice: which of several questions it names, and what it says of it.
        pictures: how many came with it.
        strangers: contacts whom a *wrong number* is about, or whom a START lets in again.
    """

    id: str
    number: str
    reply: ReplyCode
    people: tuple[str, ...]
    book: Book
    text: Sealed | None
    asked: HelpTexted | None = None
    offer: Answered | None = None
    crisis: bool = False
    alarm: Language | None = None
    choice: tuple[ReplyCode | None, int] | None = None
    pictures: int = 0
    strangers: tuple[str, ...] = ()

    @property
    def talk(self) -> Ref[Conversation]:
        """The conversation that it belongs to; of nobody's number there is none."""
        person = self.people[0] if self.people else ""
        return Ref(Conversation, conversation_of(person, Channel.SMS))


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a text.

    Attributes:
        taken: of one that asks for help.
        introduce: nobody knows the number, and it is to be told how to ask.
    """

    taken: Taken = Taken.YES
    introduce: bool = False


@dataclass(slots=True)
class _Heard:
    """A text as it is understood with what was said before.

    Attributes:
        which: several questions are open, and it does not say which one it answers.
    """

    reply: ReplyCode
    about: Said | None
    which: bool = False


@dataclass(slots=True)
class _Outcome:
    """What the hearing changes, and what it tells."""

    saved: list[Aggregate] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)

    def add(self, saved: Sequence[Aggregate], told: Sequence[Event] = ()) -> None:
        self.saved.extend(saved)
        self.told.extend(told)


_COMMANDS = frozenset({ReplyCode.STOP, ReplyCode.START})
_SAY_NOTHING = _COMMANDS | {ReplyCode.WRONG_NUMBER, ReplyCode.THANKS}
"""What a stranger says who asks for nothing."""


async def receive(store: Store, incoming: Incoming, now: datetime, *, a_day: int) -> Received:
    """Take a person's text, once: an answer, a wish to be left alone, or a call for help.

    Stop and start belong to the number, so everybody on it is said to have opted out or in.

    Args:
        store: where it is kept.
        incoming: the text.
        now: the present moment.
        a_day: requests for help that are taken from one number in 24 hours.
    """
    reply = Ref(Reply, incoming.id)
    number = Ref(Suppression, incoming.number)
    asking, texts = Ref(AskingTally, incoming.number), Ref(TextTally, incoming.number)
    before = await store.get(Conversation, incoming.talk.id) if incoming.people else None
    likely = _understand(incoming, before, now).about
    person = incoming.people[0] if incoming.people else ""
    ids = ids_of(person, incoming.offer, likely, now)
    once = {template: Ref(Notice, each) for template, each in ids.items()}
    strangers = [Ref(Contact, each) for each in incoming.strangers]

    def hear_out(found: Found) -> Change[Received]:
        if found.get(reply) is not None:
            return Change(Received())
        tally = _count(incoming, found.get(texts), now)
        talk = _talk(incoming, found)
        heard = _understand(incoming, talk, now)
        flooded = tally.flooded and incoming.reply not in _COMMANDS | ANSWERS
        alarm = incoming.alarm is not None and tally.may_alarm(now)
        out = _Outcome()
        _keep(out, incoming, talk, heard, now, tell=not flooded)
        taken = Taken.YES
        if incoming.asked is not None and (alarm or not flooded):
            taken = _ask(out, incoming, found.get(asking), now, a_day)
        if incoming.offer is not None and incoming.offer.event is not None:
            out.add((), [incoming.offer.event])
        turned = _turn(found.get(number), incoming, now)
        if turned is not None:
            out.add([turned], [_wish(turned, each) for each in incoming.people])
        _correct_number(out, incoming, [found.get(each) for each in strangers])
        site = incoming.offer.site if incoming.offer else heard.about.site if heard.about else None
        for back in _say_back(incoming, talk, heard, turned, now, alarm=alarm, flooded=flooded):
            ref = once.get(back.template) if ids.get(back.template) == back.id else None
            notice = back.notice(incoming.id, now, site)
            if notice is not None and (ref is None or found.get(ref) is None):
                out.add([notice])
        introduce = not incoming.people and incoming.reply not in _SAY_NOTHING
        introduce = introduce and incoming.asked is None and tally.may_introduce(now)
        out.add([tally.having(**_noted(now, alarm=alarm, introduce=introduce))])
        return Change(Received(taken, introduce), out.saved, out.told, site)

    refs: list[Ref[Any]] = [reply, number, asking, texts, incoming.talk, *once.values(), *strangers]
    return await store.update(refs, hear_out)


def _noted(now: datetime, *, alarm: bool, introduce: bool) -> dict[str, datetime]:
    noted = {"alarmed": now} if alarm else {}
    return {**noted, "introduced": now} if introduce else noted


def _count(incoming: Incoming, known: TextTally | None, now: datetime) -> TextTally:
    # The database removes it by the machine's clock, which nobody moves.
    forget_at = datetime.now(UTC) + 2 * DAY
    return (known or TextTally(id=incoming.number, forget_at=forget_at)).counting(now, forget_at)


def _talk(incoming: Incoming, found: Found) -> Conversation | None:
    if not incoming.people:
        return None
    return found.get(incoming.talk) or Conversation(
        id=incoming.talk.id,
        person=incoming.people[0],
        channel=Channel.SMS,
        number=incoming.number,
    )


def _understand(incoming: Incoming, talk: Conversation | None, now: datetime) -> _Heard:
    """Return what a text says of what: of several open questions, that whose number it names."""
    if talk is None:
        return _Heard(incoming.reply, None)
    if incoming.choice is not None and talk.choosing is not None:
        meaning, number = incoming.choice
        chosen = talk.chosen(number, now)
        if chosen is not None:
            return _Heard(meaning or talk.choosing.reply, chosen)
    about = talk.about(incoming.reply, now)
    several = len(talk.open_questions(now)) > 1 and incoming.offer is None
    return _Heard(incoming.reply, about, which=several and incoming.reply in ANSWERS)


def _keep(
    out: _Outcome,
    incoming: Incoming,
    talk: Conversation | None,
    heard: _Heard,
    now: datetime,
    *,
    tell: bool,
) -> None:
    """Keep the text with its conversation, and tell whose answer it is."""
    about = heard.about
    kept = Reply(
        id=incoming.id,
        person=talk.person if talk else None,
        book=incoming.book,
        reply=heard.reply,
        at=now,
        message=about.message if about else None,
        referral=about.referral if about else None,
        text=incoming.text,
        crisis=incoming.alarm is not None,
        pictures=incoming.pictures,
    )
    out.add([kept])
    if talk is None:
        return
    if heard.which:
        out.add([talk.asking_which(heard.reply, now)])
        return
    out.add([talk.after_answer(heard.reply, about, now)])
    if tell and about is not None and incoming.offer is None:
        out.add((), [_replied(talk, about, heard.reply)])


def _ask(
    out: _Outcome, incoming: Incoming, known: AskingTally | None, now: datetime, a_day: int
) -> Taken:
    """Count a call for help, and pass it on as long as its number has not had its day's share."""
    forget_at = datetime.now(UTC) + 2 * DAY
    tally = known or AskingTally(id=incoming.number, forget_at=forget_at)
    after, taken = tally.after(now, a_day=a_day, crisis=incoming.crisis, forget_at=forget_at)
    if incoming.reply is not ReplyCode.NEED:
        after = after.having(told=tally.told)  # who did not ask by the word is not told so
    passed = incoming.asked is not None and taken is Taken.YES
    out.add([after], [incoming.asked] if passed and incoming.asked else ())
    return taken


def _turn(known: Suppression | None, incoming: Incoming, now: datetime) -> Suppression | None:
    """Return the number's wish where this text changes it."""
    on = known is not None and known.on
    if incoming.reply is ReplyCode.STOP and not on:
        fresh = known or Suppression(id=incoming.number, on=True, since=now, by="reply")
        return fresh.having(on=True, since=now, by="reply")
    if incoming.reply is ReplyCode.START and known is not None and on:
        return known.having(on=False, since=now, by="reply")
    return None


def _correct_number(out: _Outcome, incoming: Incoming, contacts: Sequence[Contact | None]) -> None:
    """Stop a number for those whose it is not; START from it lets them be written to again."""
    if incoming.reply is ReplyCode.WRONG_NUMBER:
        for each in contacts:
            if each is not None and each.wrong != incoming.number:
                out.add([each.having(wrong=incoming.number)], [number_wrong(each.id, None)])
    if incoming.reply is ReplyCode.START:
        out.add([each.having(wrong=None) for each in contacts if each is not None and each.wrong])


def _say_back(
    incoming: Incoming,
    talk: Conversation | None,
    heard: _Heard,
    turned: Suppression | None,
    now: datetime,
    *,
    alarm: bool,
    flooded: bool,
) -> Iterator[Back]:
    """Yield what is said back."""
    if incoming.offer is not None:
        yield from _to_agency(incoming.offer, now)
        return
    if talk is None:
        return
    ids = ids_of(talk.person, None, heard.about, now)

    def once(template: Template, **also: object) -> Back:
        return Back(template, talk.person, incoming.book, ids.get(template), **also)  # type: ignore[arg-type] # its fields

    if alarm:
        about = heard.about
        yield once(Template.FAMILY_EMERGENCY, about=about, language=incoming.alarm)
    if turned is not None and turned.on:
        yield Back(Template.STOP_CONFIRMED, talk.person, incoming.book, about=heard.about)
    elif flooded:
        return
    elif incoming.reply is ReplyCode.HELP:
        yield once(Template.FAMILY_HELP, about=heard.about)
    elif heard.which:
        questions = talk.open_questions(now)
        yield once(
            Template.FAMILY_WHICH, about=heard.about, choices=tuple(each.at for each in questions)
        )
    elif asks_for_thanks(heard.reply, heard.about):
        yield once(Template.FAMILY_THANKS, about=heard.about)


def _to_agency(offer: Answered, now: datetime) -> Iterator[Back]:
    """Ask an agency which offer it means, where its text does not say."""
    if offer.event is None:
        ids = ids_of(offer.contact, offer, None, now)
        template = Template.AGENCY_TEXT_WHICH
        yield Back(template, offer.contact, Book.AGENCIES, ids[template])


def _replied(talk: Conversation, about: Said, reply: ReplyCode) -> MessageReplied:
    return MessageReplied(
        conversation=talk.id,
        message=about.message,
        person=talk.person,
        reply=reply,
        template=about.template,
        referral=about.referral,
    )


def _wish(turned: Suppression, person: str) -> PersonOptedOut | PersonOptedIn:
    return opted_out(person) if turned.on else _opted_in(person)


def opted_out(person: str) -> PersonOptedOut:
    """Return what tells that somebody wants no texts any more."""
    return PersonOptedOut(
        conversation=conversation_of(person, Channel.SMS), person=person, channel=Channel.SMS
    )


def _opted_in(person: str) -> PersonOptedIn:
    return PersonOptedIn(
        conversation=conversation_of(person, Channel.SMS), person=person, channel=Channel.SMS
    )


def number_wrong(person: str, code: str | None) -> NumberWrong:
    """Return what tells that a number is not somebody's any more."""
    return NumberWrong(
        conversation=conversation_of(person, Channel.SMS),
        person=person,
        channel=Channel.SMS,
        code=code,
    )
