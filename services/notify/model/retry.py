"""When a message is tried again that a provider has refused for certain, and for now. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Refusal(StrEnum):
    """Why a provider took nothing."""

    NOT_REACHED = "not-reached"
    BUSY = "busy"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the pauses grow.

    Attributes:
        most: how many tries; None: until the message is no news any more.
    """

    first: timedelta
    longest: timedelta
    most: int | None


SCHEDULES = {
    # A connection that failed may succeed in a moment.
    Refusal.NOT_REACHED: Schedule(timedelta(seconds=5), timedelta(minutes=10), 12),
    # It has said that it has too much to do: asking soon makes it worse.
    Refusal.BUSY: Schedule(timedelta(seconds=30), timedelta(hours=1), 8),
    # Our account is the operator's to mend; nobody's message is lost over it.
    Refusal.ACCOUNT: Schedule(timedelta(minutes=1), timedelta(minutes=15), None),
}

_SPREAD = 0.25


def pause(
    refusal: Refusal, attempts: int, message: str, asked: timedelta | None = None
) -> timedelta | None:
    """Return how long to wait before the next try; None where there is none.

    Args:
        refusal: why nothing was taken.
        attempts: tries that were made.
        message: its id: each waits a little longer than the last, so that a thousand that were
            refused in one moment do not come back in one.
        asked: how long the provider asks to be left alone; never less.
    """
    schedule = SCHEDULES[refusal]
    if schedule.most is not None and attempts >= schedule.most:
        return None
    grown = min(schedule.first * (1 << min(max(attempts - 1, 0), 20)), schedule.longest)
    part = hashlib.sha256(message.encode("utf-8")).digest()[0] / 255
    return max(grown, asked or timedelta()) + grown * _SPREAD * part
