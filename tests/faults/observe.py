"""Reads every store, topic, phone and mailbox in full, for the audit."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import bson
from aiokafka.errors import KafkaError
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient

from contracts import cloudevents
from contracts.provider import ProviderIds
from deploy.local.mail.store import MailStore
from deploy.local.system.places import CELL
from services.chassis.consumer.plan import Watermark
from services.chassis.consumer.projection import Projection, read_counts
from services.chassis.database import Database
from services.chassis.events.log import LoggedEvent
from services.reporting.projections import projections
from tests.faults.client import Client
from tests.faults.groups import groups
from tests.faults.seen import Delivered, Reader, ReadModel, Record, Row, Seen, Told
from tests.faults.system import WITH_EVENTS, Installation
from tests.faults.watcher import PLACES, raw_consumer

Mongo = AsyncMongoClient[dict[str, Any]]

_ZONE = "America/Los_Angeles"  # the default of the services' settings
_READ_TIMEOUT = 60.0  # seconds for all topics
_AWARE = CodecOptions[dict[str, Any]](tz_aware=True)


async def observe(
    installation: Installation, client: Client, mongo: Mongo, told: Sequence[Told]
) -> Seen:
    """Return everything that is there now; only at rest do its parts belong together."""
    ids = installation.provider_ids
    rows = [row for service in WITH_EVENTS for row in await read_log(mongo, service, ids)]
    return Seen(
        told=list(told),
        rows=rows,
        records=await read_topics(installation.kafka.bootstrap),
        readers=await _readers(installation, mongo),
        referrals=await _referrals(mongo),
        delivered=[*await _texts(installation, client), *await _mails(installation)],
        read_models=await _read_models(mongo, rows) if "reporting" in WITH_EVENTS else (),
        services=frozenset(WITH_EVENTS),
    )


async def read_log(mongo: Mongo, service: str, ids: ProviderIds) -> list[Row]:
    """Return a service's event log, oldest first in each key."""
    rows = mongo[f"{CELL}_{service}"]["event_log"].find({}, sort=[("order", 1), ("sequence", 1)])
    found = []
    async for row in rows:
        logged = LoggedEvent.of(row)
        event = cloudevents.read(logged.envelope, logged.data, ids)
        if event is None:
            raise RuntimeError(f"{service} has logged an event of an unknown type")
        found.append(Row(service, logged.topic, logged.envelope, event, row["published"]))
    return found


async def read_topics(bootstrap: str) -> list[Record]:
    """Return every record of every topic, read without a consumer group.

    Raises:
        TimeoutError, KafkaError: they could not be read to their ends.
    """
    consumer = raw_consumer(bootstrap)
    found: list[Record] = []
    await consumer.start()
    try:
        consumer.assign(PLACES)
        async with asyncio.timeout(_READ_TIMEOUT):
            ends = await consumer.end_offsets(PLACES)
            await consumer.seek_to_beginning(*PLACES)
            while any([await consumer.position(place) < ends[place] for place in PLACES]):
                batches = await consumer.getmany(timeout_ms=200)
                found += [_record(record) for batch in batches.values() for record in batch]
    finally:
        await consumer.stop()
    return found


def _record(record: Any) -> Record:
    envelope = cloudevents.decode(record.headers)
    return Record(
        topic=record.topic.removeprefix(f"{CELL}."),
        partition=record.partition,
        offset=record.offset,
        id=envelope.id,
        key=envelope.key,
        sequence=envelope.sequence,
    )


async def _readers(installation: Installation, mongo: Mongo) -> list[Reader]:
    found = []
    for group in await groups(installation.kafka.bootstrap, mongo):
        database = mongo[f"{CELL}_{group.service}"]
        marks = {
            tuple(row["_id"].split("|", 2)[1:]): Watermark(row["sequence"], row["parked"])
            async for row in database["watermarks"].find({"group": group.name})
        }
        parked = {
            (row["stream"], row["key"]): row["cause"]
            async for row in database["parked"].find({"group": group.name}, sort=[("position", -1)])
        }
        topics = tuple(sorted({topic for topic, _ in group.places}))
        found.append(Reader(group.service, group.name, topics, marks, parked))
    return found


async def _referrals(mongo: Mongo) -> dict[str, str]:
    rows = mongo[f"{CELL}_referral"]["referrals"].find({}, {"state": 1})
    return {row["_id"]: row["state"] async for row in rows}


async def _texts(installation: Installation, client: Client) -> list[Delivered]:
    """Return what the carrier has taken; our id of each stands in its callback's address."""
    answer = await client.send("GET", installation.support["carrier"].url + "/sim/ledger")
    return [
        Delivered("sms", each["to"], _last_part(each["status_callback"]), each["body"])
        for each in answer.json()["messages"]
        if each["direction"] == "outbound-api"
    ]


def _last_part(url: str | None) -> str | None:
    return url.rstrip("/").rpartition("/")[2] if url else None


async def _mails(installation: Installation) -> list[Delivered]:
    """Return what the mail sink has taken; our id of each stands in its Message-ID."""

    def read() -> list[Delivered]:
        store = MailStore(installation.home.part("mail") / "messages")
        found = []
        for mail in store.newest_first(None):
            message = str(mail.parsed().get("Message-ID", "")).strip("<>").partition("@")[0]
            found.append(Delivered("email", ", ".join(mail.rcpt_to), message or None, ""))
        return found

    return await asyncio.to_thread(read)


async def _read_models(mongo: Mongo, rows: Sequence[Row]) -> list[ReadModel]:
    database = Database(mongo, f"{CELL}_reporting")
    found = []
    for projection in projections(_ZONE).values():
        pointer = await database["read_models"].find_one(
            {"_id": f"{projection.name}@{projection.version}"}
        )
        generation = 1 if pointer is None else int(pointer["generation"])
        kept = {
            row.pop("_id"): row async for row in database[projection.documents(generation)].find({})
        }
        folded = _fold(projection, rows)
        recounted: dict[str, int] = defaultdict(int)
        for document in folded.values():
            for name, value in projection.contributions(document).items():
                recounted[name] += value
        counted = await read_counts(database, projection, generation)
        found.append(
            ReadModel(
                name=projection.name,
                kept=kept,
                folded=folded,
                counted=counted,
                recounted={name: value for name, value in recounted.items() if value},
            )
        )
    return found


def _fold(projection: Projection, rows: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Make a read model's documents anew, as its pure code does, from the log."""
    documents: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.topic not in projection.topics:
            continue
        id = projection.document_id(row.event, row.envelope)
        if id is None:
            continue
        after = projection.evolve(documents.get(id), row.event, row.envelope)
        if after is None:
            documents.pop(id, None)
        else:
            documents[id] = bson.decode(bson.encode(after), codec_options=_AWARE)
    return documents


FAILURES = (KafkaError, TimeoutError)
"""What `observe` ends with when a topic cannot be read."""
