"""The cell's events as they stand in Kafka, for people and programs that watch a local system.

Of a restricted topic the envelope alone is read: what it carries is for the services that hold
the key.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from contracts.cloudevents import UnreadableEventError, decode
from contracts.topic import BY_NAME, PARTITIONS, TOPICS
from deploy.local.system import clock
from services.chassis.consumer.reading import unbreakable

# A broker that stops is an error to its caller, and a hundred lines to a client that is not asked.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

UNREADABLE = "unreadable"
_LONGEST = 100  # characters of a name or id that are shown; ours have 64 at most


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as an onlooker sees it.

    Attributes:
        topic: its name without the cell's prefix.
        type: short, as `referral.created`; `unreadable` where headers or value are not ours.
        data: ids and codes; empty for a restricted topic.
    """

    topic: str
    partition: int
    offset: int
    key: str
    type: str
    time: datetime | None
    sequence: int | None
    site: str | None
    data: dict[str, Any] = field(repr=False)

    @property
    def referral(self) -> str | None:
        """The referral it belongs to; None where it names none."""
        if BY_NAME[self.topic].key_fields == ("referral",):
            return self.key
        named = self.data.get("referral")
        return _plain(named) if isinstance(named, str) else None

    def envelope(self) -> dict[str, Any]:
        """Return what may be shown of it to anybody: no value."""
        return {
            "time": self.time.isoformat() if self.time else None,
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "key": self.key,
            "sequence": self.sequence,
            "type": self.type,
            "site": self.site,
            "referral": self.referral,
        }


def short(type_name: str) -> str:
    """Return `referral.created` for `org.enlace.referral.created.v1`."""
    return type_name.removeprefix("org.enlace.").rsplit(".", 1)[0]


class Stream:
    """Reads every topic of a cell; no group, no trace of its reading."""

    def __init__(self, consumer: AIOKafkaConsumer, cell: str) -> None:
        self._consumer = consumer
        self._getmany = unbreakable(consumer, told=lambda *_: None)  # each is seen
        self._prefix = f"{cell}."

    async def read(self, wait: float = 0.2) -> list[Seen]:
        """Return what has come since the last call; waits at most `wait` seconds for it."""
        found = await self._getmany(timeout_ms=int(wait * 1000), max_records=2_000)
        return [self._seen(record) for records in found.values() for record in records]

    async def until_end(self) -> AsyncIterator[list[Seen]]:
        """Yield everything from here up to what was written when this began."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        while True:
            found = await self.read()
            if found:
                yield found
            at = [await self._consumer.position(place) >= end for place, end in ends.items()]
            if all(at):
                return

    def _seen(self, record: "ConsumerRecord[bytes, bytes]") -> Seen:
        topic = record.topic.removeprefix(self._prefix)
        place = (topic, record.partition, record.offset)
        try:
            envelope = decode(record.headers)
            # An hour of the first or last year may have no place in another zone.
            envelope.time.astimezone(clock.ZONE)
        except (UnreadableEventError, OverflowError):
            key = (record.key or b"").decode(errors="replace")
            return Seen(*place, _plain(key), UNREADABLE, None, None, None, {})
        data: dict[str, Any] | None = {}
        if not BY_NAME[topic].restricted and record.value is not None:
            data = _object(record.value)
        return Seen(
            *place,
            _plain(envelope.key),
            UNREADABLE if data is None else _plain(short(envelope.type)),
            envelope.time,
            envelope.sequence,
            None if envelope.site is None else _plain(envelope.site),
            data or {},
        )


def _object(value: bytes) -> dict[str, Any] | None:
    """Return what a value holds; None where it is no JSON object."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):  # the latter for what is nested too deeply
        return None
    return found if isinstance(found, dict) else None


def _plain(text: str) -> str:
    """Return what anybody may have written as a terminal and a page can show it, on one line."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    return "".join(each if each.isprintable() else "\ufffd" for each in text[:_LONGEST])


@asynccontextmanager
async def opened(
    kafka: str, cell: str, *, from_start: bool, topics: Sequence[str] | None = None
) -> AsyncIterator[Stream]:
    """Open a stream that stands at the first event, or behind the last.

    Args:
        kafka: `host:port` of the broker.
        cell: prefix of the topics.
        from_start: where it stands.
        topics: names without prefix; all by default.

    Raises:
        KafkaError: the broker does not answer.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        names = [f"{cell}.{name}" for name in topics or [each.name for each in TOPICS]]
        places = [TopicPartition(name, number) for name in names for number in range(PARTITIONS)]
        consumer.assign(places)
        if from_start:
            await consumer.seek_to_beginning(*places)
        else:
            await consumer.seek_to_end(*places)
            # Fixed here and now: what is written from this moment on is seen.
            await asyncio.gather(*[consumer.position(place) for place in places])
        yield Stream(consumer, cell)
    finally:
        # Of a broker that has gone, the client's own tasks end cancelled.
        await asyncio.gather(consumer.stop(), return_exceptions=True)
