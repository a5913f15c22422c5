"""The whole worker on a real broker: from referral's event to a verified delivery."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from contracts.categories import Category
from contracts.codes import Urgency
from contracts.referrals import Bands, Candidate, ReferralOffered
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.settings import Role
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.build import SITE
from tests.partner.district import PEOPLE
from tests.partner.subscriptions.receiver import Receiver
from tests.partner.subscriptions.subscribed import Subscribed
from tests.partner.test_worker import publish
from tests.running import create_topics, running
from tests.servers import Cell


@pytest.fixture
async def district(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Subscribed]:
    monkeypatch.setenv("ENLACE_LOCAL_WEBHOOKS", "true")
    await create_topics(cell)
    clock = FixedClock(datetime.now(UTC))
    async with running(
        "partner", build, PartnerSettings, cell, tmp_path, PEOPLE, clock=clock, role=Role.ALL
    ) as service:
        yield Subscribed(service, clock)


async def test_an_offer_is_pushed_and_stands_in_the_feed(
    district: Subscribed, receiver: Receiver, cell: Cell
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    key = await district.key(smiles, "feed")
    hook = await district.hook(smiles, receiver.url)
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
    (request,) = await receiver.got(1)
    event = Webhook(hook.secret).verify(request.body, request.headers)
    assert event["type"] == "org.enlace.offer.opened.v1"
    assert event["data"]["service"] == smiles.service
    page = await district.feed(key, wait=30)
    assert [each["id"] for each in page["items"]] == [event["id"]]
