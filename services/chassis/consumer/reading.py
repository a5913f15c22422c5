"""Reading from Kafka so that no record can keep a partition from being read.

aiokafka fails to read a batch that holds, for instance, a header whose *name* is not UTF-8: again
and again, at full speed and without a word. What it cannot read becomes a record without a key,
which is parked on its own; its bytes stay in Kafka, at the place that the parked one names.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

log = structlog.get_logger()

Found = dict[TopicPartition, list[ConsumerRecord]]
GetMany = Callable[..., Awaitable[Found]]

Told = Callable[[TopicPartition, int, Exception], None]

_WAIT_MS = 100
_LOOKS = 50


def _warn(place: TopicPartition, offset: int, error: Exception) -> None:
    log.error(
        "consumer.unreadable_record",
        topic=place.topic,
        partition=place.partition,
        offset=offset,
        error=type(error).__name__,
        next="it is parked without its bytes: look at this place of the topic",
    )


def unbreakable(consumer: AIOKafkaConsumer, *, told: Told = _warn) -> GetMany:
    """Return a `getmany` for a consumer, which sets aside what the client cannot read.

    `told` is given the place of each such record and what reading it raised.
    """
    getmany: GetMany = consumer.getmany

    async def read(*partitions: TopicPartition, **limits: Any) -> Found:
        try:
            return await getmany(*partitions, **limits)
        except (KafkaError, ConsumerStoppedError):
            raise
        except Exception:  # noqa: BLE001 - whatever a stranger's bytes make of the client
            return await _find_out(consumer, getmany, told)

    return read


async def _find_out(consumer: AIOKafkaConsumer, getmany: GetMany, told: Told) -> Found:
    """Read one partition after the other, to tell which holds what cannot be read.

    What is at hand, again and again until the bad one is there: to wait for each of a hundred
    partitions in turn would take ten seconds.
    """
    found: Found = {}
    for _ in range(_LOOKS):
        bad = False
        for place in consumer.assignment() - consumer.paused() - found.keys():
            try:
                found |= await getmany(place, timeout_ms=0)
            except (KafkaError, ConsumerStoppedError):
                raise
            except Exception:  # noqa: BLE001 - as above
                found[place] = await _up_to_the_bad_one(consumer, getmany, place, told)
                bad = True
        if bad:
            break
        await asyncio.sleep(_WAIT_MS / 1_000)
    return found


async def _up_to_the_bad_one(
    consumer: AIOKafkaConsumer, getmany: GetMany, place: TopicPartition, told: Told
) -> list[ConsumerRecord]:
    """Read a partition record by record, up to one that cannot be read; that one is passed over."""
    records: list[ConsumerRecord] = []
    while True:
        try:
            found = await getmany(place, timeout_ms=_WAIT_MS, max_records=1)
        except (KafkaError, ConsumerStoppedError):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            offset = await consumer.position(place)
            told(place, offset, error)
            consumer.seek(place, offset + 1)
            return [*records, _without_content(place, offset)]
        if not found:
            return records
        records += found[place]


def _without_content(place: TopicPartition, offset: int) -> ConsumerRecord:
    return ConsumerRecord(
        topic=place.topic,
        partition=place.partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=None,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=(),
    )
