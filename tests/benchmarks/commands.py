"""A coordinator's commands, beside bare transactions that read and write the same documents."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from contracts.codes import CancelReason, HoldReason
from contracts.referrals import Bands, Candidate
from services.chassis.clock import SystemClock
from services.chassis.database import MAJORITY, SNAPSHOT, Database, connect
from services.chassis.events.log import EventLog
from services.chassis.ids import new_id
from services.chassis.provider_ids import PROVIDER_KEY_BYTES, ProviderCipher
from services.chassis.store import Change, Store
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import command
from services.referral.model import commands
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.store import create_indexes
from tests.benchmarks.measure import compare, profiled, rounds
from tests.benchmarks.report import AT_LEAST, Result
from tests.referral.build import referral
from tests.servers import Cell

GOAL = 0.8
AT_ONCE = 8
"""How many coordinators press at the same moment: more than cores, as a district has."""

DAY = (
    commands.Offer(
        (Candidate(service="svc-a", agency="agy-a"), Candidate(service="svc-b", agency="agy-b")),
        Bands(age="7-9", language="es"),
        datetime.now(UTC) + timedelta(days=2),
    ),
    commands.Claim("claim", "svc-a", "agy-a", round=1, consented=True),
    commands.Hold(HoldReason.FAMILY_ASKED),
    commands.Resume(),
    commands.Cancel(CancelReason.OTHER),
)
"""What each referral goes through, one command after the other."""

Row = dict[str, Any]
Written = list[tuple[Row, list[Row]]]
"""The referral and its events after each command."""


class Commands:
    """One size of the comparison; every figure is commands a second."""

    def __init__(self, database: Database, count: int) -> None:
        self._database = database
        cipher = ProviderCipher(secrets.token_bytes(PROVIDER_KEY_BYTES))
        log = EventLog(database, source="bench", clock=SystemClock(), ids=cipher)
        self._store = Store(database, log)
        rules = Rules()
        self._desk = Desk(self._store, SystemClock(), lambda: rules)
        self._count = count
        self._rows = database[Referral.COLLECTION]
        self._pattern: Written = []

    async def prepare(self) -> None:
        """Make the indexes, and keep what one referral's commands write."""
        await self._store.log.create_indexes()
        await create_indexes(self._store)
        (id,) = await self._fresh(1)
        seen: set[str] = set()
        for wish in DAY:
            await command(self._desk, id, wish)
            events = [row async for row in self._database["event_log"].find({"key": id})]
            new = [row for row in events if row["_id"] not in seen]
            seen |= {row["_id"] for row in new}
            self._pattern.append(((await self._rows.find_one({"_id": id})) or {}, new))

    async def ours(self) -> float:
        """The handlers, as the API calls them."""

        async def day(id: str) -> None:
            for wish in DAY:
                await command(self._desk, id, wish)

        return await self._timed(day)

    async def bare(self) -> float:
        """The driver alone: read, write, count the key's events on, write the events, commit."""

        async def day(id: str) -> None:
            for number, (document, events) in enumerate(self._pattern, start=1):
                await self._transaction(id, number, document, events)

        return await self._timed(day)

    async def _transaction(self, id: str, version: int, document: Row, events: list[Row]) -> None:
        changed = {**document, "version": version + 1}
        del changed["_id"]
        streams, log = self._database["event_streams"], self._database["event_log"]

        counts = Counter(event["topic"] for event in events)
        moves = {
            f"{topic}:{id}": {"$inc": {"sequence": count, "order": count}}
            for topic, count in counts.items()
        }

        async def work(session: AsyncClientSession) -> None:
            await self._rows.find_one({"_id": id}, session=session)
            await self._rows.update_one(
                {"_id": id, "version": version}, {"$set": changed}, session=session
            )
            if len(moves) == 1:
                ((stream, move),) = moves.items()
                await streams.find_one_and_update(
                    {"_id": stream}, move, upsert=True, session=session
                )
            else:
                writes = [
                    UpdateOne({"_id": name}, move, upsert=True) for name, move in moves.items()
                ]
                await streams.bulk_write(writes, session=session)
                await streams.find({"_id": {"$in": list(moves)}}, session=session).to_list()
            # Each referral lives the same life: the numbers within its key are the pattern's.
            rows = [{**event, "_id": new_id(), "key": id} for event in events]
            await log.insert_many(rows, session=session)

        async with self._database.client.start_session() as session:
            await session.with_transaction(work, read_concern=SNAPSHOT, write_concern=MAJORITY)

    async def _timed(self, day: Callable[[str], Awaitable[None]]) -> float:
        ids = iter(await self._fresh(self._count))

        async def coordinator() -> None:
            for id in ids:
                await day(id)

        began = time.perf_counter()
        await asyncio.gather(*(coordinator() for _ in range(AT_ONCE)))
        return self._count * len(DAY) / (time.perf_counter() - began)

    async def _fresh(self, count: int) -> list[str]:
        """Write so many drafts, each of a child of its own."""
        drafts = [
            referral(id=id, student=f"s-{id}", family=f"f-{id}", nonce=id, version=0)
            for id in (new_id() for _ in range(count))
        ]
        await self._store.update([], lambda _: Change(None, drafts))
        return [each.id for each in drafts]


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    client = connect(cell.mongo_uri, app="enlace-bench")
    database = Database(client, f"{cell.database_prefix}commands")
    try:
        side = Commands(database, 10 if short else 500)
        await side.prepare()
        sides = {"commands": side.ours, "bare": side.bare}
        found = await rounds(sides, 1 if short else 5)
        result = compare(
            "referral-commands",
            f"Commands a second, {AT_ONCE} at a time: an offer to two agencies, one's yes, a "
            "pause, its end, a withdrawal, with their rules and events; beside the driver's own "
            "transactions that read and write as many documents of the same size.",
            "commands/s",
            ours=("commands", found["commands"]),
            other=("bare transactions", found["bare"]),
            goal=None if short else GOAL,
            direction=AT_LEAST,
            kind="limit",
        )
        if result.met is False:
            result.notes.append(await profiled(side.ours, folder / "profile-commands.txt"))
    finally:
        await client.drop_database(database.name)
        await client.close()
    return [result]
