"""Who goes first when a seat comes free: by which policy, why, and how long it has taken. Pure.

A place is given by one policy of four. What it goes by besides time comes with the offer as a
number or a flag: partner never learns what stands behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from services.partner.model.waitlist_words import Worded, worded

FEWEST = 5
"""Promotions below which nothing is said of how long it takes: it would be luck, or one child's."""

REMEMBERED = 100
"""Promotions of a service at a school that are kept."""

_MEASURED_OVER = timedelta(days=365)
_WEEKS_FROM = timedelta(days=14)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_NO_TIER = 0


class WaitlistPolicy(Code):
    """What decides who gets a free seat; among equals always the longest waiting."""

    FIRST_COME = "first-come"
    URGENCY = "urgency"
    TIER = "tier"
    SIBLING = "sibling"


class Waiting(BaseModel):
    """One who waits for a seat.

    Attributes:
        priority: the class of the referral's urgency; 0 goes first.
        tier: of support, 1 to 3, of which 3 is the most; None where the school has set none.
        sibling: a child of the same household is or was with this service.
    """

    model_config = ConfigDict(frozen=True)

    referral: str
    offer: str
    priority: int
    since: datetime
    tier: int | None = None
    sibling: bool = False


class Promotion(BaseModel):
    """A seat that went to one who waited."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Waitlists:
    """How waitlists go where nobody has chosen otherwise.

    Attributes:
        policy: where neither an agreement nor the service has chosen one.
        answer_within: how long a promoted child's seat waits for the consent that may be missing
            still, before it goes to the next.
    """

    policy: WaitlistPolicy = WaitlistPolicy.URGENCY
    answer_within: timedelta = timedelta(days=2)


def line(waitlist: Iterable[Waiting], policy: WaitlistPolicy) -> tuple[Waiting, ...]:
    """Return who waits, in the order in which free seats go to them."""
    return tuple(sorted(waitlist, key=lambda each: (_first(each, policy), each.since, each.offer)))


def _first(waiting: Waiting, policy: WaitlistPolicy) -> int:
    match policy:
        case WaitlistPolicy.URGENCY:
            return waiting.priority
        case WaitlistPolicy.TIER:
            return -(waiting.tier or _NO_TIER)
        case WaitlistPolicy.SIBLING:
            return 0 if waiting.sibling else 1
        case _:  # first come, and one of a later release
            return 0


def reasons(waiting: Waiting, policy: WaitlistPolicy, *, blind: bool) -> tuple[Worded, ...]:
    """Return why one has the place that it has, in both languages.

    Args:
        waiting: who waits.
        policy: in force.
        blind: for the agency, which does not know the child yet: neither its tier nor that a
            sibling is there, which would tell it the family.
    """
    since = worded("since", waiting.since.date().isoformat())
    match policy:
        case WaitlistPolicy.URGENCY:
            return worded(f"urgency-{min(max(waiting.priority, 0), 3)}"), since
        case WaitlistPolicy.TIER if blind:
            return worded("by-tier"), since
        case WaitlistPolicy.TIER:
            tier = worded("tier", waiting.tier) if waiting.tier else worded("no-tier")
            return tier, since
        case WaitlistPolicy.SIBLING if blind:
            return worded("by-sibling"), since
        case WaitlistPolicy.SIBLING:
            return worded("sibling" if waiting.sibling else "no-sibling"), since
        case _:
            return worded("first-come"), since


@dataclass(frozen=True, slots=True)
class Wait:
    """How long it has taken until a seat came free.

    Attributes:
        days: the middle of the last year's promotions; None with too few to say.
        promotions: how many they were; None where they are too few to say.
        said: in words.
    """

    days: int | None
    promotions: int | None
    said: Worded


def measured(promotions: Sequence[Promotion], now: datetime) -> Wait:
    """Return how long those waited who got a seat in the last year."""
    waits = [each.at - each.since for each in promotions if now - each.at <= _MEASURED_OVER]
    if len(waits) < FEWEST:
        return Wait(None, None, worded("wait-unknown", FEWEST))
    middle = timedelta(seconds=max(0.0, median(each.total_seconds() for each in waits)))
    days, count = max(1, round(middle / _DAY)), len(waits)
    if middle >= _WEEKS_FROM:
        said = worded("wait-weeks", round(middle / _WEEK), count)
    else:
        said = worded("wait-days" if days > 1 else "wait-day", days, count)
    return Wait(days, count, said)
