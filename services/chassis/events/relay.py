"""The relay: publishes what was committed, at least once, in order per key.

Contract, with the tests named after it in `docs/event-log.md`:
1. What it trusts is the set of unpublished rows; the change stream only wakes it.
2. A row is sent only after the broker has confirmed the earlier ones of its partition's page, or
   in one batch with them, and marked only after it was confirmed itself.
3. On any failure the producer is dropped: after one refused record aiokafka fails its partition
   for good. The rows stay unpublished and go out again.
4. A lease keeps one relay per service busy. One that was paused may publish late duplicates, never
   a first publication out of order; consumers drop those by `sequence`.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from pymongo.errors import PyMongoError

from contracts import cloudevents
from services.chassis.database import Document
from services.chassis.events.log import PAGE_BYTES, EventLog, LoggedEvent
from services.chassis.lease import Lease
from services.chassis.telemetry import meter

log = structlog.get_logger()

BATCH = 2_000
"""Rows in flight at once. Larger pages gain little and lengthen what a crash repeats."""

_partition_of = DefaultPartitioner()
"""The hash of Kafka's own clients: a key stays on its partition, whoever sends it."""

PATIENCE_SECONDS = 30.0
"""How long the broker may take to confirm a page."""

_published = meter.create_counter("enlace.relay.published", unit="{event}")
_failures = meter.create_counter("enlace.relay.failures", unit="{batch}")


class Waker(Protocol):
    """Tells that the log may hold something new."""

    async def wait(self, seconds: float) -> None:
        """Return when woken, or after `seconds`."""
        ...


class Relay:
    """Publishes one service's event log to its topics."""

    def __init__(
        self,
        log_: EventLog,
        lease: Lease,
        waker: Waker,
        *,
        bootstrap: str,
        cell: str,
        batch: int = BATCH,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._log = log_
        self._lease = lease
        self._waker = waker
        self._bootstrap = bootstrap
        self._cell = cell
        self._batch = batch
        self._patience = patience
        self._producer: AIOKafkaProducer | None = None
        self.healthy = True

    async def run(self) -> None:
        """Publish until cancelled."""
        try:
            while True:
                if await self._turn():
                    await self._waker.wait(1.0)
        finally:
            await self._drop_producer()
            await asyncio.shield(self._quietly_release())

    async def _turn(self) -> bool:
        """Publish one page; tell whether there is nothing more to do now."""
        try:
            if not await self._lease.hold():
                return True
            rows = await self._log.pending(self._batch)
            if not rows:
                self.healthy = True
                return True
            done = await self.publish(rows)
        except (KafkaError, PyMongoError, OSError) as error:
            await self._failed(type(error).__name__)
            return False
        self.healthy = True
        return done < self._batch and _size(rows) < PAGE_BYTES

    async def publish(self, rows: Sequence[Document]) -> int:
        """Send rows, wait for every confirmation, mark what is confirmed; returns how many.

        Raises:
            KafkaError: the broker refused; the rest stays unpublished.
            TimeoutError: it did not answer in time; the same.
        """
        producer = await self._ready_producer()
        topics: dict[str, list[Document]] = {}
        for row in rows:
            topics.setdefault(f"{self._cell}.{row['topic']}", []).append(row)
        confirmed: list[str] = []
        broken: KafkaError | TimeoutError | None = None
        try:
            # An idempotent producer would wait for its broker for ever, and nobody would know.
            async with asyncio.timeout(self._patience):
                sent = await asyncio.gather(
                    *(_send(producer, name, own, confirmed) for name, own in topics.items())
                )
            broken = next(filter(None, sent), None)
        except TimeoutError as error:
            broken = error
        if confirmed:
            await self._log.mark_published(confirmed)
            _published.add(len(confirmed))
        if broken is not None:
            raise broken
        return len(confirmed)

    async def _ready_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                enable_idempotence=True,
                acks="all",
                max_batch_size=256 * 1024,
                request_timeout_ms=10_000,
            )
            try:
                await producer.start()
            except BaseException:
                await _abandon(producer)
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await asyncio.wait_for(_abandon(producer), timeout=12)
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("relay.producer_not_closed", error=type(error).__name__)

    async def _failed(self, error: str) -> None:
        self.healthy = False
        _failures.add(1)
        log.warning("relay.failed", error=error, next="rows stay unpublished; trying again in 1 s")
        await self._drop_producer()
        await asyncio.sleep(1)

    async def _quietly_release(self) -> None:
        try:
            await self._lease.release()
        except PyMongoError as error:
            log.warning("relay.lease_not_released", error=type(error).__name__)


def _size(rows: Sequence[Document]) -> int:
    return sum(len(row["data"]) for row in rows)


async def _send(
    producer: AIOKafkaProducer, topic: str, rows: Sequence[Document], confirmed: list[str]
) -> KafkaError | None:
    """Send a topic's rows, its partitions side by side; another topic's trouble is not ours.

    Adds what the broker has confirmed, and returns what stopped the rest.
    """
    try:
        partitions = sorted(await producer.partitions_for(topic))
    except KafkaError as error:
        return error
    lines: dict[int, list[Document]] = {}
    for row in rows:
        place = _partition_of(row["key"].encode(), partitions, partitions)
        lines.setdefault(place, []).append(row)
    sent = await asyncio.gather(
        *(_send_line(producer, topic, place, line, confirmed) for place, line in lines.items())
    )
    return next(filter(None, sent), None)


async def _send_line(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    rows: Sequence[Document],
    confirmed: list[str],
) -> KafkaError | None:
    """Send one partition's rows, batch after batch, up to the first that is refused.

    A batch is taken or refused as a whole, and the next one waits for it. With several under way,
    a broker that knows nothing of a fresh producer yet takes the second after refusing the first,
    and a key's later event would be published before the earlier one.
    """
    rest = deque(rows)
    while rest:
        batch = producer.create_batch()
        ids: list[str] = []
        while rest and _append(batch, rest[0]):
            ids.append(rest.popleft()["_id"])
        batch.close()
        try:
            await (await producer.send_batch(batch, topic, partition=partition))
        except KafkaError as error:
            return error
        confirmed += ids
    return None


async def _abandon(producer: AIOKafkaProducer) -> None:
    """End a producer without sending what it still holds: the rows go out again by the next one.

    Its own `stop` sends first, and waits for a broker that is away for ever.
    """
    producer._closed = True  # noqa: SLF001 - there is no public way to give up
    await producer._sender.close()  # noqa: SLF001 - the same
    await producer.client.close()


def _append(batch: BatchBuilder, row: Document) -> bool:
    """Add a row to a batch; False where the batch is full. An empty one takes any row."""
    event = LoggedEvent.of(row)
    added = batch.append(
        timestamp=None,
        key=event.envelope.key.encode(),
        value=event.data,
        headers=cloudevents.encode(event.envelope),
    )
    return added is not None
