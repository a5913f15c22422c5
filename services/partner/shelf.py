"""The directory in memory, as matching reads it: loaded once, then what has changed since.

A need is weighed against every service of its kind; reading them all from the database for each
would take longer than the weighing. What is here is never older than the question: each one asks
the database first for what was written lately, by anybody.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from pymongo.errors import PyMongoError

from contracts.categories import Category
from services.chassis.clock import Clock
from services.chassis.sites import Sites
from services.chassis.store import Aggregate, Store
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.matching.candidate import (
    UNMEASURED,
    Asks,
    Candidate,
    Measured,
    Seats,
    asks_of,
    seats_of,
)
from services.partner.model.matching.near import Ground, Point, centroids
from services.partner.model.service import Service
from services.partner.store import measured

K = TypeVar("K", bound=Aggregate)
log = structlog.get_logger()

LATELY = timedelta(seconds=90)
"""How far back changes are read: a transaction lives for a minute, and machines' clocks differ."""

MEASURED_SECONDS = 600.0
"""How often agencies' answers are measured anew: they change by the day."""

_GROUP = 500
_HEAVY: dict[type[Aggregate], tuple[str, ...]] = {
    Service: ("listing", "description", "sourced", "differences", "name_folded"),
    Agency: ("description", "sourced", "differences", "name_folded"),
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
        self._read_at: datetime | None = None
        self._measured_at: float | None = None
        self._measuring: asyncio.Task[None] | None = None
        self._kept: dict[type[Aggregate], dict[str, Any]] = {kind: {} for kind in _HEAVY}
        self._asks: dict[str, Asks] = {}
        self._of_kind: dict[Category, dict[str, None]] = {}
        self._agreements: dict[str, dict[str, Agreement]] = {}
        self._seats: dict[str, Seats] = {}
        self._measures: dict[str, Measured] = {}
        self._ground: Ground | None = None

    async def fresh(self) -> None:
        """Read what has changed; everything, the first time.

        Raises:
            PyMongoError: the database is away.
        """
        async with self._lock:
            now = datetime.now(UTC)  # the stamps are the machines' own time
            since = None if self._read_at is None else self._read_at - LATELY
            await asyncio.gather(
                *[self._read(kind, since) for kind in _HEAVY],
                *([self._measure()] if self._measured_at is None else []),
            )
            self._read_at = now
        if time.monotonic() - (self._measured_at or 0) > MEASURED_SECONDS and (
            self._measuring is None or self._measuring.done()
        ):
            self._measuring = asyncio.create_task(self._measure_later())

    async def close(self) -> None:
        """End what is being measured."""
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)

    def of_kind(self, category: Category, site: str) -> list[Candidate]:
        """Return the services that meet a kind of need and have not gone, with their seats."""
        found = [self._candidate(id, site) for id in self._of_kind.get(category, ())]
        return [
            each
            for each in found
            if each is not None and not each.service.retired and not each.agency.retired
        ]

    def one(self, service: str, site: str) -> Candidate | None:
        """Return one service, also one that has gone; None where there is none."""
        return self._candidate(service, site) if service in self._asks else None

    @property
    def ground(self) -> Ground:
        """Where schools and ZIP codes are."""
        if self._ground is None:
            computed = centroids(self._kept[Service].values())
            self._ground = Ground(schools=self._schools, zips=computed | self._given)
        return self._ground

    def _candidate(self, id: str, site: str) -> Candidate | None:
        service: Service = self._kept[Service][id]
        agency: Agency | None = self._kept[Agency].get(service.agency)
        if agency is None:
            return None
        return Candidate(
            service=service,
            asks=self._asks[id],
            agency=agency,
            agreements=tuple(self._agreements.get(agency.id, {}).values()),
            seats=self._seats.get(capacity_id(id, site)),
            measured=self._measures.get(agency.id, UNMEASURED),
        )

    async def _read(self, kind: type[K], since: datetime | None) -> None:
        rows = self._store.collection(kind)
        left_out = dict.fromkeys(_HEAVY[kind], 0)
        if since is None:
            async for row in rows.find({}, left_out or None, batch_size=_GROUP):
                self._put(kind.from_document(row))
            return
        kept = self._kept[kind]
        lately = rows.find({"changed_at": {"$gte": since}}, {"version": 1})
        changed = [
            row["_id"]
            for row in await lately.to_list()
            if row["_id"] not in kept or kept[row["_id"]].version != row["version"]
        ]
        for start in range(0, len(changed), _GROUP):
            query = {"_id": {"$in": changed[start : start + _GROUP]}}
            async for row in rows.find(query, left_out or None):
                self._put(kind.from_document(row))

    def _put(self, found: Aggregate) -> None:
        kept = self._kept[type(found)]
        before = kept.get(found.id)
        kept[found.id] = found
        match found:
            case Service():
                for kind in (before.category, *before.also) if before is not None else ():
                    self._of_kind.get(kind, {}).pop(found.id, None)
                for kind in (found.category, *found.also):
                    self._of_kind.setdefault(kind, {})[found.id] = None
                self._asks[found.id] = asks_of(found)
                self._ground = None
            case Agreement():
                if before is not None:
                    self._agreements[before.agency].pop(found.id, None)
                self._agreements.setdefault(found.agency, {})[found.id] = found
            case Capacity():
                self._seats[found.id] = seats_of(found)
            case _:
                pass

    async def _measure(self) -> None:
        self._measures = await measured(self._store, self._clock.now())
        self._measured_at = time.monotonic()

    async def _measure_later(self) -> None:
        try:
            await self._measure()
        except PyMongoError as error:
            log.warning("shelf.not-measured", error=type(error).__name__)
