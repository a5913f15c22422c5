"""Builders for the chassis's tests: events, records, stores, relays and workers on a cell."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import RequestTimedOutError
from faststream.kafka import KafkaBroker

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.codes import Outcome
from contracts.event import Event
from contracts.referrals import ReferralCompleted
from contracts.topic import PARTITIONS, REFERRALS
from services.chassis.clock import Clock, SystemClock
from services.chassis.consumer.applier import Applier
from services.chassis.consumer.incoming import Incoming, read_parts
from services.chassis.consumer.ledger import Ledger
from services.chassis.consumer.parked import Parked
from services.chassis.consumer.runner import GroupRunner
from services.chassis.consumer.slices import Slices
from services.chassis.database import Database, connect
from services.chassis.events.log import EventLog
from services.chassis.events.relay import BATCH, PATIENCE_SECONDS, Relay
from services.chassis.events.waker import LogWaker
from services.chassis.ids import new_id
from services.chassis.lease import Lease
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.chassis.tasks import end
from tests.servers import Cell

STREAM = REFERRALS.name
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


class Tally(Aggregate):
    """A number that goes up."""

    COLLECTION = "tallies"

    n: int = 0
    next_due: datetime | None = None


def completed(key: str, claim: str = "c1") -> ReferralCompleted:
    """Return an event of a referral."""
    return ReferralCompleted(referral=key, claim=claim, outcome=Outcome.NEED_MET)


def envelope(event: Event, sequence: int, **changes: Any) -> Envelope:
    """Return what travels with an event."""
    fields = {"id": new_id(), "source": "enlace/test", "type": event.TYPE, "key": event.key}
    return Envelope(**{**fields, "time": NOON, "sequence": sequence, **changes})


def incoming(
    key: str = "a",
    sequence: int = 1,
    *,
    offset: int | None = None,
    topic: str = "t.referrals",
    partition: int = 0,
    **changes: Any,
) -> Incoming:
    """Return a good record, or one whose envelope or value is changed."""
    event = completed(key)
    value = changes.pop("value", event.model_dump_json().encode())
    return read_parts(
        topic=topic,
        partition=partition,
        offset=sequence - 1 if offset is None else offset,
        raw_key=key.encode(),
        headers=tuple(cloudevents.encode(envelope(event, sequence, **changes))),
        value=value,
    )


@contextlib.asynccontextmanager
async def database(
    cell: Cell, name: str = "referral", *, uri: str | None = None, silence_seconds: float = 60
) -> AsyncIterator[Database]:
    """Connect to a database of the cell."""
    client = connect(uri or cell.mongo_uri, app="test", silence_seconds=silence_seconds)
    try:
        yield Database(client, f"{cell.database_prefix}{name}")
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def store(
    cell: Cell, name: str = "referral", *, clock: Clock | None = None
) -> AsyncIterator[Store]:
    """Connect to a service's store, with its event log's indexes."""
    async with database(cell, name) as connected:
        log = EventLog(connected, source=f"enlace/{name}", clock=clock or SystemClock())
        await log.create_indexes()
        yield Store(connected, log)


async def bump(store: Store, key: str, *events: Event, by: int = 1) -> int:
    """Count a tally up and tell it (by one event, or these); return the new number."""
    ref = Ref(Tally, key)

    def more(found: Found) -> Change[int]:
        tally = found.get(ref) or Tally(id=key)
        after = tally.having(n=tally.n + by)
        return Change(after.n, [after], events or [completed(key)], "site-01")

    return await store.update([ref], more)


async def create_topics(cell: Cell, *names: str, **config: str) -> None:
    """Make topics of the cell, `referrals` unless named, and wait until their leaders are known."""
    full = [f"{cell.topic_prefix}{name}" for name in names or (STREAM,)]
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    try:
        made = await admin.create_topics(
            [NewTopic(name, PARTITIONS, 1, topic_configs=config) for name in full],
            timeout_ms=30_000,
        )
        # A busy broker answers "timed out" and makes them all the same.
        unexpected = {code for _, code, *_ in made.topic_errors} - {0, RequestTimedOutError.errno}
        assert not unexpected, made

        async def are_led() -> bool:
            topics = await admin.describe_topics(full)
            places = [place for topic in topics for place in topic["partitions"]]
            return len(places) == PARTITIONS * len(full) and all(
                place["leader"] >= 0 and place["error_code"] == 0 for place in places
            )

        await eventually(are_led, f"leaders of {full}", seconds=60)
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def producer(cell: Cell) -> AsyncIterator[AIOKafkaProducer]:
    """Start a producer of our own, for records that no relay would send."""
    started = AIOKafkaProducer(
        bootstrap_servers=cell.kafka, linger_ms=5, max_request_size=3 * 1024 * 1024
    )
    await started.start()
    try:
        yield started
    finally:
        await started.stop()


async def send(
    sender: AIOKafkaProducer, cell: Cell, event: Event, *sequences: int, **changes: Any
) -> None:
    """Send an event under each of these sequences, in this order, and wait for the broker."""
    topic = f"{cell.topic_prefix}{event.TOPIC.name}"
    for sequence in sequences:
        headers = cloudevents.encode(envelope(event, sequence, **changes))
        value = event.model_dump_json().encode()
        await sender.send_and_wait(topic, value, key=event.key.encode(), headers=headers)


async def read_topic(cell: Cell, name: str = STREAM) -> list[ConsumerRecord]:
    """Return everything on a topic, each partition in its order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cell.kafka, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        places = [TopicPartition(f"{cell.topic_prefix}{name}", n) for n in range(PARTITIONS)]
        consumer.assign(places)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(places)
        found: list[ConsumerRecord] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found += records
        return found
    finally:
        await consumer.stop()


def sequences_by_key(records: Sequence[ConsumerRecord]) -> dict[str, list[int]]:
    """Return each key's sequences in the order of the topic."""
    found: dict[str, list[int]] = {}
    for record in records:
        sequence = int(dict(record.headers)["ce_sequence"])
        found.setdefault(record.key.decode(), []).append(sequence)
    return found


def relay(
    cell: Cell,
    log: EventLog,
    data: Database,
    *,
    batch: int = BATCH,
    patience: float = PATIENCE_SECONDS,
) -> Relay:
    """Return a relay with a short lease, not running."""
    return Relay(
        log,
        Lease(data, "relay", seconds=2),
        LogWaker(data),
        bootstrap=cell.kafka,
        cell=cell.name,
        batch=batch,
        patience=patience,
    )


@contextlib.asynccontextmanager
async def running(*works: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run these until the block ends."""
    tasks = [asyncio.ensure_future(work()) for work in works]
    try:
        yield
    finally:
        await end(tasks)
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


class Effects:
    """An applier that writes a row for every event it is given: what is done twice shows twice."""

    def __init__(self, data: Database) -> None:
        self._rows = data["effects"]
        self.before: Callable[[Sequence[Incoming]], Awaitable[None]] | None = None

    async def apply(self, records: Sequence[Incoming]) -> None:
        """Write the rows."""
        if self.before is not None:
            await self.before(records)
        rows = [{"key": each.key, "sequence": each.sequence, "_id": new_id()} for each in records]
        if rows:
            await self._rows.insert_many(rows)

    async def count(self) -> int:
        """Return how many effects there are."""
        return await self._rows.count_documents({})

    async def by_key(self) -> dict[str, list[int]]:
        """Return the sequences that were applied to each key, in order."""
        found: dict[str, list[int]] = {}
        async for row in self._rows.find({}, sort=[("_id", 1)]):
            found.setdefault(row["key"], []).append(row["sequence"])
        return found


@dataclass(slots=True)
class Group:
    """A consumer group's parts on one database."""

    database: Database
    ledger: Ledger
    parked: Parked
    slices: Slices

    async def waiting(self, key: str) -> list[str]:
        """Return the causes of a key's parked events, in order."""
        return [row["cause"] for row in await self.parked.show(STREAM, key)]


def group(data: Database, applier: Applier, name: str = "work") -> Group:
    """Put a group's parts together, without a broker."""
    ledger, parked = Ledger(data, name), Parked(data, name)
    return Group(data, ledger, parked, Slices(data, ledger, parked, applier))


@contextlib.asynccontextmanager
async def worker(
    cell: Cell, members: Group, *topics: str, metadata_seconds: float = 30, **limits: Any
) -> AsyncIterator[GroupRunner]:
    """Run a member of a consumer group; it meets topics made anew within `metadata_seconds`."""
    broker = KafkaBroker(
        cell.kafka,
        allow_auto_create_topics=False,
        metadata_max_age_ms=int(metadata_seconds * 1_000),
        apply_types=False,
        logger=None,
        graceful_timeout=10,
    )
    runner = GroupRunner(
        broker, members.ledger, members.slices, topics or (STREAM,), cell=cell.name, **limits
    )
    await broker.start()
    try:
        yield runner
    finally:
        await runner.close()
        await broker.stop()


async def eventually(
    holds: Callable[[], bool | Awaitable[bool]], what: str, *, seconds: float = 20
) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it did not in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        now = holds()
        if now if isinstance(now, bool) else await now:
            return
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        await asyncio.sleep(0.02)
