"""What an agency read for a referral that should never have been is asked back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.ids import new_id
from services.referral.model.deletion import DeletionRequest, ask_after_error
from services.referral.model.rules import Rules
from tests.referral.build import NOW, disclosure
from tests.referral.build import referral as draft
from tests.referral.consents.conftest import scene as scene  # noqa: PLC0414 - a fixture
from tests.referral.consents.scene import Scene
from tests.referral.test_household_moves_api import go, mover
from tests.referral.test_told_without_consent import told

MISTAKE = {"reason": "wrong-child"}


async def asked(scene: Scene) -> list[dict[str, Any]]:
    return list((await scene.done("GET", "/v1/deletion-requests"))["items"])


async def test_every_agency_that_read_who_the_child_is_is_asked_to_delete_it(scene: Scene) -> None:
    await scene.give()
    await scene.give()  # another consent that would cover it covers no mistake
    referral, claim = await scene.taken()
    assert (await scene.read(referral, claim)).status_code == 200

    entered = await scene.act(referral, "enter-in-error", MISTAKE)

    assert entered.status_code == 200, entered.text
    (request,) = await asked(scene)
    assert (request["agency"], request["referrals"]) == ("agy-smiles", [referral])
    assert (request["consent"], request["state"]) == (None, "open")
    assert (await scene.told(scene.family)).count("consent.deletion-requested") == 1
    assert (await scene.read(referral, claim)).status_code == 404
    again = await scene.act(referral, "enter-in-error", MISTAKE)
    assert again.status_code == 200, again.text
    assert len(await asked(scene)) == 1, "a repeat asks nobody again"
    await scene.sweep(timedelta(days=31))
    today = await scene.done("GET", "/v1/today?reason=receipt-missing")
    assert [each["student"] for each in today["items"]] == [scene.student]


async def test_where_nobody_read_it_nobody_is_asked(scene: Scene) -> None:
    await scene.give()
    referral, _ = await scene.taken()
    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200
    assert await asked(scene) == []


async def test_a_place_outside_the_network_is_asked_too_consent_or_none(scene: Scene) -> None:
    referral = await scene.referral()
    made = await told(scene, referral)
    assert made.status_code == 200, made.text
    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200
    (request,) = await asked(scene)
    assert (request["agency"], request["consent"]) == (made.json()["id"], None)


async def test_who_was_asked_after_a_revocation_is_asked_once(scene: Scene) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    assert (await scene.revoke(consent, by=scene.mother)).status_code == 200
    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200
    assert [each["consent"] for each in await asked(scene)] == [consent]


async def test_and_who_was_asked_after_a_mistake_is_not_asked_for_it_by_a_revocation(
    scene: Scene,
) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200
    assert (await scene.revoke(consent, by=scene.mother)).status_code == 200
    assert [each["consent"] for each in await asked(scene)] == [None]


async def test_a_restricted_one_is_listed_for_those_alone_who_may_see_it(scene: Scene) -> None:
    await scene.confide()
    referral, claim = await scene.taken("mental-health")
    await scene.read(referral, claim)
    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200
    assert len(await asked(scene)) == 1
    districts = await scene.done("GET", "/v1/deletion-requests", who="admin")
    assert districts["items"] == []


async def test_a_reading_at_the_same_instant_is_asked_back_or_comes_too_late(scene: Scene) -> None:
    await scene.give()
    for _ in range(4):
        referral, claim = await scene.taken()
        read, entered = await asyncio.gather(
            scene.read(referral, claim), scene.act(referral, "enter-in-error", MISTAKE)
        )
        assert entered.status_code == 200, entered.text
        about = {"referrals": referral}
        store = scene.service.chassis.store
        requests = [each async for each in store.find(DeletionRequest, about)]
        assert len(requests) == (1 if read.status_code == 200 else 0)


async def test_the_school_where_the_child_is_now_waits_for_the_receipts(scene: Scene) -> None:
    await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    assert (await scene.act(referral, "cancel", {"reason": "other"})).status_code == 200
    await go(scene, scene.student, "site-02")
    await mover(scene).once()

    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200

    assert await asked(scene) == []
    listed = await scene.done("GET", "/v1/deletion-requests", who="denise")
    assert [each["referrals"] for each in listed["items"]] == [[referral]]


async def test_what_an_earlier_build_never_asked_back_is_asked_back_by_a_revocation(
    scene: Scene,
) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    assert (await scene.act(referral, "enter-in-error", MISTAKE)).status_code == 200
    requests = scene.service.chassis.store.collection(DeletionRequest)
    await requests.delete_many({})  # an earlier build made none

    assert (await scene.revoke(consent, by=scene.mother)).status_code == 200

    (request,) = await asked(scene)
    assert (request["consent"], request["referrals"]) == (consent, [referral])


@pytest.mark.parametrize(
    ("asked_days_ago", "again"), [(None, ["agy-smiles"]), (1, ["agy-smiles"]), (-1, [])]
)
def test_what_was_read_since_the_last_asking_is_asked_for(
    asked_days_ago: int | None, again: list[str]
) -> None:
    before = []
    if asked_days_ago is not None:
        at = NOW - timedelta(days=asked_days_ago)
        (made,) = ask_after_error(draft(), [disclosure()], [], at, Rules())
        before = [made.having(id=new_id())]
    readings = [disclosure(recorded_at=NOW)]
    found = ask_after_error(draft(), readings, before, NOW, Rules())
    assert [each.agency for each in found] == again
