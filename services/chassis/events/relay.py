"""The relay: publishes what was committed, at least once, in order per key.

Contract, with the tests named after it in `docs/event-log.md`:
1. What it trusts is the set of unpublished rows; the change stream only wakes it.
2. A row is sent only after the broker has confirmed the earlier ones of its partition, or in one
   batch with them, and marked only after it was confirmed itself.
3. On any failure the producer is dropped: after one refused record aiokafka fails its partition
   for good. The rows stay unpublished and go out again.
4. A lease keeps one relay per service busy. One that was paused may publish late duplicates, never
   a first publication out of order; consumers drop those by `sequence`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from pymongo.errors import PyMongoError

from contracts import cloudevents
from services.chassis.database import Document
from services.chassis.events.log import Backlog, EventLog
from services.chassis.lease import Lease
from services.chassis.telemetry import meter

log = structlog.get_logger()

BATCH = 2_000
"""Rows in flight at once. Larger pages gain little and lengthen what a crash repeats."""

PATIENCE_SECONDS = 30.0
"""How long the broker may take to confirm a page."""

IN_HAND_SECONDS = PATIENCE_SECONDS + 5
"""After so long without topics a relay has given up whatever it had read before."""

_LOOK_SECONDS = 60.0
"""How long the pages of one moment are read; a server forgets a moment after five minutes."""

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
        security: Mapping[str, Any] | None = None,
        batch: int = BATCH,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._security = security or {}
        self._log = log_
        self._lease = lease
        self._waker = waker
        self._bootstrap = bootstrap
        self._cell = cell
        self._batch = batch
        self._patience = patience
        self._producer: AIOKafkaProducer | None = None
        self._renew_at = 0.0
        self.healthy = True

    async def run(self) -> None:
        """Publish until cancelled."""
        try:
            while True:
                if await self._turn():
                    await self._waker.wait(1.0)
        finally:
            await self._drop_producer()
            self._renew_at = 0.0
            await asyncio.shield(self._quietly_release())

    async def _turn(self) -> bool:
        """Publish what is pending now; tell whether there is nothing more to do."""
        try:
            if not await self._holds_lease():
                return True
            async with self._log.backlog(self._batch) as backlog:
                done = await self._publish_all(backlog)
        except (KafkaError, PyMongoError, OSError) as error:
            await self._failed(type(error).__name__)
            return False
        self.healthy = True
        return done < self._batch

    async def _holds_lease(self) -> bool:
        """Tell whether the lease is ours; renewed in good time, not at every page."""
        now = time.monotonic()
        if now < self._renew_at:
            return True
        held = await self._lease.hold()
        self._renew_at = now + self._lease.seconds / 3 if held else 0.0
        return held

    async def _publish_all(self, backlog: Backlog) -> int:
        """Publish page after page; returns how many rows.

        While the broker confirms one page, the page before is marked and the next one is read.

        Raises:
            KafkaError, TimeoutError, PyMongoError: the rest stays unpublished.
        """
        done = 0
        confirmed: list[str] = []
        until = time.monotonic() + _LOOK_SECONDS
        page = await backlog.page()
        while page and not backlog.at_end and time.monotonic() < until:
            if not await self._holds_lease():
                page = []
                break
            marking = asyncio.ensure_future(self._mark(confirmed))
            reading = asyncio.ensure_future(backlog.page())
            try:
                confirmed, broken = await self._confirm(page)
                await marking
                if broken is not None:
                    await self._mark(confirmed)
                    raise broken
                done += len(confirmed)
                page = await reading
            finally:
                marking.cancel()
                reading.cancel()
                await asyncio.gather(marking, reading, return_exceptions=True)
        await self._mark(confirmed)
        return done + (await self.publish(page) if page else 0)

    async def publish(self, rows: Sequence[Document]) -> int:
        """Send rows, wait for every confirmation, mark what is confirmed; returns how many.

        Raises:
            KafkaError: the broker refused; the rest stays unpublished.
            TimeoutError: it did not answer in time; the same.
        """
        confirmed, broken = await self._confirm(rows)
        await self._mark(confirmed)
        if broken is not None:
            raise broken
        return len(confirmed)

    async def _confirm(
        self, rows: Sequence[Document]
    ) -> tuple[list[str], KafkaError | TimeoutError | None]:
        """Send rows and wait; returns the ids that the broker confirmed, and what stopped others.

        Raises:
            KafkaError: there is no broker; nothing was sent.
        """
        producer = await self._ready_producer()
        topics: dict[str, list[Document]] = {}
        for row in rows:
            topics.setdefault(f"{self._cell}.{row['topic']}", []).append(row)
        confirmed: list[str] = []
        try:
            # An idempotent producer would wait for its broker for ever, and nobody would know.
            async with asyncio.timeout(self._patience):
                sent = await asyncio.gather(
                    *(_send(producer, name, own, confirmed) for name, own in topics.items())
                )
        except TimeoutError as error:
            return confirmed, error
        return confirmed, next(filter(None, sent), None)

    async def _mark(self, confirmed: Sequence[str]) -> None:
        if confirmed:
            await self._log.mark_published(confirmed)
            _published.add(len(confirmed))

    async def _ready_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                enable_idempotence=True,
                acks="all",
                max_batch_size=256 * 1024,
                request_timeout_ms=10_000,
                **self._security,
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
                async with asyncio.timeout(12):
                    await _abandon(producer)
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


async def _send(
    producer: AIOKafkaProducer, topic: str, rows: Sequence[Document], confirmed: list[str]
) -> KafkaError | None:
    """Send a topic's rows, its partitions side by side; another topic's trouble is not ours.

    Adds what the broker has confirmed, and returns what stopped the rest.
    """
    try:
        partitions = len(await producer.partitions_for(topic))
    except KafkaError as error:
        return error
    lines: dict[int, list[Document]] = {}
    for row in rows:
        lines.setdefault(_partition_of(row["key"], partitions), []).append(row)
    sent = await asyncio.gather(
        *(_send_line(producer, topic, place, line, confirmed) for place, line in lines.items())
    )
    return next(filter(None, sent), None)


@lru_cache(maxsize=50_000)
def _partition_of(key: str, partitions: int) -> int:
    """Hash as Kafka's own clients do: a key stays on its partition, whoever sends it.

    Remembered, because the hash in Python costs more than all else that is done to a row.
    """
    places = list(range(partitions))
    return int(_hash(key.encode(), places, places))


_hash = DefaultPartitioner()


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
    key: str = row["key"]
    added = batch.append(
        timestamp=None,
        key=key.encode(),
        value=row["data"],
        # Straight from the row: its time and envelope as objects would cost as much as the rest.
        headers=cloudevents.encode_parts(
            id=row["_id"],
            source=row["source"],
            type=row["type"],
            key=key,
            time=_rfc3339(row["time_us"]),
            sequence=row["sequence"],
            site=row["site"],
            traceparent=row["traceparent"],
        ),
    )
    return added is not None


def _rfc3339(time_us: int) -> str:
    """Return microseconds since 1970 as `datetime.isoformat` writes them in UTC."""
    seconds, rest = divmod(time_us, 1_000_000)
    return f"{_second(seconds)}.{rest:06d}+00:00" if rest else f"{_second(seconds)}+00:00"


@lru_cache(maxsize=1_000)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
