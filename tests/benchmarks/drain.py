"""The relay draining a full event log, beside the same produce with no event log behind it."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from contracts.topic import PARTITIONS
from services.chassis.clock import SystemClock
from services.chassis.database import Database, Document
from services.chassis.events.log import EventLog
from services.chassis.events.relay import Relay
from services.chassis.lease import Lease
from services.chassis.tasks import end
from tests.benchmarks import load
from tests.benchmarks.measure import compare, profiled, rounds, until
from tests.benchmarks.report import AT_LEAST, Result
from tests.servers import Cell, new_cell


class Always:
    """Wakes at once: a log that is full needs no waking."""

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


class Drain:
    """One size of the comparison."""

    def __init__(self, cell: Cell, events: int) -> None:
        self._cell = cell
        self._events = events
        self._rows = list(load.rows(events, events // 10))

    async def relay(self) -> float:
        """Return confirmed events a second, from the relay's start to its last mark."""
        cell = new_cell(self._cell.kafka, self._cell.mongo_uri)
        await load.create_topic(cell)
        async with load.database(cell, "referral") as data:
            log = EventLog(data, source="enlace/referral", clock=SystemClock())
            await log.create_indexes()
            for page in _pages(self._rows):
                await data["event_log"].insert_many(page)
            lease = Lease(data, "relay")
            relay = Relay(log, lease, Always(), bootstrap=cell.kafka, cell=cell.name)
            began = time.perf_counter()
            running = asyncio.ensure_future(relay.run())
            try:
                await until(lambda: _is_empty(data))
                took = time.perf_counter() - began
            finally:
                await end([running])
        return self._events / took

    async def send(self) -> float:
        """Return confirmed events a second of `send` for each record, 2,000 in flight."""
        cell = new_cell(self._cell.kafka, self._cell.mongo_uri)
        await load.create_topic(cell)
        records = [load.record(row) for row in self._rows]
        topic = f"{cell.topic_prefix}{load.STREAM}"
        began = time.perf_counter()
        async with load.sender(cell) as producer:
            for start in range(0, len(records), load.IN_FLIGHT):
                page = records[start : start + load.IN_FLIGHT]
                await asyncio.gather(*[await producer.send(topic, **each) for each in page])
            took = time.perf_counter() - began
        return self._events / took

    async def batches(self) -> float:
        """Return confirmed events a second of ready-made batches, a partition at a time."""
        cell = new_cell(self._cell.kafka, self._cell.mongo_uri)
        await load.create_topic(cell)
        records = [load.record(row) for row in self._rows]
        topic = f"{cell.topic_prefix}{load.STREAM}"
        places = list(range(PARTITIONS))
        partition_of = DefaultPartitioner()
        began = time.perf_counter()
        async with load.sender(cell) as producer:
            for start in range(0, len(records), load.IN_FLIGHT):
                lines: dict[int, list[Document]] = {}
                for each in records[start : start + load.IN_FLIGHT]:
                    place = partition_of(each["key"], places, places)
                    lines.setdefault(place, []).append(each)
                sends = [_send(producer, topic, place, line) for place, line in lines.items()]
                await asyncio.gather(*sends)
            took = time.perf_counter() - began
        return self._events / took


async def _is_empty(data: Database) -> bool:
    # One look in the index, not a count: what is measured must not be slowed by it.
    return await data["event_log"].find_one({"published": False}, hint="pending") is None


async def _send(
    producer: AIOKafkaProducer, topic: str, place: int, records: list[Document]
) -> None:
    batch = producer.create_batch()
    for each in records:
        assert batch.append(timestamp=None, **each) is not None
    batch.close()
    await (await producer.send_batch(batch, topic, partition=place))


def _pages(items: list[Document], size: int = 5_000) -> Iterator[list[Document]]:
    for start in range(0, len(items), size):
        # Copies: the rows of one round are not the marked ones of the last.
        yield [dict(item) for item in items[start : start + size]]


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    drain = Drain(cell, 4_000 if short else 40_000)
    sides = {"relay": drain.relay, "send": drain.send, "batches": drain.batches}
    found = await rounds(sides, 1 if short else 5)
    ours = ("relay", found["relay"])
    results = [
        compare(
            "relay-drain",
            "Events that the relay reads from a full log, sends, has confirmed and marks, beside "
            "aiokafka's `send` of the same records, idempotent, `acks=all`, 2,000 in flight.",
            "events/s",
            ours=ours,
            other=("the same produce, no event log", found["send"]),
            goal=0.75,
            direction=AT_LEAST,
            kind="limit",
        ),
        compare(
            "relay-drain-batches",
            "The same beside ready-made batches with headers made before the clock started: what "
            "is left of a produce when it costs the client almost nothing.",
            "events/s",
            ours=ours,
            other=("ready-made batches", found["batches"]),
            goal=None,
            direction=AT_LEAST,
            kind="limit",
        ),
    ]
    if results[0].met is False and not short:
        note = await profiled(drain.relay, folder / "profile-relay-drain.txt")
        results[0].notes.append(note)
    return results
