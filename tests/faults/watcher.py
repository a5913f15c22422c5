"""Reads every topic as it grows, without a consumer group: what reached whom, and when."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from contracts.cloudevents import decode, read
from contracts.offerings import OfferingOpened
from contracts.provider import ProviderIds
from contracts.referrals import ReferralAccepted
from contracts.topic import PARTITIONS, TOPICS
from deploy.local.system.places import CELL
from services.chassis.tasks import end

PLACES = [
    TopicPartition(f"{CELL}.{topic.name}", number)
    for topic in TOPICS
    for number in range(PARTITIONS)
]

T = TypeVar("T")
_Awaited = dict[str, "asyncio.Future[T]"]


class Watcher:
    """Follows the topics through every fault; a copy of an event counts once.

    Attributes:
        accepted_at: when each acceptance of a claim was first seen, on the monotonic clock: the
            whole way through referral, partner and referral, three times over Kafka.
    """

    def __init__(self, bootstrap: str, ids: ProviderIds) -> None:
        self._bootstrap = bootstrap
        self._ids = ids
        self._seen: set[str] = set()
        self._offerings: _Awaited[OfferingOpened] = defaultdict(_future)
        self._accepted: _Awaited[ReferralAccepted] = defaultdict(_future)
        self._next: _Awaited[None] = defaultdict(_future)
        self.accepted_at: list[float] = []
        self._task: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()

    def start(self) -> None:
        """Follow the topics until stopped."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            await end([self._task])

    def start_over(self) -> None:
        """Read from the first record again: the topics were made anew."""
        self._stale.set()

    async def offering(self, referral: str) -> OfferingOpened:
        """Return the offers of a referral's first round, once they are out."""
        return await asyncio.shield(self._offerings[referral])

    async def accepted(self, referral: str) -> ReferralAccepted:
        """Return the acceptance of a claim on a referral, once it is told."""
        return await asyncio.shield(self._accepted[referral])

    async def next_of(self, service: str) -> None:
        """Return at the next event of a service that reaches a topic for the first time."""
        await asyncio.shield(self._next[f"enlace/{service}"])

    async def _run(self) -> None:
        while True:
            self._stale.clear()
            with contextlib.suppress(KafkaError, OSError):
                await self._follow()
            await asyncio.sleep(0.5)

    async def _follow(self) -> None:
        consumer = raw_consumer(self._bootstrap)
        await consumer.start()
        try:
            consumer.assign(PLACES)
            while not self._stale.is_set():
                found = await consumer.getmany(timeout_ms=200)
                for records in found.values():
                    self._take(records)
        finally:
            await consumer.stop()

    def _take(self, records: "Iterable[ConsumerRecord[bytes, bytes]]") -> None:
        for record in records:
            envelope = decode(record.headers)
            if envelope.id in self._seen:
                continue
            self._seen.add(envelope.id)
            if envelope.source in self._next:
                _resolve(self._next.pop(envelope.source), None)
            event = read(envelope, record.value, self._ids)
            match event:
                case OfferingOpened():
                    _resolve(self._offerings[event.referral], event)
                case ReferralAccepted():
                    self.accepted_at.append(time.monotonic())
                    _resolve(self._accepted[event.referral], event)
                case _:
                    pass


def raw_consumer(bootstrap: str) -> AIOKafkaConsumer:
    """Return a consumer without a group, that begins at the first record."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        request_timeout_ms=10_000,
    )


def _future() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


def _resolve(future: "asyncio.Future[T]", value: T) -> None:
    if not future.done():
        future.set_result(value)
