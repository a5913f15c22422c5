"""The events that are measured with: a district's referrals, as rows of a log and as records."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from bson import Binary

from contracts import cloudevents
from contracts.categories import Category
from contracts.codes import Audience, Outcome, Urgency
from contracts.event import Event
from contracts.referrals import ReferralAccepted, ReferralCompleted, ReferralCreated
from contracts.topic import PARTITIONS, REFERRALS
from services.chassis.database import Database, Document, connect
from services.chassis.events.log import LoggedEvent
from services.chassis.ids import new_id
from tests.servers import Cell

STREAM = REFERRALS.name
STARTED_US = int(datetime(2026, 9, 1, 12, tzinfo=UTC).timestamp() * 1_000_000)
IN_FLIGHT = 2_000


def rows(events: int, keys: int) -> Iterator[Document]:
    """Yield an event log's rows, unpublished: each key's events far apart, as in a district."""
    names = [new_id() for _ in range(keys)]
    for number in range(events):
        key, sequence = names[number % keys], number // keys + 1
        event = _event(key, sequence)
        yield {
            "_id": new_id(),
            "topic": STREAM,
            "key": key,
            "sequence": sequence,
            "order": STARTED_US + number,
            "type": event.TYPE,
            "source": "enlace/referral",
            "site": "lincoln-high",
            "time_us": STARTED_US + number,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "data": Binary(event.model_dump_json(exclude_none=True).encode()),
            "published": False,
        }


def _event(key: str, sequence: int) -> Event:
    match sequence % 3:
        case 1:
            return ReferralCreated(
                referral=key,
                student=new_id(),
                family=new_id(),
                site="lincoln-high",
                category=Category.HOUSING,
                urgency=Urgency.SOON,
                audience=Audience.GUARDIAN,
                coordinator="rosa",
                nonce="8xvZ3m2kQpW5tYbN1cRfHg",
            )
        case 2:
            return ReferralAccepted(
                referral=key, claim=new_id(), service="evergreen-housing", agency="evergreen"
            )
        case _:
            return ReferralCompleted(referral=key, claim=new_id(), outcome=Outcome.NEED_MET)


def record(row: Document) -> dict[str, Any]:
    """Return key, value and headers of a row's record, as the relay sends them."""
    event = LoggedEvent.of(row)
    return {
        "key": event.envelope.key.encode(),
        "value": event.data,
        "headers": cloudevents.encode(event.envelope),
    }


async def fill(cell: Cell, stream: str, events: int, keys: int) -> list[str]:
    """Make a topic and put events on it; returns the events' keys in their order."""
    await create_topic(cell, stream)
    async with sender(cell) as producer:
        made = list(rows(events, keys))
        sent = [await producer.send(f"{cell.topic_prefix}{stream}", **record(row)) for row in made]
        await asyncio.gather(*sent)
    return [row["key"] for row in made]


async def create_topic(cell: Cell, stream: str = STREAM) -> None:
    """Make a topic of the cell, and wait until its partitions have leaders."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{cell.topic_prefix}{stream}", PARTITIONS, 1)])
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def sender(cell: Cell) -> AsyncIterator[AIOKafkaProducer]:
    """Start a plain producer with the relay's promises: idempotent, every replica confirms."""
    producer = AIOKafkaProducer(
        bootstrap_servers=cell.kafka,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=256 * 1024,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@contextlib.asynccontextmanager
async def database(cell: Cell, name: str) -> AsyncIterator[Database]:
    """Connect to a database of the cell, and throw it away at the end."""
    client = connect(cell.mongo_uri, app="enlace-bench")
    try:
        yield Database(client, f"{cell.database_prefix}{name}")
        await client.drop_database(f"{cell.database_prefix}{name}")
    finally:
        await client.close()
