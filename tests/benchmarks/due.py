"""Due times: many that have passed among far more that have not, beside claiming one by one."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymongo import ReturnDocument

from contracts.follow_ups import FollowUpOverdue
from services.chassis import timers
from services.chassis.clock import FixedClock
from services.chassis.database import Database, connect
from services.chassis.events.log import EventLog
from services.chassis.lease import Lease
from services.chassis.store import Aggregate, Change, Store
from services.chassis.tasks import end
from services.chassis.timers import Sweep, run_sweeps
from tests.benchmarks.measure import compare, profiled, rounds, say, until
from tests.benchmarks.report import AT_LEAST, Result
from tests.servers import Cell

GOAL = 5.0
WORKERS = 4
NOW = datetime(2026, 10, 13, 17, 0, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(hours=1), NOW + timedelta(days=14)


class Promise(Aggregate):
    """Something that falls due, and how often it did."""

    COLLECTION = "promises"

    fired: int = 0
    next_due: datetime | None = None


def fire(promise: Promise, _: datetime) -> Change[None]:
    """Count, and tell it, as a follow-up that nobody saw to is told."""
    told = FollowUpOverdue(follow_up="f", referral=promise.id)
    after = promise.having(fired=promise.fired + 1, next_due=None)
    return Change(None, [after], [told], "site-01")


class Due:
    """One size of the comparison; every figure is due times a second."""

    def __init__(self, cell: Cell, database: Database, due: int, sample: int) -> None:
        self._cell = cell
        self._database = database
        self._clock = FixedClock(NOW)
        self._due = due
        self._sample = sample
        self._rounds = 0

    async def fill(self, all_: int) -> None:
        """Write those that are due, and so many more that are not."""
        store = self._store(self._database)
        await store.log.create_indexes()
        await self._sweep(store).create_indexes()
        rows = self._database[Promise.COLLECTION]
        ids = (f"p{n:07}" for n in range(all_))
        while some := list(itertools.islice(ids, 10_000)):
            await rows.insert_many(
                [{"_id": id, "version": 1, "fired": 0, "next_due": FUTURE} for id in some]
            )

    async def ours(self) -> float:
        """Four workers that all claim at once; none may fire twice.

        Each has a lease of its own, so that nothing but the second look inside the transaction
        keeps one from firing what another has fired: as with four processes after the one lease
        that saves them the work has failed.
        """
        await self._again(self._due)
        async with contextlib.AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(self._connected()) for _ in range(WORKERS)]
            began = time.perf_counter()
            tasks = [
                asyncio.create_task(
                    run_sweeps([self._sweep(each)], Lease(each.database, f"sweeps-{number}"))  # type: ignore[list-item] # of any kind
                )
                for number, each in enumerate(stores)
            ]
            rows = self._database[Promise.COLLECTION]

            async def done() -> bool:
                return await rows.count_documents({"next_due": PAST}, limit=1) == 0

            await until(done, seconds=600)
            took = time.perf_counter() - began
            await end(tasks)
        await self._check(self._due)
        return self._due / took

    async def one_by_one(self) -> float:
        """The same sweep with one in a transaction."""
        await self._again(self._sample)
        store = self._store(self._database)
        sweep = self._sweep(store)
        slice_, timers.SLICE = timers.SLICE, 1
        try:
            began = time.perf_counter()
            while await sweep.once():
                pass
            took = time.perf_counter() - began
        finally:
            timers.SLICE = slice_
        await self._check(self._sample)
        return self._sample / took

    async def claimed(self) -> float:
        """`find_one_and_update`, as a queue of jobs claims: no event, no decision."""
        await self._again(self._sample)
        rows = self._database[Promise.COLLECTION]
        began = time.perf_counter()
        while await rows.find_one_and_update(
            {"next_due": {"$lte": NOW}},
            {"$set": {"next_due": None}, "$inc": {"fired": 1, "version": 1}},
            sort=[("next_due", 1)],
            return_document=ReturnDocument.AFTER,
        ):
            pass
        return self._sample / (time.perf_counter() - began)

    async def _again(self, count: int) -> None:
        """Set so many due."""
        rows = self._database[Promise.COLLECTION]
        await rows.update_many({"fired": {"$ne": 0}}, {"$set": {"fired": 0}})
        await rows.update_many({"_id": {"$lt": f"p{count:07}"}}, {"$set": {"next_due": PAST}})
        await self._database["event_log"].delete_many({})

    async def _check(self, count: int) -> None:
        """See that each fired once and was told once.

        Raises:
            RuntimeError: one was lost or came twice.
        """
        once = await self._database[Promise.COLLECTION].count_documents({"fired": 1})
        told = await self._database["event_log"].distinct("key")
        rows = await self._database["event_log"].count_documents({})
        if not once == len(told) == rows == count:
            raise RuntimeError(f"of {count}: {once} fired once, {len(told)} told, {rows} events")

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Store]:
        client = connect(self._cell.mongo_uri, app="enlace-bench")
        try:
            yield self._store(Database(client, self._database.name))
        finally:
            await client.close()

    def _store(self, database: Database) -> Store:
        return Store(database, EventLog(database, source="bench", clock=self._clock))

    def _sweep(self, store: Store) -> Sweep[Promise]:
        return Sweep(store, self._clock, Promise, fire)


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    due, all_, sample, count = (1_000, 5_000, 100, 1) if short else (100_000, 1_000_000, 3_000, 3)
    client = connect(cell.mongo_uri, app="enlace-bench")
    database = Database(client, f"{cell.database_prefix}due")
    try:
        side = Due(cell, database, due, sample)
        say(f"  writing {all_:,}")
        await side.fill(all_)
        sides = {"sweep": side.ours, "alone": side.one_by_one, "claims": side.claimed}
        found = await rounds(sides, count)
        what = f"Due times a second, {due:,} of {all_:,}: looked at again, decided, told; "
        together = compare(
            "due-times",
            f"{what}by four workers that claim at once; beside one in a transaction.",
            "due times/s",
            ours=("sweep", found["sweep"]),
            other=("one by one", found["alone"]),
            goal=None if short else GOAL,
            direction=AT_LEAST,
            kind="parts",
            notes=["After each round: every one fired once, with one event."],
        )
        if together.met is False:
            together.notes.append(await profiled(side.ours, folder / "profile-due-times.txt"))
        bare = compare(
            "due-times-claims",
            f"{what}beside `find_one_and_update` alone, one after the other, which decides and "
            "tells nothing.",
            "due times/s",
            ours=("sweep", found["sweep"]),
            other=("bare claims", found["claims"]),
            goal=None,
            direction=AT_LEAST,
            kind="limit",
        )
    finally:
        await client.drop_database(database.name)
        await client.close()
    return [together, bare]
