"""What notify does: each a plain function whose parameters are what it needs.

Called by events, HTTP and the worker alike. Nothing here opens a sealed value or speaks to another
service: these run in transactions.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from contracts.event import Event
from contracts.messages import MessageQueued
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.chassis.telemetry import current_traceparent
from services.notify.model.contact import Contact
from services.notify.model.conversation import (
    OUTGOING,
    Outgoing,
    Suppression,
)
from services.notify.model.message import Message, Report, ReportKind, hear
from services.notify.model.notice import Notice, after_look
from services.notify.receiving import number_wrong, opted_out


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
    contact = Ref(Contact, known.person)

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
            events = (*events, opted_out(current.person))
        reached = _reached(found.get(contact), current, word, moved=bool(saved))
        if reached is not None:
            saved.append(reached)
            if reached.wrong == known.number:
                events = (*events, number_wrong(reached.id, word.code))
        return Change(None, saved, events, current.site)

    await store.update([ref, number, contact], listen)
    return True


MISSED_AT_MOST = 3
"""Texts in a row that find the handset out of reach, until the number is taken for given up."""


def _reached(
    contact: Contact | None, message: Message, word: Report, *, moved: bool
) -> Contact | None:
    """Return the contact where a report tells something new of their number."""
    if contact is None or contact.erased or message.number is None or not moved:
        return None
    if word.kind is ReportKind.DELIVERED:
        return contact.having(missed=0) if contact.missed else None
    missed = contact.missed + 1 if word.missed else contact.missed
    if (word.dead or missed >= MISSED_AT_MOST) and contact.wrong != message.number:
        return contact.having(wrong=message.number, missed=0)
    return contact.having(missed=missed) if word.missed else None


async def begin_outgoing(store: Store, *, on: bool, now: datetime) -> None:
    """Say where the one switch stands at first; once it was turned, nothing changes any more."""
    ref = Ref(Outgoing, OUTGOING)

    def begin(found: Found) -> Change[Outgoing]:
        known = found.get(ref)
        if known is not None or on:
            return Change(known or Outgoing(id=OUTGOING))
        off = Outgoing(id=OUTGOING).having(on=False, by="first-installation", at=now)
        return Change(off, [off])

    await store.update([ref], begin)


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
