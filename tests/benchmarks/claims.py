"""Claims on one hot service, beside a bare conditional update that writes the same documents."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from contracts.categories import Category
from contracts.referrals import Bands
from services.chassis.clock import SystemClock
from services.chassis.database import MAJORITY, SNAPSHOT, Database, connect
from services.chassis.events.log import EventLog
from services.chassis.ids import new_id
from services.chassis.provider_ids import PROVIDER_KEY_BYTES, ProviderCipher
from services.chassis.store import Change, Store
from services.partner.handlers import offers
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.offering import Offer, Offering, OfferState
from services.partner.store import create_indexes
from tests.benchmarks.measure import compare, profiled, rounds
from tests.benchmarks.report import AT_LEAST, Result
from tests.servers import Cell

GOAL = 0.8
AT_ONCE = 8
"""Agencies' staff who press at the same moment."""

SITE, SERVICE, AGENCY = "site-01", "svc-hot", "agy-hot"
SEATS = capacity_id(SERVICE, SITE)
LATER = timedelta(days=2)

Row = dict[str, Any]


class Claims:
    """One size of the comparison; every figure is claims a second on one service's seats."""

    def __init__(self, database: Database, count: int) -> None:
        self._database = database
        self._clock = SystemClock()
        cipher = ProviderCipher(secrets.token_bytes(PROVIDER_KEY_BYTES))
        self._store = Store(
            database, EventLog(database, source="bench", clock=self._clock, ids=cipher)
        )
        self._count = count
        self._event: Row = {}
        self.overbooked = 0

    async def prepare(self) -> None:
        """Make the indexes, and keep the events that one claim writes."""
        await self._store.log.create_indexes()
        await create_indexes(self._store)
        (offering,) = await self._fresh(1)
        await offers.claim(self._store, offering, offering.offers[0], self._clock)
        rows = self._database["event_log"].find({"key": offering.id})
        self._event = (await rows.to_list())[0]

    async def ours(self) -> float:
        """The handler, as an agency's answer calls it."""

        async def claim(offering: Offering) -> None:
            await offers.claim(self._store, offering, offering.offers[0], self._clock)

        return await self._timed(claim)

    async def bare(self) -> float:
        """The driver alone: take a seat if one is free, write the offering and its events."""

        async def claim(offering: Offering) -> None:
            await self._transaction(offering)

        return await self._timed(claim)

    async def _transaction(self, offering: Offering) -> None:
        rows, now = self._database, datetime.now(UTC)
        claim = {"id": new_id(), "offer": offering.offers[0].id, "made_at": now, "state": "pending"}
        told: list[Row] = [
            {"_id": new_id(), "key": key, "topic": topic, **self._rest}
            for topic, key in (("offerings", offering.id), ("partner-capacity", SEATS))
        ]

        async def work(session: AsyncClientSession) -> None:
            taken = await rows[Capacity.COLLECTION].update_one(
                {"_id": SEATS, "free": {"$gt": 0}},
                {"$inc": {"free": -1, "version": 1}, "$set": {f"holds.{claim['id']}": now}},
                session=session,
            )
            self.overbooked += not taken.modified_count
            await rows[Offering.COLLECTION].update_one(
                {"_id": offering.id, "version": offering.version},
                {
                    "$set": {"offers.0.state": "claimed", "claims": [claim]},
                    "$inc": {"version": 1},
                },
                session=session,
            )
            for each in told:
                stream = await rows["event_streams"].find_one_and_update(
                    {"_id": f"{each['topic']}:{each['key']}"},
                    {"$inc": {"sequence": 1, "order": 1}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                    session=session,
                )
                each["sequence"] = (stream or {})["sequence"]
            await rows["event_log"].insert_many(told, session=session)

        async with self._database.client.start_session() as session:
            await session.with_transaction(work, read_concern=SNAPSHOT, write_concern=MAJORITY)

    @property
    def _rest(self) -> Row:
        left_out = {"_id", "key", "topic"}
        return {name: value for name, value in self._event.items() if name not in left_out}

    async def _timed(self, claim: Callable[[Offering], Awaitable[None]]) -> float:
        waiting = iter(await self._fresh(self._count))

        async def agency() -> None:
            for offering in waiting:
                await claim(offering)

        began = time.perf_counter()
        await asyncio.gather(*(agency() for _ in range(AT_ONCE)))
        taken = time.perf_counter() - began
        await self._check()
        return self._count / taken

    async def _check(self) -> None:
        """See that every seat was taken once, and none twice.

        Raises:
            AssertionError: a seat has two children, or a claim has none.
        """
        row = await self._database[Capacity.COLLECTION].find_one({"_id": SEATS}) or {}
        held = len(row.get("holds", ()))
        if held != self._count or self.overbooked:
            raise AssertionError(f"{held} of {self._count} seats are held")

    async def _fresh(self, count: int) -> list[Offering]:
        """Enter a service with so many seats, and as many open offers of one each."""
        now = self._clock.now()
        await self._database[Capacity.COLLECTION].delete_many({"_id": SEATS})
        seats = Capacity(
            id=SEATS,
            service=SERVICE,
            agency=AGENCY,
            site=SITE,
            category=Category.DENTAL,
            maximum=count,
            as_of=now,
        )
        open_ = [
            Offering(
                id=new_id(),
                site=SITE,
                category=Category.DENTAL,
                bands=Bands(age="7-9", language="es"),
                round=1,
                priority=3,
                answer_by=now + LATER,
                offers=(_offer(now),),
                next_due=now + LATER,
            )
            for _ in range(count)
        ]
        await self._store.update([], lambda _: Change(None, [seats, *open_]))
        await self._database[Capacity.COLLECTION].update_one(
            {"_id": SEATS}, {"$set": {"free": count}}
        )
        return [each.having(version=1) for each in open_]


def _offer(now: datetime) -> Offer:
    return Offer(
        id=new_id(),
        round=1,
        service=SERVICE,
        agency=AGENCY,
        site=SITE,
        contact="con-hot",
        nonce=new_id(),
        state=OfferState.OPEN,
        asked_at=now,
        answer_by=now + LATER,
    )


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    client = connect(cell.mongo_uri, app="enlace-bench")
    database = Database(client, f"{cell.database_prefix}claims")
    try:
        side = Claims(database, 16 if short else 200)
        await side.prepare()
        found = await rounds({"claims": side.ours, "bare": side.bare}, 1 if short else 5)
        result = compare(
            "hot-service-claims",
            f"Claims a second on the seats of one service, {AT_ONCE} at a time, each with its "
            "rules and events, none booked twice; beside the driver's own transactions that take "
            "a seat if one is free and write as many documents.",
            "claims/s",
            ours=("claims", found["claims"]),
            other=("bare transactions", found["bare"]),
            goal=None if short else GOAL,
            direction=AT_LEAST,
            kind="limit",
        )
        if result.met is False:
            result.notes.append(await profiled(side.ours, folder / "profile-claims.txt"))
    finally:
        await client.drop_database(database.name)
        await client.close()
    return [result]
