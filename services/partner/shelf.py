"""The directory in memory, as matching reads it: loaded once, then what has changed since.

A need is weighed against every service of its kind; reading them all from the database for each
would take longer than the weighing. What is here is never older than the question: each one asks
the database first for what was written lately, by anybody.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from contracts.categories import Category
from services.chassis.clock import Clock
from services.chassis.sites import Sites
from services.chassis.store import Aggregate, Store
from services.partner.measuring import measured
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity
from services.partner.model.matching.candidate import (
    UNMEASURED,
    Candidate,
    Measured,
    Seats,
    candidate,
    seats_of,
)
from services.partner.model.matching.near import Ground, Point, centroids
from services.partner.model.service import Service

log = structlog.get_logger()

LATELY = timedelta(seconds=90)
"""How far back changes are read: a transaction lives for a minute, and machines' clocks differ."""

MEASURED_SECONDS = 600.0
"""How often agencies' answers are measured anew: they change by the day."""

_GROUP = 500
_HEAVY: dict[type[Aggregate], tuple[str, ...]] = {
    Service: (
        *("listing", "locations.told", "description", "sourced", "differences", "name_folded"),
    ),
    Agency: ("listing", "description", "sourced", "differences", "offered", "name_folded"),
    Agreement: (),
    Capacity: ("history",),
}
"""What matching does not go by, and is not read."""


class Shelf:
    """Keeps the directory.

    Args:
        store: of partner.
        clock: for the time that answers are measured back from.
        sites: the district's schools, with their places on the map.
        zips: the middles of ZIP codes that the district has given; they go before computed ones.

    Attributes:
        changes: how often something other than seats has changed: what was worked out from it
            holds as long as this stays the same.
    """

    def __init__(
        self, store: Store, clock: Clock, sites: Sites, zips: Mapping[str, Point] | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._schools = {
            id: Point(each.latitude, each.longitude)
            for id, each in sites.all.items()
            if each.latitude is not None and each.longitude is not None
        }
        self._given = dict(zips or {})
        self._lock = asyncio.Lock()
        self._asked = self._served = 0
        self._read_at: datetime | None = None
        self._measured_at: float | None = None
        self._measuring: asyncio.Task[None] | None = None
        self._kept: dict[type[Aggregate], dict[str, Any]] = {kind: {} for kind in _HEAVY}
        self.changes = 0
        self._candidates: dict[str, Candidate] = {}
        self._of_kind: dict[Category, dict[str, None]] = {}
        self._of_agency: dict[str, dict[str, None]] = {}
        self._agreements: dict[str, dict[str, Agreement]] = {}
        self._tuples: dict[str, tuple[Agreement, ...]] = {}
        self._seats: dict[str, dict[str, Seats]] = {}
        self._measures: dict[str, Measured] = {}
        self._ground: Ground | None = None

    async def fresh(self) -> None:
        """Read what has changed; everything, the first time.

        Raises:
            PyMongoError: the database is away.
        """
        self._asked += 1
        mine = self._asked
        async with self._lock:
            if self._served < mine:
                # Whoever has come by now is served by this reading too.
                serving = self._asked
                await self._catch_up()
                self._served = serving
        if time.monotonic() - (self._measured_at or 0) > MEASURED_SECONDS and (
            self._measuring is None or self._measuring.done()
        ):
            self._measuring = asyncio.create_task(self._measure_later())

    async def close(self) -> None:
        """End what is being measured."""
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)

    def of_kind(self, category: Category) -> list[Candidate]:
        """Return the services that meet a kind of need and have not gone."""
        found = [self.one(id) for id in self._of_kind.get(category, ())]
        return [each for each in found if each is not None and not each.gone]

    def one(self, id: str) -> Candidate | None:
        """Return one service, also one that has gone; None where there is none."""
        known = self._candidates.get(id)
        if known is not None:
            return known
        service: Service | None = self._kept[Service].get(id)
        if service is None:
            return None
        agency: Agency | None = self._kept[Agency].get(service.agency)
        if agency is None:
            return None
        made = self._candidates[id] = candidate(
            service,
            agency,
            self._signed(agency.id),
            self._seats.setdefault(id, {}),
            self._measures.get(agency.id, UNMEASURED),
        )
        return made

    @property
    def ground(self) -> Ground:
        """Where schools and ZIP codes are."""
        if self._ground is None:
            computed = centroids(self._kept[Service].values())
            self._ground = Ground(schools=self._schools, zips=computed | self._given)
        return self._ground

    async def _catch_up(self) -> None:
        now = datetime.now(UTC)  # the stamps are the machines' own time
        if self._read_at is None:
            await asyncio.gather(*[self._read(kind, {}) for kind in _HEAVY], self._measure())
        else:
            changed = await self._changed_since(self._read_at - LATELY)
            for kind, ids in changed.items():
                for start in range(0, len(ids), _GROUP):
                    await self._read(kind, {"_id": {"$in": ids[start : start + _GROUP]}})
        self._read_at = now

    async def _changed_since(self, since: datetime) -> dict[type[Aggregate], list[str]]:
        """Return the ids of what was written since and is not known in that version."""

        def lately(kind: type[Aggregate]) -> list[dict[str, Any]]:
            shown = {"version": 1, "in": {"$literal": kind.COLLECTION}}
            return [{"$match": {"changed_at": {"$gte": since}}}, {"$project": shown}]

        first, *others = _HEAVY
        # One question for all of them: each answer waits for it.
        joined = [
            {"$unionWith": {"coll": kind.COLLECTION, "pipeline": lately(kind)}} for kind in others
        ]
        found = await self._store.collection(first).aggregate([*lately(first), *joined])
        by_name = {kind.COLLECTION: kind for kind in _HEAVY}
        changed: dict[type[Aggregate], list[str]] = {}
        async for row in found:
            kind = by_name[row["in"]]
            known = self._kept[kind].get(row["_id"])
            if known is None or known.version != row["version"]:
                changed.setdefault(kind, []).append(row["_id"])
        return changed

    async def _read(self, kind: type[Aggregate], query: dict[str, Any]) -> None:
        left_out = dict.fromkeys(_HEAVY[kind], 0)
        rows = self._store.collection(kind).find(query, left_out or None, batch_size=_GROUP)
        async for row in rows:
            self._put(kind.from_document(row))

    def _put(self, found: Aggregate) -> None:
        kept = self._kept[type(found)]
        before = kept.get(found.id)
        kept[found.id] = found
        if not isinstance(found, Capacity):
            self.changes += 1
        match found:
            case Service():
                if before is not None:
                    self._drop(before)
                self._candidates.pop(found.id, None)
                for kind in (found.category, *found.also):
                    self._of_kind.setdefault(kind, {})[found.id] = None
                self._of_agency.setdefault(found.agency, {})[found.id] = None
                self._ground = None
            case Agency():
                self._changed(found.id)
            case Agreement():
                if before is not None:
                    self._agreements[before.agency].pop(found.id, None)
                    self._changed(before.agency)
                self._agreements.setdefault(found.agency, {})[found.id] = found
                self._changed(found.agency)
            case Capacity():
                self._seats.setdefault(found.service, {})[found.site] = seats_of(found)
            case _:
                pass

    def _signed(self, agency: str) -> tuple[Agreement, ...]:
        """Return an agency's agreements: the same tuple as long as they are the same."""
        known = self._tuples.get(agency)
        if known is None:
            known = self._tuples[agency] = tuple(self._agreements.get(agency, {}).values())
        return known

    def _drop(self, before: Service) -> None:
        for kind in (before.category, *before.also):
            self._of_kind[kind].pop(before.id, None)
        self._of_agency[before.agency].pop(before.id, None)

    def _changed(self, agency: str) -> None:
        self._tuples.pop(agency, None)
        for id in self._of_agency.get(agency, ()):
            self._candidates.pop(id, None)

    async def _measure(self) -> None:
        self._measures = await measured(self._store, self._clock.now())
        self._candidates.clear()
        self.changes += 1
        self._measured_at = time.monotonic()

    async def _measure_later(self) -> None:
        try:
            await self._measure()
        except PyMongoError as error:
            log.warning("shelf.not-measured", error=type(error).__name__)
