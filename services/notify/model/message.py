"""A message to one person on one channel, and its way to the handset. Pure.

At most once is the promise: what may have gone out is never sent again. States are named as GOV.UK
Notify names them; reports come out of order and are ranked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from contracts.agencies import PaperKind
from contracts.code import Code
from contracts.codes import Channel, Language, NotSentReason, Template
from contracts.event import Event
from contracts.messages import (
    FailureKind,
    MessageCancelled,
    MessageDelivered,
    MessageFailed,
    MessageSent,
    MessageUnknown,
)
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.notify.model.cause import LinkSource, Many
from services.notify.model.contact import Book
from services.notify.model.retry import Refusal, pause
from services.notify.model.rules import Priority

ANSWER_WITHIN = timedelta(seconds=60)
"""A message still `sending` after this has lost its answer; longer than any provider's timeout."""

SETTLE_WITHIN = timedelta(minutes=15)
"""How long the provider is asked for a message whose answer was lost; then a person is shown it."""

_SETTLE_EVERY = timedelta(seconds=30)

_IDS = UUID("6f1f3a52-6e2b-5f0e-9d7c-4b7f6a0c2d10")


class State(Code):
    """Where a message is."""

    CREATED = "created"
    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    TECHNICAL_FAILURE = "technical-failure"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    PARKED = "parked"


PENDING = frozenset({State.CREATED, State.WAITING})

ON_ITS_WAY = frozenset({State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED})
"""Those of a message that its recipient has, or may have."""

_RANKS = {
    State.CREATED: 0,
    State.WAITING: 0,
    State.SENDING: 1,
    State.UNKNOWN: 2,
    State.SENT: 3,
    State.TEMPORARY_FAILURE: 4,
    State.PERMANENT_FAILURE: 4,
    State.TECHNICAL_FAILURE: 4,
    State.DELIVERED: 5,
    State.CANCELLED: 6,
    State.PARKED: 6,
}


class Message(Aggregate):
    """One message.

    Attributes:
        cause: id of the event; with person and channel it makes the id, so that a repeat of the
            event cannot make a second message.
        language: of the words; `reads` is what the person reads, where that is another.
        also: a second language in which the words follow, for who reads none that we write.
        round: of asking agencies, which it tells of.
        claim: the agency's yes that it tells of.
        paper: of an agreement, which it speaks of.
        many: how many offers it speaks of, where they were made at once.
        appointment: which it speaks of; once that has moved, nobody is told of it any more.
        choices: when the questions were asked of which one is to be named.
        said: a colleague's name, and in the next line their words, sealed.
        expires: after this its cause is no news.
        since: when `state` last changed.
        waits_for: a slug, while it waits.
        tries: how often it was looked at in vain; spaces the looks.
        attempts: how often a provider was asked.
        asked_at: when the provider was last asked.
        number: keyed hash of the number it went to.
        body_hash: keyed hash of the words, to find them in the provider's list.
        parts: of a text, as the carrier bills them.
        month: in which it was sent, at the district's place, as `2026-11`.
        text: the words as sent, without the links' secrets, sealed under the person's key.
        provider: which one took it, or may have.
        provider_id: the provider's own.
        code: the provider's, of a failure.
        reason: why it was cancelled, or what was missing when it was parked.
        merged: ids of those that it tells of as well.
        bypassed: the limit that did not hold it because the referral is urgent.
        trace: W3C trace context of the change that caused it.
        priority: what goes before it.
    """

    COLLECTION: ClassVar[str] = "messages"

    cause: str
    template: Template
    person: str
    book: Book
    channel: Channel
    conversation: str
    language: Language
    reads: Language
    also: Language | None = None
    referral: str | None
    round: int | None = None
    claim: str | None = None
    site: str | None
    links: tuple[LinkSource, ...]
    paper: PaperKind | None = None
    many: Many | None = None
    appointment: datetime | None = None
    answer_by: datetime | None
    choices: tuple[datetime, ...] = ()
    said: Sealed | None = None
    caused_at: datetime
    expires: datetime
    created_at: datetime
    since: datetime
    state: State = State.CREATED
    waits_for: str | None = None
    tries: int = 0
    attempts: int = 0
    asked_at: datetime | None = None
    number: str | None = None
    trace: str | None = None
    body_hash: str | None = None
    parts: int = 0
    month: str | None = None
    text: Sealed | None = None
    provider: str | None = None
    provider_id: str | None = None
    code: str | None = None
    reason: str | None = None
    merged: tuple[str, ...] = ()
    bypassed: str | None = None
    priority: int = Priority.USUAL
    next_due: datetime | None = None

    @property
    def pending(self) -> bool:
        """Whether it may still be sent."""
        return self.state in PENDING


class ReportKind(StrEnum):
    """What a provider says of a message."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    TECHNICAL = "technical"
    NOT_NOW = "not-now"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """A provider's word on a message, by its answer, a callback or its list.

    Attributes:
        kind: NOT_NOW is a refusal that is certain and passes; UNKNOWN an answer that was lost.
        code: the provider's own, of a failure.
        retry_after: how long it asks to be left alone.
        opted_out: the provider knows that this number wants no texts.
        dead: nobody has the number, or it takes no texts; sending there again is in vain.
        missed: the handset was out of reach.
        refusal: why nothing was taken for now.
        provider: who says so.
    """

    kind: ReportKind
    provider_id: str | None = None
    code: str | None = None
    retry_after: timedelta | None = None
    opted_out: bool = False
    dead: bool = False
    missed: bool = False
    refusal: Refusal = Refusal.BUSY
    provider: str | None = None


Step = tuple[Message, Sequence[Event]]


def message_id(cause: str, person: str, channel: Channel) -> str:
    """Return the id that this cause, person and channel always have."""
    return str(uuid5(_IDS, f"{cause}|{person}|{channel}"))


def conversation_of(person: str, channel: Channel) -> str:
    """Return the id of a person's conversation on a channel."""
    return f"{person}-{channel}"


def wait(message: Message, reason: str, until: datetime, now: datetime) -> Message:
    """Return the message put off."""
    return message.having(
        state=State.WAITING,
        since=message.since if message.state is State.WAITING else now,
        waits_for=reason,
        tries=message.tries + 1,
        next_due=until,
    )


def cancel(message: Message, reason: NotSentReason, now: datetime) -> Step:
    """Return the message given up before it was sent."""
    after = message.having(
        state=State.CANCELLED, since=now, reason=reason, waits_for=None, next_due=None
    )
    gone = MessageCancelled(
        conversation=message.conversation,
        message=message.id,
        reason=reason,
        referral=message.referral,
    )
    return after, (gone,)


def park(message: Message, missing: str, now: datetime) -> Step:
    """Return the message put aside because its words cannot be written, until it is released."""
    if not message.pending:
        return message, ()
    after = message.having(
        state=State.PARKED, since=now, reason=missing, waits_for=None, next_due=None
    )
    failed = MessageFailed(
        conversation=message.conversation,
        message=message.id,
        kind=FailureKind.TECHNICAL,
        code="parked",
        referral=message.referral,
    )
    return after, (failed,)


def release(message: Message, now: datetime) -> Step:
    """Return a parked message as it was before; every rule is asked again before it goes."""
    if message.state is not State.PARKED:
        return message, ()
    return message.having(state=State.CREATED, since=now, reason=None, next_due=now), ()


def start(
    message: Message,
    *,
    number: str | None,
    body_hash: str,
    text: Sealed | None,
    bypassed: str | None,
    now: datetime,
    merged: tuple[str, ...] = (),
    parts: int = 0,
    month: str | None = None,
) -> Message:
    """Return the message with the intent to send it, which is written before the provider's call.

    From here on it is never sent again unless the provider refuses it for certain.
    """
    return message.having(
        state=State.SENDING,
        since=now,
        waits_for=None,
        attempts=message.attempts + 1,
        asked_at=now,
        number=number,
        body_hash=body_hash,
        parts=parts,
        month=month,
        text=text,
        bypassed=bypassed,
        merged=merged,
        next_due=now + ANSWER_WITHIN,
    )


def hear(message: Message, report: Report, now: datetime) -> Step:
    """Return the message after a report, and what it tells; an older word changes nothing."""
    sid = message.provider_id
    if sid is not None and report.provider_id is not None and sid != report.provider_id:
        return message, ()
    if report.kind is ReportKind.NOT_NOW:
        return _refused_for_now(message, report, now)
    state = _STATE_OF[report.kind]
    if _RANKS[state] <= _RANKS[message.state]:
        return message, ()
    after = message.having(
        state=state,
        since=now,
        waits_for=None,
        provider=report.provider or message.provider,
        provider_id=sid or report.provider_id,
        code=report.code if state in _FAILURE_OF else message.code,
        next_due=now + _SETTLE_EVERY if state is State.UNKNOWN else None,
    )
    return after, _told(message, after)


def lose_answer(message: Message, now: datetime) -> Step:
    """Return a message whose provider has not answered in time."""
    return hear(message, Report(ReportKind.UNKNOWN), now)


def still_unknown(message: Message, now: datetime) -> Message:
    """Return a message that the provider's list does not show; after a while a person must look."""
    asked = message.asked_at or message.since
    late = now - asked >= SETTLE_WITHIN
    return message.having(next_due=None if late else now + _SETTLE_EVERY)


_STATE_OF = {
    ReportKind.ACCEPTED: State.SENT,
    ReportKind.DELIVERED: State.DELIVERED,
    ReportKind.TEMPORARY: State.TEMPORARY_FAILURE,
    ReportKind.PERMANENT: State.PERMANENT_FAILURE,
    ReportKind.TECHNICAL: State.TECHNICAL_FAILURE,
    ReportKind.UNKNOWN: State.UNKNOWN,
}

_FAILURE_OF = {
    State.TEMPORARY_FAILURE: FailureKind.TEMPORARY,
    State.PERMANENT_FAILURE: FailureKind.PERMANENT,
    State.TECHNICAL_FAILURE: FailureKind.TECHNICAL,
}


def _refused_for_now(message: Message, report: Report, now: datetime) -> Step:
    """Try again later: the provider has said for certain that it did not take the message."""
    if message.state not in {State.SENDING, State.UNKNOWN}:
        return message, ()
    again = pause(report.refusal, message.attempts, message.id, report.retry_after)
    if again is None:
        return hear(message, Report(ReportKind.TEMPORARY, code=report.code), now)
    after = message.having(state=State.WAITING, since=now, code=report.code)
    return wait(after, "provider", now + again, now), ()


def _told(before: Message, after: Message) -> Sequence[Event]:
    """Return the events of a move; one that was delivered was also sent, whoever told it first."""
    common: dict[str, Any] = {
        "conversation": after.conversation,
        "message": after.id,
        "referral": after.referral,
    }
    sent = MessageSent(
        template=after.template,
        channel=after.channel,
        person=after.person,
        **common,
    )
    if after.state is State.SENT:
        return (sent,)
    if after.state is State.DELIVERED:
        known = before.state is State.SENT or before.state in _FAILURE_OF
        delivered = MessageDelivered(**common)
        return (delivered,) if known else (sent, delivered)
    if after.state is State.UNKNOWN:
        return (MessageUnknown(**common),)
    return (MessageFailed(kind=_FAILURE_OF[after.state], code=after.code or "", **common),)
