"""What a consumer with deduplication costs, beside a bare FastStream one that does nothing."""

import asyncio
import time
from pathlib import Path
from typing import Any

from aiokafka.partitioner import DefaultPartitioner
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from contracts.cloudevents import Envelope
from contracts.event import Event
from contracts.referrals import ReferralAccepted, ReferralCompleted, ReferralCreated
from contracts.topic import PARTITIONS
from services.chassis.consumer.reactions import Reactions
from services.chassis.consumer.runner import SIDE_BY_SIDE, SLICE
from services.chassis.database import MAJORITY, SNAPSHOT, Database
from services.chassis.ids import new_id
from tests.benchmarks import load
from tests.benchmarks.catch_up import Timed, consume
from tests.benchmarks.measure import compare, profiled, ratio, rounds
from tests.benchmarks.report import AT_MOST, Figure, Result
from tests.servers import Cell

STREAM = "tax.referrals"


class Tax:
    """One size of the comparison; every figure is microseconds an event."""

    def __init__(self, cell: Cell, data: Database, keys: list[str]) -> None:
        self._cell = cell
        self._data = data
        self._events = len(keys)
        self._lines: list[list[str]] = [[] for _ in range(PARTITIONS)]
        places = list(range(PARTITIONS))
        hash_ = DefaultPartitioner()
        for key in keys:
            self._lines[hash_(key.encode(), places, places)].append(key)

    async def ours(self) -> float:
        """A reaction that does nothing, through the real runner."""
        handled = 0

        async def nothing(event: Event, envelope: Envelope | None) -> None:
            nonlocal handled
            del event, envelope
            handled += 1

        reactions = Reactions()
        for kind in (ReferralCreated, ReferralAccepted, ReferralCompleted):
            reactions.on(kind, nothing)
        group = f"tax-{new_id()}"
        took = await consume(self._cell, self._data, group, reactions, STREAM, self._events, SLICE)
        assert handled >= self._events
        return took / self._events * 1e6

    async def bare(self) -> float:
        """FastStream's own batch subscriber with the same handler; it commits after each batch."""
        done = asyncio.Event()
        clock = Timed()
        handled = 0
        broker = KafkaBroker(self._cell.kafka, allow_auto_create_topics=False, logger=None)

        async def nothing(event: dict[str, Any], envelope: None) -> None:
            nonlocal handled
            del event, envelope
            handled += 1

        @broker.subscriber(
            f"{self._cell.topic_prefix}{STREAM}",
            batch=True,
            max_records=SIDE_BY_SIDE * SLICE,
            group_id=f"{self._cell.name}.{new_id()}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.ACK,
            listener=clock,
        )
        async def handle(events: list[dict[str, Any]]) -> None:
            for event in events:
                await nothing(event, None)
            if handled >= self._events:
                done.set()

        await broker.start()
        try:
            async with asyncio.timeout(120):
                await done.wait()
            return (time.perf_counter() - clock.began) / self._events * 1e6
        finally:
            await broker.stop()

    async def database(self) -> float:
        """The same transactions by pymongo alone: progress, watermarks read, watermarks written."""
        group = new_id()
        gate = asyncio.Semaphore(SIDE_BY_SIDE)

        async def line(partition: int, keys: list[str]) -> None:
            for start in range(0, len(keys), SLICE):
                async with gate:
                    await self._slice(group, partition, start, keys[start : start + SLICE])

        began = time.perf_counter()
        await asyncio.gather(*(line(place, keys) for place, keys in enumerate(self._lines)))
        return (time.perf_counter() - began) / self._events * 1e6

    async def _slice(self, group: str, partition: int, start: int, keys: list[str]) -> None:
        progress, watermarks = self._data["raw_progress"], self._data["raw_watermarks"]
        ids = [f"{group}|{STREAM}|{key}" for key in dict.fromkeys(keys)]

        async def work(session: AsyncClientSession) -> None:
            await progress.update_one(
                {"_id": f"{group}|{partition}", "next": start},
                {"$set": {"next": start + len(keys), "group": group}},
                upsert=start == 0,
                session=session,
            )
            known = watermarks.find({"_id": {"$in": ids}}, session=session)
            before = {row["_id"]: row["sequence"] async for row in known}
            writes = [_mark(group, id, before.get(id, 0) + 1) for id in ids]
            await watermarks.bulk_write(writes, ordered=False, session=session)

        async with self._data.client.start_session() as session:
            await session.with_transaction(work, read_concern=SNAPSHOT, write_concern=MAJORITY)


def _mark(group: str, id: str, sequence: int) -> UpdateOne:
    fields = {"sequence": sequence, "parked": False, "group": group}
    return UpdateOne({"_id": id}, {"$set": fields, "$inc": {"writes": 1}}, upsert=True)


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    events = 3_000 if short else 30_000
    keys = await load.fill(cell, STREAM, events, events // 10)
    async with load.database(cell, "tax") as data:
        work = Tax(cell, data, keys)
        sides = {"ours": work.ours, "bare": work.bare, "database": work.database}
        found = await rounds(sides, 1 if short else 5)
        results = [
            _own_share(found),
            compare(
                "consumer-beside-bare",
                "The same with the database's share: what deduplication costs in all.",
                "µs/event",
                ours=("reaction", found["ours"]),
                other=("bare FastStream", found["bare"]),
                goal=None,
                direction=AT_MOST,
                kind="peer",
            ),
        ]
        if not short and results[0].met is False:
            note = await profiled(work.ours, folder / "profile-framework-tax.txt")
            results[0].notes.append(note)
    return results


def _own_share(found: dict[str, list[float]]) -> Result:
    """Compare what is left of our time when the database's round trips are taken off."""
    pairs = zip(found["ours"], found["database"], strict=True)
    left = [max(0.0, whole - part) for whole, part in pairs]
    result = compare(
        "framework-tax",
        "A reaction that does nothing, with watermarks, progress and parking, beside FastStream's "
        "own batch subscriber with the same handler: wall time an event on top of what the same "
        "transactions take by pymongo alone, as many side by side.",
        "µs/event",
        ours=("reaction, less its transactions", left),
        other=("bare FastStream", found["bare"]),
        goal=1.3,
        direction=AT_MOST,
        kind="peer",
    )
    whole = _middle("reaction", found["ours"])
    part = _middle("its transactions alone", found["database"])
    both = ratio(
        found["ours"],
        [one + other for one, other in zip(found["database"], found["bare"], strict=True)],
    )
    result.notes.append(
        f"{whole.name} {whole.value:.1f} µs, {part.name} {part.value:.1f} µs an event; beside the "
        f"sum of transactions and bare consumer {both:.2f}."
    )
    return result


def _middle(name: str, values: list[float]) -> Figure:
    return Figure(name, sorted(values)[len(values) // 2])
