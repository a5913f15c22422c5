"""By what a waitlist may order a child: what is told of it, and how long a seat waits."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts import cloudevents
from contracts.referrals import ReferralAwaitingConsent, ReferralOffered, ReferralRequested, Waits
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import OFFER, PEOPLE, Family
from tests.referral.test_decide import STATES
from tests.running import Running, person, running
from tests.servers import Cell

SMILES = {"service": "svc-smiles", "agency": "agy-smiles"}
STAFF = {**PEOPLE, "nora": person("nora", "care-team:site-01")}


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=clock
    ) as service:
        yield service


async def asked(service: Running, id: str, body: dict[str, Any]) -> Waits:
    """Ask agencies for a referral; return what went along for their waitlists."""
    headers = {**service.as_("rosa"), "If-Match": '"1"'}
    path = f"/v1/referrals/{id}/offer"
    answer = await service.http.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found = [
        event.waits
        async for logged in service.chassis.log.all()
        if isinstance(
            event := cloudevents.read(logged.envelope, logged.data, service.chassis.ids),
            ReferralOffered | ReferralRequested,
        )
        and event.referral == id
    ]
    return found[-1]


async def test_the_tier_goes_along_and_nothing_where_none_was_set(referral: Running) -> None:
    family = await Family(referral).entered()
    first = new_id()
    await family.referral(first)
    assert await asked(referral, first, OFFER) == Waits()
    tier = {"tier": 3, "why": "The team met and saw that nothing has helped yet"}
    path = f"/v1/students/{family.student}/tiers/{new_id()}"
    assert (await family.put(path, tier, "nora")).status_code == 200
    second = new_id()
    await family.referral(second, despite_duplicate="another tooth")
    assert (await asked(referral, second, {"candidates": [SMILES]})).tier == 3


async def test_a_sibling_who_is_helped_there_goes_along_and_no_other_childs(
    referral: Running,
) -> None:
    family = await Family(referral).entered()
    sister, other = new_id(), await Family(referral).entered()
    child = {**family.student_body(), "given_name": "Luz"}
    assert (await family.put(f"/v1/students/{sister}", child)).status_code == 200
    helped = new_id()
    need = {"student": sister, "category": "dental", "need": "Le duele"}
    assert (await family.put(f"/v1/referrals/{helped}", need)).status_code == 200
    rows = referral.chassis.database["referrals"]
    claim = {"id": "clm-1", "service": "svc-smiles", "agency": "agy-smiles"}
    await rows.update_one({"_id": helped}, {"$set": {"state": "completed", "claim": claim}})
    mine, theirs = new_id(), new_id()
    await family.referral(mine)
    await other.referral(theirs)
    assert (await asked(referral, mine, OFFER)).siblings == ("svc-smiles",)
    assert (await asked(referral, theirs, OFFER)).siblings == ()
    await rows.update_one({"_id": helped}, {"$set": {"state": "cancelled"}})
    again = new_id()
    await family.referral(again, despite_duplicate="another tooth")
    assert (await asked(referral, again, OFFER)).siblings == ()


async def test_nothing_goes_along_with_a_restricted_need(referral: Running) -> None:
    family = await Family(referral).entered()
    tier = {"tier": 3, "why": "The team met and saw that nothing has helped yet"}
    path = f"/v1/students/{family.student}/tiers/{new_id()}"
    assert (await family.put(path, tier, "nora")).status_code == 200
    id = new_id()
    assert (await family.referral(id, category="mental-health")).status_code == 200
    assert await asked(referral, id, {"candidates": [SMILES]}) == Waits()


@pytest.mark.parametrize(
    ("told", "until"),
    [
        (timedelta(days=1), timedelta(days=1)),
        (None, timedelta(days=3)),
        (timedelta(hours=-1), timedelta(days=3)),
    ],
)
def test_a_promoted_seat_waits_for_a_consent_as_long_as_its_event_says(
    told: timedelta | None, until: timedelta
) -> None:
    held = None if told is None else NOW + told
    claim = commands.Claim(
        "clm-1", "svc-smiles", "agy-smiles", round=1, consented=False, held_until=held
    )
    (event,) = decide(STATES["requested"], claim, NOW, Rules())
    assert isinstance(event, ReferralAwaitingConsent)
    assert event.held_until == NOW + until
