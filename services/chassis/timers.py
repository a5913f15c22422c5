"""Due times: an indexed `next_due` on the aggregate it belongs to, and a sweep that claims it.

Contract, with the tests named after it in `docs/due-times.md`:
1. A due time that has passed fires once, however long everything was down.
2. One that no longer applies never fires: the sweep runs the same pure decision as any command.
3. One aggregate that fails does not hold up the others; nor does one whose time does not move on.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import structlog
from pymongo.errors import PyMongoError

from services.chassis.clock import Clock
from services.chassis.database import is_passing
from services.chassis.lease import Lease
from services.chassis.store import Aggregate, Change, Store
from services.chassis.telemetry import meter

log = structlog.get_logger()

A = TypeVar("A", bound=Aggregate)

_fired = meter.create_counter("enlace.timers.fired", unit="{timer}")

BATCH = 1_000
"""How many a look takes up."""
SLICE = 100
"""How many stand in one transaction: a commit costs as much as the work of some thirty."""
_FIRST_PENALTY = 30.0
_MAX_PENALTY = 3_600.0


class StoodStillError(Exception):
    """A decision fired and left the aggregate's due time where it was."""


class Sweep(Generic[A]):
    """Fires the due times of one kind of aggregate.

    Args:
        decide: pure; what the passing of time does to the aggregate, for `Store.update`. It must
            move the field `next_due` on, or clear it. Called only while that time has passed.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        kind: type[A],
        decide: Callable[[A, datetime], Change[None]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._kind = kind
        self._decide = decide
        self._penalties: dict[str, tuple[float, float]] = {}

    async def create_indexes(self) -> None:
        """Index what is due."""
        await self._store.collection(self._kind).create_index("next_due", sparse=True)

    async def due(self) -> int:
        """Return how many have a due time that has passed."""
        query = {"next_due": {"$lte": self._clock.now()}}
        return await self._store.collection(self._kind).count_documents(query)

    async def once(self) -> int:
        """Fire what is due now; returns how many were fired."""
        now = self._clock.now()
        loop_time = asyncio.get_running_loop().time()
        rows = self._store.collection(self._kind).find(
            {"next_due": {"$lte": now}},
            projection={"_id": 1},
            sort=[("next_due", 1)],
            limit=BATCH + len(self._penalties),
        )
        ids = [row["_id"] async for row in rows]
        ready = [each for each in ids if self._penalties.get(each, (0.0, 0.0))[0] <= loop_time]
        ready = ready[:BATCH]
        fired = 0
        for start in range(0, len(ready), SLICE):
            fired += await self._fire(ready[start : start + SLICE], now)
        _fired.add(fired, {"kind": self._kind.COLLECTION})
        return fired

    async def _fire(self, ids: Sequence[str], now: datetime) -> int:
        """Fire these in one transaction; each by itself where they cannot be saved together."""
        fired: set[str] = set()
        refused: dict[str, Exception] = {}

        def tick(aggregate: A) -> Change[None]:
            fired.discard(aggregate.id)
            if not _is_due(aggregate, now):
                return Change(None)  # a command or another worker was there first
            try:
                change = self._decide(aggregate, now)
            except Exception as error:  # noqa: BLE001 - the boundary: told below, by class and place
                refused[aggregate.id] = error
                return Change(None)
            if _stands_still(aggregate, change):
                # It would be taken up at every look, and thousands of it alone.
                refused[aggregate.id] = StoodStillError("its due time did not move on")
            else:
                fired.add(aggregate.id)
            return change

        try:
            await self._store.update_each(
                self._kind, ids, tick, name=f"due {self._kind.COLLECTION}"
            )
        except Exception as error:  # the boundary: one aggregate must not hold up the others
            if is_passing(error):
                raise
            if len(ids) > 1:
                return sum([await self._fire([each], now) for each in ids])
            fired.clear()
            refused[ids[0]] = error
        for each in fired:
            self._penalties.pop(each, None)
        for each, cause in refused.items():
            self.put_off(each, cause)
        return len(fired)

    def rests(self, identifier: str) -> bool:
        """Tell whether one that failed is still to be left alone."""
        return self._penalties.get(identifier, (0.0, 0.0))[0] > asyncio.get_running_loop().time()

    def put_off(self, identifier: str, error: Exception) -> None:
        """Leave one that failed alone for a while, longer each time, so that the others go on."""
        _, penalty = self._penalties.get(identifier, (0.0, _FIRST_PENALTY / 2))
        penalty = min(penalty * 2, _MAX_PENALTY)
        self._penalties[identifier] = (asyncio.get_running_loop().time() + penalty, penalty)
        log.error(
            "timers.refused",
            exc_info=error,
            kind=self._kind.COLLECTION,
            id=identifier,
            error=type(error).__name__,
            next=f"tried again in {penalty:.0f} s; the others go on",
        )


def _stands_still(aggregate: Aggregate, change: Change[None]) -> bool:
    """Tell whether a decision leaves the due time as it was: then it comes up again at once."""
    own = (each for each in change.save if (type(each), each.id) == (type(aggregate), aggregate.id))
    return getattr(next(own, aggregate), "next_due", None) == getattr(aggregate, "next_due", None)


def _is_due(aggregate: Aggregate, now: datetime) -> bool:
    due: datetime | None = getattr(aggregate, "next_due", None)
    return due is not None and due <= now


async def run_sweeps(sweeps: list[Sweep[Aggregate]], lease: Lease, *, every: float = 0.5) -> None:
    """Sweep until cancelled, in one worker of the service at a time."""
    while True:
        try:
            if await lease.hold():
                fired = sum([await sweep.once() for sweep in sweeps])
                if fired >= BATCH:
                    continue
        except PyMongoError as error:
            log.warning("timers.waiting", error=type(error).__name__)
        await asyncio.sleep(every)
