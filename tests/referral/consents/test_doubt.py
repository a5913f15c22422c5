"""Consents in doubt: they stand, staff are asked to look, and nothing new begins on them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response

from services.referral.handlers.consents import honour_consents
from services.referral.model.referral import State
from tests.referral.build import NOW
from tests.referral.consents.scene import SMILES, Scene, slug

MOLARS = {"service": "svc-molars", "agency": "agy-molars"}


async def put_aside(scene: Scene, **changes: Any) -> None:
    """Mark the mother: nobody may turn to her; or change her, or another contact by `id`."""
    path = f"/v1/families/{scene.family}"
    headers = {"If-Match": (await scene.call("GET", path)).headers["ETag"]}
    mother = {"id": scene.mother, "relation": "mother", "given_name": "Elena", "reads": "es"}
    marked = {"may_be_told": False, "do_not_contact": True}
    body = {**mother, **marked, **changes}
    await scene.done("PUT", f"{path}/contacts/{body['id']}", body, headers=headers)


async def doubts(scene: Scene, who: str = "rosa") -> list[dict[str, Any]]:
    page = await scene.done("GET", "/v1/today", who=who)
    calls = [each for row in page["items"] for each in (row, *row["more"])]
    return [each for each in calls if each["reason"] == "consent-in-doubt"]


async def test_staff_are_asked_to_look_until_somebody_else_consents(scene: Scene) -> None:
    consent = await scene.give()
    referral = await scene.referral()
    assert await doubts(scene) == []

    await put_aside(scene)

    (call,) = await doubts(scene)
    assert (call["referral"], call["record"]) == (referral, consent)
    assert call["step"] == "get-consent"
    assert datetime.fromisoformat(call["since"]) == NOW
    assert await doubts(scene, "denise") == []
    await scene.give(given_by=await scene.knows("guardian"))
    assert await doubts(scene) == []


async def test_it_is_over_once_the_contact_is_put_right_or_the_consent_taken_back(
    scene: Scene,
) -> None:
    consent = await scene.give()
    await scene.referral()
    await put_aside(scene)
    await put_aside(scene, may_be_told=True, do_not_contact=False, phone="(510) 555-0123")
    assert await doubts(scene) == []
    await put_aside(scene)
    assert len(await doubts(scene)) == 1
    assert (await scene.revoke(consent)).status_code == 200
    assert await doubts(scene) == []


async def test_nothing_new_is_offered_on_it_and_the_refusal_tells_the_way_out(
    scene: Scene,
) -> None:
    consent = await scene.give()
    referral = await scene.referral()
    await put_aside(scene)
    seen = await scene.call("GET", f"/v1/referrals/{referral}")
    headers = {"If-Match": seen.headers["etag"]}
    path, body = f"/v1/referrals/{referral}/offer", {"candidates": [SMILES]}

    refused = await scene.call("POST", path, body, headers=headers)

    assert (refused.status_code, slug(refused)) == (409, "consent-in-doubt")
    assert (await scene.state(referral)).state == "draft"
    assert (await scene.revoke(consent)).status_code == 200
    await scene.offer(referral, SMILES)


async def test_what_an_agency_has_taken_goes_on_under_it(scene: Scene) -> None:
    await scene.give()
    referral, claim = await scene.taken()

    await put_aside(scene)

    assert (await scene.read(referral, claim)).status_code == 200
    assert [each["referral"] for each in await doubts(scene)] == [referral]


async def claimed_in_doubt(scene: Scene) -> tuple[str, str]:
    """Offer a need, put the mother aside who consented, and let Smiles claim it only then."""
    referral = await scene.referral()
    await scene.offer(referral, SMILES)
    await put_aside(scene)
    return referral, await scene.claim(referral)


async def test_a_claim_on_it_releases_nothing_and_the_queue_says_why(scene: Scene) -> None:
    consent = await scene.give()
    referral, claim = await claimed_in_doubt(scene)

    waits = await scene.state(referral)
    assert (waits.state, waits.business) == (State.REQUESTED, "awaiting-consent")
    assert waits.claim is not None
    assert waits.claim.held_until is not None, "the seat is held meanwhile"
    assert (await scene.read(referral, claim)).status_code == 404
    (call,) = await doubts(scene)
    assert (call["referral"], call["record"], call["step"]) == (referral, consent, "get-consent")
    page = await scene.done("GET", "/v1/today")
    reasons = {each["reason"] for row in page["items"] for each in (row, *row["more"])}
    assert {"awaiting-consent", "consent-in-doubt"} <= reasons


async def test_the_claim_goes_on_once_the_contact_is_put_right(scene: Scene) -> None:
    await scene.give()
    referral, claim = await claimed_in_doubt(scene)

    await put_aside(scene, may_be_told=True, do_not_contact=False, phone="(510) 555-0123")

    assert (await scene.state(referral)).state is State.ACCEPTED
    assert (await scene.read(referral, claim)).status_code == 200
    assert await doubts(scene) == []


async def test_the_claim_goes_on_once_somebody_else_consents_and_not_for_another_need(
    scene: Scene,
) -> None:
    await scene.give()
    referral, claim = await claimed_in_doubt(scene)
    guardian = await scene.knows("guardian")
    await scene.give(given_by=guardian, categories=["vision"])
    await honour_consents(scene.desk, scene.student)  # as its event brings it back
    assert (await scene.state(referral)).business == "awaiting-consent"

    await scene.give(given_by=guardian)
    await honour_consents(scene.desk, scene.student)

    assert (await scene.state(referral)).state is State.ACCEPTED
    assert (await scene.read(referral, claim)).status_code == 200


async def test_a_claim_and_a_contact_put_right_at_the_same_instant_leave_none_waiting(
    scene: Scene,
) -> None:
    await scene.give()
    referral = await scene.referral()
    await scene.offer(referral, SMILES)
    await put_aside(scene)
    right = {"may_be_told": True, "do_not_contact": False, "phone": "(510) 555-0123"}

    await asyncio.gather(scene.claim(referral), put_aside(scene, **right))

    assert (await scene.state(referral)).state is State.ACCEPTED


async def test_a_students_own_consent_is_never_in_doubt(scene: Scene) -> None:
    await scene.confide()
    await scene.referral("mental-health")
    await put_aside(scene)
    assert await doubts(scene) == []


async def plan(scene: Scene, referral: str, *, days: int = 1) -> Response:
    """Ask another agency tomorrow."""
    seen = await scene.call("GET", f"/v1/referrals/{referral}")
    body = {
        "candidates": [MOLARS],
        "opens_at": (NOW + timedelta(days=days)).isoformat(),
    }
    headers = {"If-Match": seen.headers["etag"]}
    return await scene.call("POST", f"/v1/referrals/{referral}/waves", body, headers=headers)


async def stops(scene: Scene) -> int:
    told = scene.service.chassis.database["event_log"]
    return await told.count_documents({"type": "org.enlace.referral.waves-stopped.v1"})


async def planned(scene: Scene) -> str:
    referral = await scene.referral()
    await scene.offer(referral, SMILES)
    answer = await plan(scene, referral)
    assert answer.status_code == 200, answer.text
    return referral


async def test_nobody_is_asked_later_on_it_and_who_was_asked_before_may_answer(
    scene: Scene,
) -> None:
    await scene.give()
    await planned(scene)
    assert await stops(scene) == 0

    for _ in range(2):
        await put_aside(scene)

    assert await stops(scene) == 1
    (call,) = await doubts(scene)
    assert call["step"] == "get-consent"


async def test_a_plan_stands_while_somebody_else_s_consent_does_and_falls_with_it(
    scene: Scene,
) -> None:
    await scene.give()
    other = await scene.give(given_by=await scene.knows("guardian"))
    await planned(scene)
    await put_aside(scene)
    assert await stops(scene) == 0
    assert (await scene.revoke(other)).status_code == 200
    assert await stops(scene) == 1


async def test_a_plan_falls_once_all_that_is_left_at_the_end_of_a_consent_is_in_doubt(
    scene: Scene,
) -> None:
    await scene.give()
    await scene.give(given_by=await scene.knows("guardian"), until="2026-10-14")
    await planned(scene)
    await put_aside(scene)
    assert await stops(scene) == 0
    scene.clock.advance(timedelta(days=3))
    await honour_consents(scene.desk, scene.student)
    assert await stops(scene) == 1


async def test_no_wave_is_planned_for_a_day_on_which_all_will_be_in_doubt(scene: Scene) -> None:
    await scene.give()
    await scene.give(given_by=await scene.knows("guardian"), until="2026-10-14")
    referral = await scene.referral()
    await scene.offer(referral, SMILES)
    await put_aside(scene)
    late = await plan(scene, referral, days=5)
    assert (late.status_code, slug(late)) == (409, "consent-in-doubt")
    assert (await plan(scene, referral)).status_code == 200


async def test_a_wave_and_a_doubt_at_the_same_instant_leave_no_plan(scene: Scene) -> None:
    for n in range(5):
        await put_aside(scene, may_be_told=True, do_not_contact=False, phone="(510) 555-0123")
        if n == 0:
            await scene.give()
        referral = await scene.referral()
        await scene.offer(referral, SMILES)
        answer, _ = await asyncio.gather(plan(scene, referral), put_aside(scene))
        after = await scene.state(referral)
        assert after.planned == (), (answer.status_code, n)
        await scene.act(referral, "cancel", {"reason": "other"})
