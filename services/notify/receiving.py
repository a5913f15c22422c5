"""A text that came in: what it answers, what it asks for, and what is said back. Once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.codes import Channel, OfferReply, ReplyCode, Template
from contracts.event import Event
from contracts.help_requests import HelpTexted
from contracts.messages import MessageReplied, OfferReplied, PersonOptedIn, PersonOptedOut
from contracts.sealed import Sealed
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.notify.model.asking import DAY, AskingTally, Taken
from services.notify.model.contact import Book
from services.notify.model.conversation import Conversation, Reply, Said, Suppression
from services.notify.model.message import conversation_of
from services.notify.model.notice import Notice, notice_for
from services.notify.offer_texts import Answered


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that came in.

    Attributes:
        id: the carrier's.
        number: keyed hash of where it came from.
        people: who may have written, the likeliest first.
        text: sealed under the first one's key.
        asked: what it asks for, where it asks for help.
        offer: what it says of an offer, where an agency wrote it.
        crisis: its words may tell of danger.
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

    @property
    def question(self) -> OfferReplied | None:
        """What an agency wants to know, whose words the school reads; None for any other text."""
        told = self.offer.event if self.offer else None
        asks = isinstance(told, OfferReplied) and told.reply is OfferReply.QUESTION
        return told if asks and isinstance(told, OfferReplied) else None

    @property
    def talk(self) -> Ref[Conversation]:
        """The conversation that it belongs to; of nobody's number there is none."""
        person = self.people[0] if self.people else ""
        return Ref(Conversation, conversation_of(person, Channel.SMS))


_Part = tuple[Sequence[Aggregate], Sequence[Event]]
"""What a part of the hearing changes, and what it tells."""


async def receive(store: Store, incoming: Incoming, now: datetime, *, a_day: int) -> Taken:
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
    tally = Ref(AskingTally, incoming.number)
    said_back = Ref(Notice, await _once(store, incoming, now))

    def hear_out(found: Found) -> Change[Taken]:
        if found.get(reply) is not None:
            return Change(Taken.YES)
        talk = _talk(incoming, found)
        about = talk.about(incoming.reply, now) if talk else None
        taken, counted = _ask(incoming, found.get(tally), now, a_day)
        turned = _turn(found.get(number), incoming, now)
        parts: list[_Part] = [
            _spoken(incoming, talk, about, now),
            counted,
            ((), [incoming.offer.event] if incoming.offer and incoming.offer.event else ()),
            _wished(incoming, turned),
        ]
        back = _say_back(incoming, about, now, turned=turned, once=said_back.id)
        if back is not None and (back.id != said_back.id or found.get(said_back) is None):
            parts.append(([back], ()))
        site = incoming.offer.site if incoming.offer else about.site if about else None
        saved = [each for part, _ in parts for each in part]
        return Change(taken, saved, [each for _, told in parts for each in told], site)

    return await store.update([reply, number, tally, said_back, incoming.talk], hear_out)


async def _once(store: Store, incoming: Incoming, now: datetime) -> str:
    """Return the id of what is said back once alone, however often somebody writes."""
    if incoming.offer is not None:
        # One word an hour on how to write: a machine that answers us is not answered for ever.
        return f"{incoming.offer.contact}-which-{now:%Y%m%d%H}"
    # One thanks for one question, however often it is answered with yes.
    talk = await store.get(Conversation, incoming.talk.id) if incoming.people else None
    asked = talk.about(ReplyCode.YES, now) if talk else None
    return f"{asked.message}-thanks" if asked else ""


def _talk(incoming: Incoming, found: Found) -> Conversation | None:
    if not incoming.people:
        return None
    return found.get(incoming.talk) or Conversation(
        id=incoming.talk.id,
        person=incoming.people[0],
        channel=Channel.SMS,
        number=incoming.number,
    )


def _spoken(
    incoming: Incoming, talk: Conversation | None, about: Said | None, now: datetime
) -> _Part:
    """Keep the text with its conversation, and tell whose answer it is."""
    asks = incoming.question
    kept = Reply(
        id=incoming.id,
        person=talk.person if talk else None,
        book=incoming.book,
        reply=incoming.reply,
        at=now,
        message=about.message if about else None,
        referral=asks.referral if asks else about.referral if about else None,
        text=incoming.text,
        offer=asks.offer if asks else None,
    )
    if talk is None:
        return [kept], ()
    told = [_replied(talk, about, incoming.reply)] if about and incoming.offer is None else []
    return [kept, talk.after_answer(incoming.reply, about, now)], told


def _ask(
    incoming: Incoming, known: AskingTally | None, now: datetime, a_day: int
) -> tuple[Taken, _Part]:
    """Count a call for help, and pass it on as long as its number has not had its day's share."""
    if incoming.asked is None:
        return Taken.YES, ((), ())
    # The database removes it by the machine's clock, which nobody moves.
    forget_at = datetime.now(UTC) + 2 * DAY
    tally = known or AskingTally(id=incoming.number, forget_at=forget_at)
    after, taken = tally.after(now, a_day=a_day, crisis=incoming.crisis, forget_at=forget_at)
    return taken, ([after], [incoming.asked] if taken is Taken.YES else ())


def _turn(known: Suppression | None, incoming: Incoming, now: datetime) -> Suppression | None:
    """Return the number's wish where this text changes it."""
    on = known is not None and known.on
    if incoming.reply is ReplyCode.STOP and not on:
        fresh = known or Suppression(id=incoming.number, on=True, since=now, by="reply")
        return fresh.having(on=True, since=now, by="reply")
    if incoming.reply is ReplyCode.START and known is not None and on:
        return known.having(on=False, since=now, by="reply")
    return None


def _wished(incoming: Incoming, turned: Suppression | None) -> _Part:
    if turned is None:
        return (), ()
    tell = opted_out if turned.on else _opted_in
    return [turned], [tell(person) for person in incoming.people]


def _say_back(
    incoming: Incoming,
    about: Said | None,
    now: datetime,
    *,
    turned: Suppression | None,
    once: str,
) -> Notice | None:
    """Return what is said back: how to write, one confirmation of a stop, one thanks for a yes."""
    if incoming.offer is not None:
        return None if incoming.offer.event else _ask_which(incoming.offer, incoming.id, once, now)
    if not incoming.people:
        return None
    template: Template | None = None
    id: str | None = None
    if turned is not None and turned.on:
        template = Template.STOP_CONFIRMED
    elif (
        incoming.reply is ReplyCode.YES
        and about is not None
        and about.template is Template.FAMILY_DID_HELP_ARRIVE
    ):
        template, id = Template.FAMILY_THANKS, once
    if template is None:
        return None
    notice = notice_for(template, cause=incoming.id, at=now, now=now, book=incoming.book, id=id)
    return notice and notice.having(
        person=incoming.people[0],
        referral=about.referral if about else None,
        site=about.site if about else None,
    )


def _ask_which(unclear: Answered, cause: str, id: str, now: datetime) -> Notice | None:
    notice = notice_for(
        Template.AGENCY_TEXT_WHICH,
        cause=cause,
        at=now,
        now=now,
        book=Book.AGENCIES,
        id=id,
    )
    return notice and notice.having(person=unclear.contact, site=unclear.site)


def _replied(talk: Conversation, about: Said, reply: ReplyCode) -> MessageReplied:
    return MessageReplied(
        conversation=talk.id,
        message=about.message,
        person=talk.person,
        reply=reply,
        template=about.template,
        referral=about.referral,
    )


def opted_out(person: str) -> PersonOptedOut:
    """Return what tells that somebody wants no texts any more."""
    return PersonOptedOut(
        conversation=conversation_of(person, Channel.SMS), person=person, channel=Channel.SMS
    )


def _opted_in(person: str) -> PersonOptedIn:
    return PersonOptedIn(
        conversation=conversation_of(person, Channel.SMS), person=person, channel=Channel.SMS
    )
