"""Reads topics with FastStream and hands partition slices to a group's `Slices`.

Contract, with the tests named after it in `docs/consumer.md`:
12. On assignment it seeks to the progress in MongoDB; Kafka's committed offsets only feed lag
    metrics.
13. A passing failure is retried with backoff for less than half of `max.poll.interval`; after that
    the partition is paused, the worker is unready, and it tries on.
14. The handler never raises into FastStream: what would be acknowledged away is kept instead.
15. A consumer whose handler never ends, or whose loop has died, calls itself stuck, and its process
    is restarted; one that is busy, waits for a server or has nothing to do never does.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from contracts.provider import ProviderIds
from services.chassis.consumer.applier import PassingError
from services.chassis.consumer.incoming import Incoming, incoming
from services.chassis.consumer.ledger import FencedError, Ledger
from services.chassis.consumer.pulse import Pulse
from services.chassis.consumer.raw import Batch, keep_raw, records_of
from services.chassis.consumer.reading import unbreakable
from services.chassis.consumer.slices import Slices
from services.chassis.database import is_passing
from services.chassis.tasks import end

if TYPE_CHECKING:
    from faststream.kafka.subscriber.usecase import BatchSubscriber

log = structlog.get_logger()

SLICE = 500
"""Events applied in one transaction: enough to spread its cost, within its limits."""

PROJECTION_SLICE = 2_000
"""The same for a read model, which writes a document once however many events touch it."""

SIDE_BY_SIDE = 8
"""Slices that are fetched together: while the database works on one, the next is read."""

_EVENT_BYTES = 800
"""About what an event takes: so much is fetched of a partition that a batch holds several."""

MAX_POLL_INTERVAL_MS = 300_000
RETRY_SECONDS = 80.0
"""How long a passing failure is waited out in place.

With the minute that a driver may take to give a silent server up, under half of the poll interval.
"""

STALLED_SECONDS = 60.0
PAUSE_SECONDS = 5.0
"""How often a paused partition is tried again."""

_COMMIT_EVERY = 5.0
_STOP_SECONDS = 3.0


class GroupRunner(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka publishes no types
    """One consumer group of a worker."""

    def __init__(
        self,
        broker: KafkaBroker,
        ledger: Ledger,
        slices: Slices,
        topics: Sequence[str],
        *,
        cell: str,
        ids: ProviderIds | None = None,
        slice_size: int = SLICE,
        retry_seconds: float = RETRY_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._ids = ids
        self._slice_size = slice_size
        self._retry_seconds = retry_seconds
        self._pause_seconds = pause_seconds
        self._ledger = ledger
        self._slices = slices
        self._prefix = f"{cell}."
        self._expected: dict[TopicPartition, int] = {}
        self._paused: dict[TopicPartition, asyncio.Task[None]] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._commits: asyncio.Task[None] | None = None
        self._limits: set[asyncio.Timeout] = set()
        self._busy_since: float | None = None
        self._pulse = Pulse()
        self._assigned_at = time.time()
        self._guarded: AIOKafkaConsumer | None = None
        self._closing = False
        self._subscriber: BatchSubscriber = broker.subscriber(
            *[self._prefix + topic for topic in topics],
            batch=True,
            # Quiet topics are looked at forty times a second: an event waits 25 ms at most.
            batch_timeout_ms=25,
            max_records=SIDE_BY_SIDE * slice_size,
            max_partition_fetch_bytes=_EVENT_BYTES * slice_size,
            group_id=self._prefix + ledger.group,
            auto_offset_reset="earliest",
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=500,
            fetch_max_wait_ms=100,
            ack_policy=AckPolicy.MANUAL,
            listener=self,
            parser=keep_raw,
            decoder=records_of,
            no_reply=True,
        )
        self._subscriber(self._handle)

    @property
    def group(self) -> str:
        """The group's name, without the cell's prefix."""
        return self._ledger.group

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The client underneath, once started."""
        return self._subscriber.consumer

    async def start(self) -> None:
        """Join the group; for a runner that is added while the broker's client is running."""
        await self._subscriber.start()

    async def stop(self) -> None:
        """Leave the group, for good; a slice in flight is rolled back."""
        await self.close()
        await self._subscriber.stop()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Forget what is no longer ours; a slice in flight is fenced by its compare-and-set."""
        for partition in revoked:
            self._expected.pop(partition, None)
            self._pulse.end(partition)
            task = self._paused.pop(partition, None)
            if task is not None:
                task.cancel()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Seek to the progress in MongoDB; a partition whose progress cannot be read waits."""
        partitions = list(assigned)
        self._assigned_at = time.time()
        self._committed.clear()
        if self._commits is None and not self._closing:
            self._commits = asyncio.create_task(self._commit_for_metrics())
        if self.consumer is not None and self.consumer is not self._guarded:
            self._guarded = self.consumer
            self.consumer.getmany = self._pulse.watch(unbreakable(self.consumer))
        if self.consumer is not None and partitions:
            # Held until its place is known: read from where Kafka remembers, events that MongoDB
            # has not seen could be passed over.
            self.consumer.pause(*partitions)
        for partition in partitions:
            await self._find_place(partition)

    async def _handle(self, records: Batch) -> None:
        """Apply a batch, its partitions side by side; never raises for what a batch holds.

        Partitions of one number one after another: topics that share a key share its number, and
        their events would contend for the same documents.
        """
        lanes: dict[int, list[list[ConsumerRecord]]] = {}
        for _, group in groupby(records, key=lambda record: (record.topic, record.partition)):
            own = list(group)
            lanes.setdefault(own[0].partition, []).append(own)
        self._busy_since = time.monotonic()
        self._pulse.handle(busy=True)
        try:
            await asyncio.gather(*(self._apply_lane(lane) for lane in lanes.values()))
        finally:
            self._busy_since = None
            self._pulse.handle(busy=False)

    async def _apply_lane(self, lane: list[list[ConsumerRecord]]) -> None:
        for records in lane:
            partition = TopicPartition(records[0].topic, records[0].partition)
            for start in range(0, len(records), self._slice_size):
                part = records[start : start + self._slice_size]
                await self._apply(partition, [incoming(record, self._ids) for record in part])
                if self._expected.get(partition, -1) <= part[-1].offset:
                    break  # not applied: what follows it is read again
                self._busy_since = time.monotonic()

    async def _apply(self, partition: TopicPartition, records: list[Incoming]) -> None:
        """Apply one partition's slice, waiting out what passes."""
        if partition in self._paused or self._closing:
            return
        expected = self._expected.get(partition)
        if expected is None:  # these came before its place was known, and are read again
            await self._find_place(partition)
            return
        fresh = [record for record in records if record.offset >= expected]
        if fresh:
            await self._wait_out(partition, fresh, expected)
        elif self._is_shorter(partition, expected):
            self._pause(partition, "the topic ends before what was already read of it")

    def _is_shorter(self, partition: TopicPartition, expected: int) -> bool:
        """Tell whether a topic has lost what was read: then nothing new would ever be applied."""
        consumer = self.consumer
        if consumer is None or partition not in consumer.assignment():
            return False
        end = consumer.highwater(partition)
        return end is not None and end < expected

    async def _wait_out(
        self, partition: TopicPartition, records: list[Incoming], expected: int
    ) -> None:
        """Apply records, trying again while a failure may pass, then pausing the partition."""
        stream = partition.topic.removeprefix(self._prefix)
        deadline = time.monotonic() + self._retry_seconds
        delay = 0.2
        self._pulse.begin(partition)
        while self._expected.get(partition) == expected:
            try:
                # The driver itself tries a transaction again for two minutes.
                async with self._limited(max(1.0, deadline - time.monotonic())):
                    next_offset = await self._slices.apply(stream, records, expected=expected)
            except FencedError:
                self._pulse.end(partition)
                log.info("consumer.fenced", topic=stream, partition=partition.partition)
                await self._find_place(partition)
                return
            except Exception as error:  # the boundary: whatever it is, nothing is lost
                cause = type(error).__name__
                if not isinstance(error, TimeoutError):
                    # It came to an end: what it waits for lies elsewhere, where no restart helps.
                    self._pulse.wait(partition)
                if not (isinstance(error, PassingError | TimeoutError) or is_passing(error)):
                    log.exception("consumer.slice_failed", topic=stream, error=cause)
                else:
                    log.warning("consumer.waiting", topic=stream, error=cause, seconds=delay)
                if time.monotonic() + delay > deadline:
                    self._pause(partition, cause)
                    return
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)
            else:
                self._pulse.end(partition)
                if self._expected.get(partition) == expected:
                    self._expected[partition] = next_offset
                return

    @contextlib.asynccontextmanager
    async def _limited(self, seconds: float) -> AsyncIterator[None]:
        """Bound what happens inside, to less when the runner is closed meanwhile."""
        async with asyncio.timeout(seconds) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    async def _find_place(self, partition: TopicPartition) -> None:
        """Read on from the progress in MongoDB, or pause the partition until it can be read."""
        try:
            await self._seek_to_progress(partition)
        except Exception as error:  # noqa: BLE001 - aiokafka would read on from where it likes
            if not isinstance(error, IllegalStateError):  # taken away meanwhile
                self._pause(partition, type(error).__name__)

    async def _seek_to_progress(self, partition: TopicPartition) -> None:
        next_offset = await self._ledger.next_offset(partition.topic, partition.partition)
        consumer = self.consumer
        if consumer is None or partition not in consumer.assignment():
            return
        consumer.seek(partition, next_offset)
        self._expected[partition] = next_offset
        consumer.resume(partition)

    def _pause(self, partition: TopicPartition, cause: str) -> None:
        """Stop reading a partition for a while; polling goes on, so the group keeps its member."""
        consumer = self.consumer
        if partition in self._paused or consumer is None or self._closing:
            return
        self._expected.pop(partition, None)
        if partition not in consumer.assignment():
            return
        log.error(
            "consumer.paused",
            topic=partition.topic,
            partition=partition.partition,
            cause=cause,
            next=f"trying every {self._pause_seconds:g} s; the worker is unready until then",
        )
        consumer.pause(partition)
        self._paused[partition] = asyncio.create_task(self._resume_later(partition))

    async def _resume_later(self, partition: TopicPartition) -> None:
        while True:
            await asyncio.sleep(self._pause_seconds)
            try:
                await self._seek_to_progress(partition)
            except Exception as error:  # noqa: BLE001 - paused for ever would be worse
                log.info("consumer.still_paused", error=type(error).__name__)
                continue
            self._paused.pop(partition, None)
            return

    async def _commit_for_metrics(self) -> None:
        """Tell Kafka where we are, now and then; a failure costs nothing but a lag figure."""
        while True:
            await asyncio.sleep(_COMMIT_EVERY)
            consumer = self.consumer
            if consumer is None:
                continue
            ours = consumer.assignment()
            offsets = {
                place: at
                for place, at in self._expected.items()
                if place in ours and at > 0 and self._committed.get(place) != at
            }
            try:
                if offsets:
                    await consumer.commit(offsets)
                    self._committed.update(offsets)
            except (KafkaError, IllegalStateError) as error:
                log.info("consumer.lag_not_reported", error=type(error).__name__)

    def health(self) -> dict[str, Any]:
        """Return assignment, paused partitions and whether the group is stalled."""
        consumer = self.consumer
        assigned = len(consumer.assignment()) if consumer is not None else 0
        busy = 0.0 if self._busy_since is None else time.monotonic() - self._busy_since
        stalled = busy > STALLED_SECONDS or self._silent_for() > STALLED_SECONDS
        return {
            "group": self._ledger.group,
            "assigned": assigned,
            "paused": len(self._paused),
            "stalled": bool(self._paused) or stalled,
        }

    def stuck(self) -> bool:
        """Tell whether only a restart helps; one that is being closed is on its way out."""
        return self._pulse.stuck() and not self._closing

    def _silent_for(self) -> float:
        """Return for how many seconds no partition was heard of, though some are ours.

        A broker answers for each partition several times a second, also where nothing is new.
        """
        consumer = self.consumer
        ours = consumer.assignment() if consumer is not None else ()
        if consumer is None or not ours:
            return 0.0
        heard = max((consumer.last_poll_timestamp(place) or 0) / 1000 for place in ours)
        return float(time.time() - max(heard, self._assigned_at))

    async def close(self) -> None:
        """Stop what runs beside the subscriber, and what it waits for."""
        self._closing = True
        self._expected.clear()
        for limit in self._limits:
            if limit.expired():
                continue  # it is on its way out already
            limit.reschedule(asyncio.get_running_loop().time() + _STOP_SECONDS)
        beside = [*self._paused.values(), *filter(None, [self._commits])]
        await end(beside)
        self._paused.clear()
