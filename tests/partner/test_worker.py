"""The worker on a real broker: referral's events come in, partner's go out, time passes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.categories import Category
from contracts.cloudevents import Envelope, decode, encode
from contracts.codes import Urgency
from contracts.event import Event
from contracts.referrals import Bands, Candidate, ReferralOffered
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.settings import Role
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.build import SITE
from tests.partner.district import PEOPLE, District
from tests.running import create_topics, running
from tests.servers import Cell


@pytest.fixture
async def district(cell: Cell, tmp_path: Path) -> AsyncIterator[District]:
    await create_topics(cell)
    clock = FixedClock(datetime.now(UTC))
    async with running(
        "partner",
        build,
        PartnerSettings,
        cell,
        tmp_path,
        PEOPLE,
        clock=clock,
        role=Role.ALL,
    ) as service:
        yield District(service, clock)


async def publish(cell: Cell, event: Event) -> None:
    """Send an event of referral, as its relay would."""
    envelope = Envelope(
        id=new_id(),
        source="enlace/referral",
        type=event.TYPE,
        key=event.key,
        time=datetime.now(UTC),
        sequence=1,
    )
    producer = AIOKafkaProducer(bootstrap_servers=cell.kafka)
    await producer.start()
    try:
        await producer.send_and_wait(
            f"{cell.name}.{event.TOPIC.name}",
            event.model_dump_json().encode(),
            key=event.key.encode(),
            headers=encode(envelope),
        )
    finally:
        await producer.stop()


async def types_on(cell: Cell, topic: str, count: int) -> list[str]:
    """Return the types of the first events on a topic."""
    consumer: Any = AIOKafkaConsumer(
        f"{cell.name}.{topic}", bootstrap_servers=cell.kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: list[str] = []
    try:
        async with asyncio.timeout(30):
            while len(found) < count:
                record = await consumer.getone()
                found.append(decode(record.headers).type)
    finally:
        await consumer.stop()
    return found


async def test_an_offer_is_opened_answered_and_told(district: District, cell: Cell) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = new_id()
    await publish(
        cell,
        ReferralOffered(
            referral=referral,
            round=1,
            site=SITE,
            category=Category.DENTAL,
            urgency=Urgency.ROUTINE,
            bands=Bands(age="7-9", language="es"),
            candidates=(Candidate(service=smiles.service, agency=smiles.agency),),
            answer_by=district.clock.now() + timedelta(days=2),
        ),
    )
    assert await types_on(cell, "offerings", 1) == ["org.enlace.offering.opened.v1"]
    (opened,) = await district.told("OfferingOpened")
    district.offers[smiles.agency] = opened.offers[0]
    district.clock.advance(timedelta(days=2))
    expected = ["org.enlace.offering.opened.v1", "org.enlace.offering.expired.v1"]
    assert await types_on(cell, "offerings", 2) == expected
    assert (await district.show(smiles))["state"] == "expired"
    assert await types_on(cell, "partner-capacity", 1) == ["org.enlace.partner-capacity.changed.v1"]
