"""A read model catching up, beside QuixStreams' MongoDB sink and beside the bare clients."""

import asyncio
import hashlib
import json
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from faststream.kafka import KafkaBroker
from pymongo import ReplaceOne

from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.consumer.applier import Applier
from services.chassis.consumer.ledger import Ledger
from services.chassis.consumer.parked import Parked
from services.chassis.consumer.projection import Projection, ProjectionApplier
from services.chassis.consumer.runner import PROJECTION_SLICE, GroupRunner
from services.chassis.consumer.slices import Slices
from services.chassis.database import Database, Document
from services.chassis.ids import new_id
from tests.benchmarks import load, peers
from tests.benchmarks.measure import compare, figure, profiled, rounds, until
from tests.benchmarks.report import AT_LEAST, Result
from tests.servers import Cell

STREAM = "catch-up.referrals"


class Timed(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka publishes no types
    """Starts the clock when a consumer is given its partitions: joining a group takes its time."""

    def __init__(self) -> None:
        self.began = 0.0

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Do nothing."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Start the clock."""
        del assigned
        self.began = time.perf_counter()


class TimedRunner(GroupRunner):
    """A consumer group that knows when it was given its partitions."""

    began = 0.0

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Start the clock, then find each partition's place."""
        self.began = time.perf_counter()
        await super().on_partitions_assigned(assigned)


async def consume(
    cell: Cell,
    data: Database,
    group: str,
    applier: Applier,
    stream: str,
    events: int,
    slice_size: int,
) -> float:
    """Run a consumer group over a topic; return the seconds to the last progress it committed."""
    ledger, parked = Ledger(data, group), Parked(data, group)
    slices = Slices(data, ledger, parked, applier)
    broker = KafkaBroker(cell.kafka, allow_auto_create_topics=False, apply_types=False, logger=None)
    runner = TimedRunner(broker, ledger, slices, (stream,), cell=cell.name, slice_size=slice_size)

    async def is_done() -> bool:
        return sum([int(row["next"]) for row in await ledger.offsets()]) >= events

    await broker.start()
    try:
        await until(is_done)
        return time.perf_counter() - runner.began
    finally:
        await runner.close()
        await broker.stop()


def _evolve(document: Document | None, event: Event, envelope: Envelope) -> Document:
    fields = event.model_dump(mode="json", exclude_none=True)
    return {
        **(document or {}),
        **fields,
        "type": envelope.type,
        "sequence": envelope.sequence,
    }


class CatchUp:
    """One size of the comparison."""

    def __init__(self, cell: Cell, data: Database, events: int) -> None:
        self._cell = cell
        self._data = data
        self._events = events
        self._topic = f"{cell.topic_prefix}{STREAM}"
        self.documents: dict[str, str] = {}

    async def ours(self) -> float:
        """Return events a second of a projection through the real runner."""
        read_model = Projection(
            f"bench-{new_id()}", 1, (STREAM,), lambda event, _: event.key, _evolve
        )
        applier = ProjectionApplier(self._data, read_model, 1)
        await applier.create_indexes()
        group = read_model.group(1)
        took = await consume(
            self._cell, self._data, group, applier, STREAM, self._events, PROJECTION_SLICE
        )
        await self._digest("ours", read_model.documents(1))
        return self._events / took

    async def quix(self) -> float:
        """Return events a second of QuixStreams with its defaults."""
        name = f"quix_{new_id()}"
        answer = await peers.run(
            "quix_peer.py",
            kafka=self._cell.kafka,
            mongo_uri=self._cell.mongo_uri,
            topic=self._topic,
            group=name,
            database=self._data.name,
            collection=name,
            events=self._events,
            state=tempfile.mkdtemp(prefix="enlace-bench-quix-"),
        )
        await self._digest("quix", name)
        return self._events / float(answer["seconds"])

    async def raw(self) -> float:
        """Return events a second of aiokafka and pymongo alone, in slices as large as ours."""
        rows = self._data[f"raw_{new_id()}"]
        clock = Timed()
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._cell.kafka,
            group_id=f"{self._cell.name}.{new_id()}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        consumer.subscribe([self._topic], listener=clock)
        await consumer.start()
        try:
            done = 0
            while done < self._events:
                fetched = await consumer.getmany(timeout_ms=100, max_records=PROJECTION_SLICE)
                for records in fetched.values():
                    keys = list({record.key.decode() for record in records})
                    found = rows.find({"_id": {"$in": keys}})
                    documents = {row.pop("_id"): row async for row in found}
                    for record in records:
                        _fold(documents, record)
                    writes = [
                        ReplaceOne({"_id": key}, row, upsert=True) for key, row in documents.items()
                    ]
                    await rows.bulk_write(writes, ordered=False)
                    done += len(records)
            await consumer.commit()
            took = time.perf_counter() - clock.began
        finally:
            await consumer.stop()
        await self._digest("raw", rows.name)
        return self._events / took

    async def _digest(self, side: str, collection: str) -> None:
        """Keep what the documents were, so that nobody wins by doing less."""
        digest = hashlib.sha256()
        async for row in self._data[collection].find({}, sort=[("_id", 1)]):
            digest.update(json.dumps(row, sort_keys=True).encode())
        self.documents[side] = digest.hexdigest()
        await self._data[collection].drop()


def _fold(documents: dict[str, dict[str, Any]], record: ConsumerRecord) -> None:
    headers = dict(record.headers)
    document = documents.setdefault(record.key.decode(), {})
    document |= json.loads(record.value)
    document["type"] = headers["ce_type"].decode()
    document["sequence"] = int(headers["ce_sequence"])


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    events = 3_000 if short else 30_000
    await load.fill(cell, STREAM, events, events // 10)
    async with load.database(cell, "reporting") as data:
        work = CatchUp(cell, data, events)
        sides = {"ours": work.ours, "raw": work.raw}
        missing = None
        try:
            await asyncio.to_thread(peers.python)
            sides["quix"] = work.quix
        except peers.NoPeerError as error:
            missing = str(error)
        found = await rounds(sides, 1 if short else 5)
        assert len(set(work.documents.values())) == 1, "the sides made different documents"
        ours = ("projection", found["ours"])
        results = [
            _beside_quix(ours, found.get("quix"), missing),
            compare(
                "projection-catch-up-raw",
                "The same beside aiokafka's `getmany` and pymongo's `find` and `bulk_write` of the "
                "same folded documents, without transactions, watermarks or validation.",
                "events/s",
                ours=ours,
                other=("bare clients", found["raw"]),
                goal=0.75,
                direction=AT_LEAST,
                kind="limit",
            ),
        ]
        if not short and any(result.met is False for result in results):
            note = await profiled(work.ours, folder / "profile-projection-catch-up.txt")
            for result in results:
                if result.met is False:
                    result.notes.append(note)
    return results


def _beside_quix(
    ours: tuple[str, list[float]], quix: list[float] | None, missing: str | None
) -> Result:
    what = (
        "Events folded into one document per key in MongoDB, through the real runner with its "
        "transactions, watermarks and progress, beside QuixStreams' MongoDB sink with its "
        "defaults; both end with the same documents, which is checked."
    )
    if quix is None:
        note = f"QuixStreams was not measured: {missing}"
        mine = figure(*ours)
        name = "projection-catch-up"
        return Result(name, what, "events/s", mine, None, None, 1.2, AT_LEAST, "peer", [note])
    return compare(
        "projection-catch-up",
        what,
        "events/s",
        ours=ours,
        other=("QuixStreams", quix),
        goal=1.2,
        direction=AT_LEAST,
        kind="peer",
    )
