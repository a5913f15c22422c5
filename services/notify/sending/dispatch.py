"""Sends one message that is due, in four steps of which a crash may come between any two.

1. Outside a transaction: open the contact, ask referral, write the words.
2. In one transaction: everything is looked at again, and the intent is written.
3. The provider is called; no transaction is open.
4. In one transaction: what came of it. Without step 4 the message is *unknown*, never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import Channel, NotSentReason, Urgency
from contracts.event import Event
from contracts.sealed import Sealed
from services.chassis.store import Aggregate, Change, Found, Ref
from services.notify import handlers
from services.notify.model.cause import KnownReferral
from services.notify.model.contact import Contact, Reach
from services.notify.model.conversation import OUTGOING, Conversation, Outgoing, Suppression
from services.notify.model.judge import Cancel, Facts, Go, Verdict, Wait, judge, later
from services.notify.model.message import Message, cancel, park, start, wait
from services.notify.model.rules import Priority, rule_of
from services.notify.model.segments import count_parts
from services.notify.providers.base import Parcel
from services.notify.sending.budgets import Cost
from services.notify.sending.checks import Leave
from services.notify.sending.merging import as_one, held_with
from services.notify.sending.tools import Tools
from services.notify.store import is_answered, told_before
from services.notify.wording.grammar import MissingValueError
from services.notify.wordings import in_force
from services.notify.words import Written

UNDO_LOOK = timedelta(seconds=20)
"""How soon a text is looked at again whose asking can still be undone."""


_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class _Opened:
    """A contact as it was opened; compared again in the transaction."""

    contact: Contact | None
    reach: Reach | None
    number: str | None
    mailbox: str | None
    urgent: bool
    crisis: bool

    @property
    def suppression(self) -> Ref[Suppression]:
        """Where the wish of this number or mail address stands for getting nothing more."""
        return Ref(Suppression, self.number or self.mailbox or "")


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is about to be sent.

    Attributes:
        merged: messages that the night has held, of which it tells as well.
    """

    written: Written
    kept: Sealed | None
    merged: tuple[Message, ...] = ()


async def send(tools: Tools, id: str) -> None:
    """Take a message as far as it goes now.

    Raises:
        PyMongoError: a database is away; before the intent it stays due, after it is *unknown*.
    """
    message = await tools.store.get(Message, id)
    if message is None or not message.pending:
        return
    now = tools.clock.now()
    opened = await _open(tools, message)
    ready: _Ready | None = None
    verdict = await _look(tools, message, opened, now)
    if isinstance(verdict, Go):
        try:
            ready = await _write(tools, message, opened, verdict.reach, now)
        except MissingValueError as error:
            # Rather nothing than *Hola None*: it is parked until somebody mends what is missing.
            reason = str(error)[:_LONGEST_REASON]
            await handlers.change(tools.store, message.id, lambda each: park(each, reason, now))
            return
        if message.channel is Channel.SMS:
            # Before the intent: what waits its turn has not been asked of anybody.
            await tools.pace.turn(Priority(message.priority))
    sending = await _decide(tools, message, opened, verdict, ready)
    if sending is None or ready is None:
        return
    address, message = sending
    provider = tools.providers[message.channel]
    parcel = _parcel(message, address, ready.written)
    word = await provider.send(parcel)
    await handlers.report(tools.store, message.id, word, tools.clock.now())


async def _look(tools: Tools, message: Message, opened: _Opened, now: datetime) -> Verdict:
    """Decide outside the transaction, with what other services and older messages say."""
    verdict = await _judge(tools, message, opened, now)
    if isinstance(verdict, Go) and await told_before(tools.store, message):
        verdict = Cancel(NotSentReason.ALREADY_TOLD)
    if isinstance(verdict, Go) and await is_answered(tools.store, message):
        verdict = Cancel(NotSentReason.CAUSE_GONE)
    if isinstance(verdict, Go):
        verdict = await _with_leave(tools, message, verdict, now)
    return verdict


def _parcel(message: Message, address: str, written: Written) -> Parcel:
    return Parcel(
        message.id,
        address,
        written.body,
        written.subject,
        html=written.html,
        sender=written.sender,
        tag=message.site or "",
        languages=tuple(each for each in (message.language, message.also) if each),
        stop_url=written.stop_url,
        calendar=written.calendar,
    )


async def _open(tools: Tools, message: Message) -> _Opened:
    contact = await tools.store.get(Contact, message.person)
    reach = await tools.book.open(contact) if contact else None
    referral = await tools.store.get(KnownReferral, message.referral) if message.referral else None
    number = mailbox = None
    if reach is not None and message.channel is Channel.SMS:
        number = tools.book.number_of(reach.phone)
    if reach is not None and message.channel is Channel.EMAIL:
        mailbox = tools.book.mailbox_of(reach.email)
    urgent = referral is not None and referral.urgent
    crisis = referral is not None and referral.urgency is Urgency.CRISIS
    return _Opened(contact, reach, number, mailbox, urgent=urgent, crisis=crisis)


async def _judge(tools: Tools, message: Message, opened: _Opened, now: datetime) -> Verdict:
    refs = _refs(message, opened)
    found = {ref: each for ref in refs if (each := await tools.store.get(ref.kind, ref.id))}
    return judge(message, _facts(tools, message, opened, Found(found)), now)


async def _with_leave(tools: Tools, message: Message, go: Go, now: datetime) -> Verdict:
    """Ask referral about whatever speaks of a child."""
    if not rule_of(message.template).checked or message.referral is None:
        return go
    leave = await tools.checks.ask(message)
    if leave is Leave.GIVEN:
        return go
    if leave is Leave.UNREACHABLE:
        return Wait("referral", later(message, now))
    if isinstance(leave, datetime):
        # Looked at again before then: an agency may answer, or the asking may be undone.
        return Wait("undo", min(leave, now + UNDO_LOOK))
    return Cancel(leave)


async def _write(
    tools: Tools, message: Message, opened: _Opened, reach: Reach, now: datetime
) -> _Ready:
    """Write the words.

    Raises:
        MissingValueError: a value that the words need is missing.
    """

    async def may_go(other: Message) -> bool:
        return isinstance(await _look(tools, other, opened, now), Go)

    merged = await held_with(tools.store, message, may_go)
    talk = await tools.store.get(Conversation, message.conversation)
    said = await tools.book.read(message.book, message.said)
    shown = as_one(message, merged) if merged else message
    written = tools.words.write(
        shown,
        name=reach.name,
        zone=reach.zone,
        site=tools.sites.get(message.site or ""),
        first=talk is None or talk.owes_stop(tools.clock.now()),
        source=await in_force(tools.store, shown.template),
        said=said or "",
    )
    kept = await tools.book.seal(message.book, message.person, written.kept)
    return _Ready(written, kept, merged)


def _refs(message: Message, opened: _Opened) -> tuple[Ref[Any], ...]:
    return (
        Ref(Message, message.id),
        Ref(Conversation, message.conversation),
        Ref(Contact, message.person),
        opened.suppression,
        Ref(Outgoing, OUTGOING),
    )


def _facts(tools: Tools, message: Message, opened: _Opened, found: Found) -> Facts:
    contact = found.get(Ref(Contact, message.person))
    talk = found.get(Ref(Conversation, message.conversation))
    suppression = found.get(opened.suppression)
    switch = found.get(Ref(Outgoing, OUTGOING))
    # A profile that has changed since it was opened, or whose key is not there yet, is opened at
    # the next look.
    same = (
        contact is not None
        and opened.contact is not None
        and contact.profile == opened.contact.profile
    )
    known = contact is not None and same and (opened.reach is not None or contact.erased)
    return Facts(
        known=known,
        reach=opened.reach,
        suppressed=suppression is not None and suppression.on,
        outgoing=switch is None or switch.on,
        counted=talk.others(message.id) if talk else (),
        urgent=opened.urgent,
        texts_a_week=tools.texts_a_week,
        heard=talk.heard if talk else None,
        wrong=contact is not None and opened.number is not None and contact.wrong == opened.number,
    )


async def _decide(
    tools: Tools,
    message: Message,
    opened: _Opened,
    verdict: Verdict,
    ready: _Ready | None,
) -> tuple[str, Message] | None:
    """Write what is decided; returns address and message where the intent to send was written."""
    now = tools.clock.now()
    parts = count_parts(ready.written.body) if ready else 0
    cost = Cost.of(message, parts, now, tools.zone, crisis=opened.crisis)
    merged = ready.merged if ready else ()
    with_it: list[Ref[Any]] = [Ref(Message, each.id) for each in merged]
    refs = (*_refs(message, opened), *with_it, *cost.refs)
    body_hash = tools.book.hash(ready.written.body) if ready else ""

    def run(found: Found) -> Change[tuple[str, Message] | None]:
        now = tools.clock.now()
        current = found.get(Ref(Message, message.id))
        if current is None or current.version != message.version or not current.pending:
            return Change(None)  # another worker was there first
        final = verdict
        if isinstance(final, Go):
            final = judge(current, _facts(tools, current, opened, found), now)
        if isinstance(final, Go):
            final = cost.held(found, now) or final
        events: tuple[Event, ...] = ()
        match final:
            case Cancel():
                after, told = cancel(current, final.reason, now)
                events = tuple(told)
                return Change(None, [after], events, current.site)
            case Wait():
                return Change(None, [wait(current, final.reason, final.until, now)])
            case Go():
                if not _still([found.get(each) for each in with_it], merged) or not all(
                    isinstance(judge(each, _facts(tools, each, opened, found), now), Go)
                    for each in merged
                ):
                    return Change(None)  # it is looked at again, by itself
                after = start(
                    current,
                    number=opened.number,
                    body_hash=body_hash,
                    text=ready.kept if ready else None,
                    bypassed=final.bypassed,
                    now=now,
                    merged=tuple(each.id for each in merged),
                    parts=cost.parts,
                    month=cost.month if cost.parts else None,
                )
                gone = [cancel(each, NotSentReason.MERGED, now) for each in merged]
                talk = found.get(Ref(Conversation, current.conversation)) or Conversation(
                    id=current.conversation, person=current.person, channel=current.channel
                )
                tells_stop = ready is not None and ready.written.tells_stop
                spoken = talk.after_sending(current, opened.number, now, tells_stop=tells_stop)
                saved: list[Aggregate] = [after, spoken, *(each for each, _ in gone)]
                saved += cost.counted(found)
                told = [event for _, events in gone for event in events]
                return Change((final.address, after), saved, told, current.site)

    return await tools.store.update(refs, run)


def _still(found: Sequence[Message | None], merged: Sequence[Message]) -> bool:
    """Tell whether nobody has moved those that go with it meanwhile."""
    versions = [each.version if each else None for each in found]
    return versions == [each.version for each in merged]
