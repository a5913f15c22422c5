"""The stages of a referral, the two closing rates, and the time until somebody took it.

*Closed* is not *helped*: what the agency reports and what the family says are two numbers, over
the same base, and are never added.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from services.reporting.model.counts import Cell

HOUR = timedelta(hours=1)


class Stage(StrEnum):
    """How far a referral has come. Each of the first six implies those before it.

    `handed-off` are those of the accepted that somebody of the school brought to a place outside
    the network.
    """

    CREATED = "created"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    STARTED = "started"
    PARTNER_CLOSED = "partner-closed"
    FAMILY_VERIFIED = "family-verified"
    DISPUTED = "disputed"
    HANDED_OFF = "handed-off"


_SINCE = (
    (Stage.OFFERED, "offered_at"),
    (Stage.ACCEPTED, "accepted_at"),
    (Stage.STARTED, "started_at"),
    (Stage.PARTNER_CLOSED, "partner_closed_at"),
    (Stage.FAMILY_VERIFIED, "family_verified_at"),
)


def reached(facts: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the stages that a referral has reached.

    A later stage implies the earlier: an agency that reports the end has begun. A dispute that the
    family has taken back by saying yes is still one that there was; a yes that it has taken back by
    saying no is none.
    """
    last = max((place for place, (_, field) in enumerate(_SINCE) if facts.get(field)), default=-1)
    stages = [Stage.CREATED, *(stage for stage, _ in _SINCE[: last + 1])]
    if "disputed_at" in facts:
        stages.append(Stage.DISPUTED)
    if "handed_off_at" in facts:
        stages.append(Stage.HANDED_OFF)
    return tuple(stages)


BUCKETS = (1, 2, 4, 8, 12, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 720)
"""Upper bounds in hours. Fixed, so that contributions can be taken out again: t-digests cannot."""

BEYOND = 9_999
"""Stands for every longer time."""


def hours_bucket(waited: timedelta) -> int:
    """Return the bucket of a waiting time: the least bound that is not below it."""
    return next((bound for bound in BUCKETS if waited <= bound * HOUR), BEYOND)


def median_hours(buckets: Mapping[int, int]) -> int | None:
    """Return within how many hours the middle one was taken; None where there is none.

    The upper bound of its bucket: *at most*, never a figure that pretends to more.
    """
    total = sum(buckets.values())
    below = 0
    for bound in sorted(buckets):
        below += buckets[bound]
        if below * 2 >= total > 0:
            return bound
    return None


def rate(part: int | None, whole: int | None) -> float | None:
    """Return a share, four places; None where either is hidden or nobody is counted."""
    if part is None or not whole:
        return None
    return round(part / whole, 4)


def histogram(found: Iterable[Cell]) -> dict[int, int]:
    """Return the waiting times of cells, by bucket."""
    sums: dict[int, int] = {}
    for cell in found:
        sums[int(cell.of)] = sums.get(int(cell.of), 0) + cell.value
    return sums
