"""Whether a message may go out now. Pure; asked twice, the second time in the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import Channel, NotSentReason
from services.notify.model.contact import Reach
from services.notify.model.hours import limited_until, quiet_until
from services.notify.model.message import Message
from services.notify.model.rules import rule_of

SWITCHED_OFF_LOOK = timedelta(seconds=15)
TALKING = timedelta(minutes=30)
"""How long after their last text somebody is awake and waits for an answer."""

_FIRST_LOOK = timedelta(seconds=1)
_LONGEST_LOOK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so at this moment.

    Attributes:
        known: the contact is in the book, erased or not.
        reach: its opened profile; None where it was erased.
        suppressed: the number wants no texts.
        wrong: the number is not this person's, or takes no texts.
        outgoing: the switch is on.
        counted: when this person got the texts that count.
        urgent: the referral is.
        heard: when this person last wrote to us.
    """

    known: bool
    reach: Reach | None
    suppressed: bool
    outgoing: bool
    counted: Sequence[datetime]
    urgent: bool
    texts_a_week: int
    heard: datetime | None = None
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Go:
    """Send it. `bypassed` names a limit that does not hold an urgent one."""

    reach: Reach
    address: str
    bypassed: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Cancel:
    """Not any more."""

    reason: NotSentReason


Verdict = Go | Wait | Cancel


def judge(message: Message, facts: Facts, now: datetime) -> Verdict:
    """Decide, the reasons that are final first."""
    if now >= message.expires:
        return Cancel(NotSentReason.TOO_LATE)
    if not facts.known:
        return Wait("contact", later(message, now))
    if facts.reach is None:
        return Cancel(NotSentReason.ERASED)
    rule = rule_of(message.template)
    if not facts.reach.may_be_told and not rule.danger:
        return Cancel(NotSentReason.MAY_NOT_BE_TOLD)
    address = facts.reach.address(message.channel)
    wrong = facts.wrong and message.channel is Channel.SMS and not rule.danger
    if address is None or wrong:
        return Cancel(NotSentReason.NO_ADDRESS)
    if facts.suppressed and not rule.after_stop and not _owed(message):
        return Cancel(NotSentReason.OPTED_OUT)
    if not facts.outgoing:
        return Wait("switched-off", now + SWITCHED_OFF_LOOK)
    return _in_its_time(message, facts, facts.reach, address, now)


def _owed(message: Message) -> bool:
    """Tell whether a mail was asked for a moment ago: a code, by who wants no other mail."""
    return message.channel is Channel.EMAIL and rule_of(message.template).owed


def _in_its_time(
    message: Message, facts: Facts, reach: Reach, address: str, now: datetime
) -> Verdict:
    """Hold families' texts to their hours and to the week's limit."""
    rule = rule_of(message.template)
    if message.channel is not Channel.SMS:
        return Go(reach, address)
    talking = rule.talk and facts.heard is not None and now - facts.heard < TALKING
    if rule.quiet and not talking:
        opens = quiet_until(now, reach.zone, reach.reach_from, reach.reach_until)
        if opens is not None and opens >= message.expires:
            opens = quiet_until(now, reach.zone)  # rather in the hours of all than never
        if opens is not None:
            return Wait("quiet-hours", opens)
    free = limited_until(facts.counted, facts.texts_a_week, now, reach.zone)
    if not rule.capped or free is None:
        return Go(reach, address)
    if facts.urgent:
        return Go(reach, address, bypassed="week-limit")
    if free >= message.expires:
        return Cancel(NotSentReason.WEEK_LIMIT)
    return Wait("week-limit", free)


def later(message: Message, now: datetime) -> datetime:
    """Return the next look at a message that waits for something that tells no time."""
    return now + min(_FIRST_LOOK * (1 << min(message.tries, 10)), _LONGEST_LOOK)
