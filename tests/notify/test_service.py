"""The whole service: from the topics to the phone and back to the topics."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.cloudevents import Envelope, encode
from contracts.event import Event
from contracts.people import PersonChanged, PersonKind
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.keys import make_keys
from services.chassis.privacy import Vault, read_root_key
from services.chassis.settings import Role
from services.notify.main import build
from services.notify.settings import NotifySettings
from tests.local.carrier.running import ACCOUNT, LINE, TOKEN, Carrier
from tests.notify.build import NOW, PHONE, created, mother, offered
from tests.notify.world import referral, until
from tests.running import create_topics, running
from tests.servers import Cell

REF = "019ab000-0000-7000-8000-000000000001"


async def test_an_event_becomes_a_text_and_the_text_becomes_events(
    cell: Cell, tmp_path: Path, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    make_keys(keys)
    await create_topics(cell)
    with referral(keys) as asked:
        for name, value in {
            "REFERRAL_URL": asked.url,
            "TWILIO_URL": carrier.url,
            "TWILIO_ACCOUNT": ACCOUNT,
            "TWILIO_TOKEN": TOKEN,
            "TWILIO_FROM": LINE,
        }.items():
            monkeypatch.setenv(f"ENLACE_{name}", value)
        async with running(
            "notify",
            build,
            NotifySettings,
            cell,
            keys,
            {},
            clock=FixedClock(NOW),
            role=Role.ALL,
        ) as service:
            database = f"{cell.name}_keys_people"
            vault = Vault(service.chassis.mongo, database, read_root_key(keys))
            await vault.prepare()
            person = new_id()
            await vault.create_key(person)
            entered = PersonChanged(
                person=person,
                kind=PersonKind.CONTACT,
                family="fam-1",
                profile=await vault.seal(person, mother()),
            )
            await vault.close()
            await publish(cell, created(REF), offered(REF), entered)

            async def texted() -> list[Any]:
                return await asyncio.to_thread(carrier.phone, PHONE)

            (text,) = await until(texted, 60)
            assert text["body"].startswith("Le escribe site-01. Ya pedimos la ayuda")
            found = await read(cell, "messages", 2)
            assert [kind for kind, _ in found] == [
                "org.enlace.message.queued.v1",
                "org.enlace.message.sent.v1",
            ]
            assert {body["person"] for _, body in found} == {person}


async def publish(cell: Cell, *events: Event) -> None:
    """Write events to their topics, numbered per key."""
    producer = AIOKafkaProducer(bootstrap_servers=cell.kafka)
    await producer.start()
    try:
        last: dict[tuple[str, str], int] = {}
        for event in events:
            stream = (event.TOPIC.name, event.key)
            last[stream] = last.get(stream, 0) + 1
            envelope = Envelope(
                id=new_id(),
                source="enlace/test",
                type=event.TYPE,
                key=event.key,
                time=NOW,
                sequence=last[stream],
                site="site-01",
            )
            await producer.send_and_wait(
                f"{cell.name}.{event.TOPIC.name}",
                event.model_dump_json(exclude_none=True).encode(),
                key=event.key.encode(),
                headers=encode(envelope),
            )
    finally:
        await producer.stop()


async def read(cell: Cell, topic: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    """Read so many events of a topic from its start."""
    consumer = AIOKafkaConsumer(
        f"{cell.name}.{topic}", bootstrap_servers=cell.kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found: list[tuple[str, dict[str, Any]]] = []
        async with asyncio.timeout(20):
            while len(found) < count:
                record = await consumer.getone()
                kind = dict(record.headers)["ce_type"].decode()
                found.append((kind, json.loads(record.value)))
        return found
    finally:
        await consumer.stop()
