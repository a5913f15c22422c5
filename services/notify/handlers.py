"""What notify does: each a plain function whose parameters are what it needs.

Called by events, HTTP and the worker alike. Nothing here opens a sealed value or speaks to another
service: these run in transactions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.codes import Channel, ReplyCode, Template
from contracts.event import Event
from contracts.help_requests import HelpTexted
from contracts.messages import MessageQueued, MessageReplied, PersonOptedIn, PersonOptedOut
from contracts.sealed import Sealed
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.chassis.telemetry import current_traceparent
from services.notify.model.asking import DAY, AskingTally, Taken
from services.notify.model.contact import Book
from services.notify.model.conversation import (
    OUTGOING,
    Conversation,
    Outgoing,
    Reply,
    Said,
    Suppression,
)
from services.notify.model.message import Message, Report, conversation_of, hear
from services.notify.model.notice import Notice, after_look, notice_for


async def open_notice(store: Store, notice: Notice | None) -> None:
    """Remember that somebody is to be told; a repeat changes nothing."""
    if notice is None:
        return
    ref = Ref(Notice, notice.id)
    fresh = notice.having(trace=notice.trace or current_traceparent())

    def note(found: Found) -> Change[None]:
        return Change(None, [] if found.get(ref) else [fresh])

    await store.update([ref], note)


async def close_look(
    store: Store,
    notice: Notice,
    made: Sequence[tuple[Message, MessageQueued]],
    now: datetime,
    *,
    over: bool,
) -> None:
    """Queue the messages that a look at a notice has come to; those that exist stay as they are."""
    ref = Ref(Notice, notice.id)
    messages = [Ref(Message, message.id) for message, _ in made]

    def close(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None or known.outcome is not None:
            return Change(None)
        fresh = [
            (message, queued)
            for (message, queued), each in zip(made, messages, strict=True)
            if found.get(each) is None and message.person not in known.told
        ]
        people = tuple(message.person for message, _ in made)
        after = after_look(known, people, now, over=over)
        return Change(
            None,
            [after, *(message for message, _ in fresh)],
            [queued for _, queued in fresh],
            notice.site,
        )

    await store.update([ref, *messages], close)


async def change(
    store: Store, message: str, move: Callable[[Message], tuple[Message, Sequence[Event]]]
) -> Message | None:
    """Move one message by a pure step; returns it as it is then, None where there is none."""
    ref = Ref(Message, message)

    def run(found: Found) -> Change[Message | None]:
        known = found.get(ref)
        if known is None:
            return Change(None)
        after, events = move(known)
        return Change(after, [] if after == known else [after], events, known.site)

    return await store.update([ref], run)


async def report(store: Store, message: str, word: Report, now: datetime) -> bool:
    """Take a provider's word on a message; tells whether there is such a message.

    A number that the carrier knows to have opted out is suppressed here too.
    """
    known = await store.get(Message, message)
    if known is None:
        return False
    ref = Ref(Message, message)
    number = Ref(Suppression, known.number or "")

    def listen(found: Found) -> Change[None]:
        current = found.get(ref)
        if current is None:
            return Change(None)
        after, events = hear(current, word, now)
        saved: list[Aggregate] = [] if after == current else [after]
        suppression = found.get(number)
        if word.opted_out and known.number and not (suppression and suppression.on):
            before = suppression or Suppression(id=known.number, on=True, since=now, by="carrier")
            saved.append(before.having(on=True, since=now, by="carrier"))
            events = (*events, _opted_out(current.person))
        return Change(None, saved, events, current.site)

    await store.update([ref, number], listen)
    return True


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that came in.

    Attributes:
        id: the carrier's.
        number: keyed hash of where it came from.
        people: who may have written, the likeliest first.
        text: sealed under the first one's key.
        asked: what it asks for, where it asks for help.
        crisis: its words may tell of danger.
    """

    id: str
    number: str
    reply: ReplyCode
    people: tuple[str, ...]
    book: Book
    text: Sealed | None
    asked: HelpTexted | None = None
    crisis: bool = False


async def receive(store: Store, incoming: Incoming, now: datetime, *, a_day: int) -> Taken:
    """Take a person's answer, once: to their question, or their wish to be left alone.

    Stop and start belong to the number, so everybody on it is said to have opted out or in.

    Args:
        store: where it is kept.
        incoming: the text.
        now: the present moment.
        a_day: requests for help that are taken from one number in 24 hours.
    """
    reply_ref = Ref(Reply, incoming.id)
    number = Ref(Suppression, incoming.number)
    tally_ref = Ref(AskingTally, incoming.number)
    talks = [Ref(Conversation, conversation_of(each, Channel.SMS)) for each in incoming.people]
    # One thanks for one question, however often it is answered with yes.
    talk = await store.get(Conversation, talks[0].id) if talks else None
    asked = talk.about(ReplyCode.YES, now) if talk else None
    thanks = Ref(Notice, f"{asked.message}-thanks" if asked else "")

    def hear_out(found: Found) -> Change[Taken]:
        if found.get(reply_ref) is not None:
            return Change(Taken.YES)
        saved: list[Aggregate] = []
        events: list[Event] = []
        about: Said | None = None
        if talks:
            person = incoming.people[0]
            known = found.get(talks[0]) or Conversation(
                id=talks[0].id, person=person, channel=Channel.SMS, number=incoming.number
            )
            about = known.about(incoming.reply, now)
            saved.append(known.after_answer(incoming.reply, about, now))
            if about is not None:
                events.append(_replied(known, about, incoming.reply))
        saved.append(
            Reply(
                id=incoming.id,
                person=incoming.people[0] if talks else None,
                book=incoming.book,
                reply=incoming.reply,
                at=now,
                message=about.message if about else None,
                referral=about.referral if about else None,
                text=incoming.text,
            )
        )
        taken = Taken.YES
        if incoming.asked is not None:
            # The database removes it by the machine's clock, which nobody moves.
            forget_at = datetime.now(UTC) + 2 * DAY
            tally = found.get(tally_ref) or AskingTally(id=incoming.number, forget_at=forget_at)
            after, taken = tally.after(
                now, a_day=a_day, crisis=incoming.crisis, forget_at=forget_at
            )
            saved.append(after)
            events += [incoming.asked] if taken is Taken.YES else []
        turned = _turn(found.get(number), incoming, now)
        if turned is not None:
            saved.append(turned)
            tell = _opted_out if turned.on else _opted_in
            events += [tell(person) for person in incoming.people]
        answer = _answer(incoming, about, now, turned=turned)
        if answer is not None and (answer.id != thanks.id or found.get(thanks) is None):
            saved.append(answer)
        return Change(taken, saved, events, about.site if about else None)

    return await store.update([reply_ref, number, tally_ref, thanks, *talks], hear_out)


def _turn(known: Suppression | None, incoming: Incoming, now: datetime) -> Suppression | None:
    """Return the number's wish where this text changes it."""
    on = known is not None and known.on
    if incoming.reply is ReplyCode.STOP and not on:
        fresh = known or Suppression(id=incoming.number, on=True, since=now, by="reply")
        return fresh.having(on=True, since=now, by="reply")
    if incoming.reply is ReplyCode.START and known is not None and on:
        return known.having(on=False, since=now, by="reply")
    return None


def _answer(
    incoming: Incoming, about: Said | None, now: datetime, *, turned: Suppression | None
) -> Notice | None:
    """Return what is said back: one confirmation of a stop, one thanks for a yes."""
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
        template, id = Template.FAMILY_THANKS, f"{about.message}-thanks"
    if template is None:
        return None
    notice = notice_for(template, cause=incoming.id, at=now, now=now, book=incoming.book, id=id)
    return notice and notice.having(
        person=incoming.people[0],
        referral=about.referral if about else None,
        site=about.site if about else None,
    )


def _replied(talk: Conversation, about: Said, reply: ReplyCode) -> MessageReplied:
    return MessageReplied(
        conversation=talk.id,
        message=about.message,
        person=talk.person,
        reply=reply,
        template=about.template,
        referral=about.referral,
    )


def _opted_out(person: str) -> PersonOptedOut:
    return PersonOptedOut(
        conversation=conversation_of(person, Channel.SMS), person=person, channel=Channel.SMS
    )


def _opted_in(person: str) -> PersonOptedIn:
    return PersonOptedIn(
        conversation=conversation_of(person, Channel.SMS), person=person, channel=Channel.SMS
    )


async def switch_outgoing(store: Store, *, on: bool, by: str, now: datetime) -> Outgoing:
    """Turn the one switch; where it stands so already nothing changes."""
    ref = Ref(Outgoing, OUTGOING)

    def turn(found: Found) -> Change[Outgoing]:
        known = found.get(ref) or Outgoing(id=OUTGOING)
        if known.on == on:
            return Change(known)
        after = known.having(on=on, by=by, at=now)
        return Change(after, [after])

    return await store.update([ref], turn)
