"""A lane: what one endpoint is still to be sent of one referral, in order. Pure.

Lanes go side by side: a delivery that fails holds up its own referral at its own endpoint only.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from services.chassis.aggregate import Aggregate, Document

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Waits after the first, second … failure; after the last one's failure it is given up."""

JITTER = 0.2
"""By how much of itself a wait is made longer at most, so that retries do not come together."""

LONGEST_ASKED = timedelta(hours=24)
"""What a `Retry-After` is taken for at most."""

HELD = timedelta(seconds=60)
"""How long a delivery under way is left alone: longer than the longest attempt."""

MOST_QUEUED = 10_000


class Lane(Aggregate):
    """What waits for one endpoint and one referral.

    Attributes:
        queue: numbers of entries, the next one first.
        failures: of the first one, so far.
        next_due: when it is tried; None where nothing waits.
    """

    COLLECTION: ClassVar[str] = "subscription_lanes"
    STAMPED: ClassVar[bool] = True

    endpoint: str
    agency: str
    referral: str
    queue: tuple[int, ...] = ()
    failures: int = 0
    next_due: datetime | None = None

    @property
    def head(self) -> int | None:
        """The number that is sent next."""
        return self.queue[0] if self.queue else None

    def to_document(self) -> Document:
        """Return the BSON form; what is idle is forgotten after a while."""
        document: dict[str, Any] = super().to_document()
        return {**document, "idle": not self.queue}

    def put(self, numbers: Iterable[int], now: datetime, *, at_once: bool = False) -> "Lane":
        """Return it with further numbers waiting, in the feed's order; each waits once.

        What is replayed goes before what waits and happened later: who builds a referral up again
        from a replay reads it in its order.

        Args:
            numbers: of entries, in order.
            now: the present.
            at_once: try what is first now, even where it waits for its next try.
        """
        fresh = [each for each in dict.fromkeys(numbers) if each not in self.queue]
        if not (fresh or at_once):
            return self
        queue = tuple(sorted((*self.queue, *fresh)))[:MOST_QUEUED]
        due = now if at_once or self.next_due is None else self.next_due
        # Failures are counted of the first one; another one before it has none yet.
        failures = self.failures if queue[:1] == self.queue[:1] else 0
        return self.having(queue=queue, failures=failures, next_due=due if queue else None)

    def hold(self, now: datetime) -> "Lane":
        """Return it with its first one under way; should nobody report, it is tried again."""
        return self.having(next_due=now + HELD)

    def let_go(self, now: datetime) -> "Lane":
        """Return it due at once: it was held, and not tried."""
        return self if self.head is None else self.having(next_due=now)

    def delivered(self, number: int, now: datetime) -> "Lane":
        """Return it without what has arrived."""
        if self.head != number:
            return self
        rest = self.queue[1:]
        return self.having(queue=rest, failures=0, next_due=now if rest else None)

    def failed(
        self, number: int, now: datetime, *, chance: float, asked: timedelta | None = None
    ) -> "Lane":
        """Return it with its first one waiting for the next try, or given up.

        Args:
            number: which one failed.
            now: the present.
            chance: from 0 up to 1, for the jitter.
            asked: for how long the receiver asked to be left alone.
        """
        if self.head != number:
            return self
        if self.failures >= len(RETRIES):
            return self.delivered(number, now)
        wait = RETRIES[self.failures] * (1 + JITTER * chance)
        if asked is not None:
            wait = max(wait, min(asked, LONGEST_ASKED))
        return self.having(failures=self.failures + 1, next_due=now + wait)


def lane_id(endpoint: str, referral: str) -> str:
    """Return the id of a lane."""
    return f"{endpoint}:{referral}"
