"""A draft that was written down wrongly is put right, on a real database."""

from typing import Any

import httpx2

from contracts.categories import WITHHELD
from services.chassis.ids import new_id
from tests.referral.consents.conftest import scene as scene  # noqa: PLC0414 - a fixture
from tests.referral.consents.scene import Scene, slug


async def correct(scene: Scene, id: str, version: int = 1, **right: Any) -> httpx2.Response:
    headers = {"If-Match": f'"{version}"'}
    return await scene.call("POST", f"/v1/referrals/{id}/correct", right, headers=headers)


async def test_a_need_that_becomes_a_crisis_keeps_its_history_and_is_looked_at_at_once(
    scene: Scene,
) -> None:
    await scene.give()
    id = await scene.referral()
    links = scene.service.chassis.database["family_links"]
    before = [row["_id"] async for row in links.find({"referral": id})]

    urgent = await correct(scene, id, urgency="crisis", need="Swollen cheek, undocumented")

    assert urgent.status_code == 200, urgent.text
    shown = urgent.json()
    assert (shown["urgency"], shown["category"], shown["version"]) == ("crisis", "dental", 2)
    assert shown["emergency"]["hotline"]
    assert next(each["kind"] for each in shown["follow_ups"]) == "look-in"
    assert {each["what"] for each in shown["warnings"]} == {"immigration-status"}
    whole = await scene.done("GET", f"/v1/referrals/{id}")
    assert whole["need"] == "Swollen cheek, undocumented"
    assert [row["_id"] async for row in links.find({"referral": id})] == before
    timeline = await scene.done("GET", f"/v1/referrals/{id}/timeline")
    assert {each["what"] for each in timeline["items"]} >= {
        "referral.created",
        "referral.corrected",
    }
    assert (await correct(scene, id, urgency="crisis")).json()["version"] == 2, "it is so already"

    calmer = await correct(scene, id, 2, urgency="soon")
    assert calmer.json()["emergency"] is None
    assert {each["state"] for each in calmer.json()["follow_ups"]} == {"done"}


async def test_another_kind_of_need_is_told_to_those_who_consented_to_it(scene: Scene) -> None:
    await scene.give()
    id = await scene.referral()
    assert (await scene.state(id)).audience == "guardian"
    await scene.confide()

    harmful = await correct(scene, id, category="mental-health")
    assert harmful.status_code == 200, harmful.text

    assert (harmful.json()["category"], harmful.json()["audience"]) == ("mental-health", "student")
    assert (await scene.told(id))[-2:] == ["referral.corrected", "referral.audience-changed"]
    rows = scene.service.chassis.database["event_log"].find({"key": id})
    texts = [row["data"] async for row in rows]
    assert not any(b"mental-health" in each for each in texts)
    assert any(WITHHELD.value.encode() in each for each in texts)
    assert (await scene.call("GET", f"/v1/referrals/{id}", who="nurse")).status_code == 404


async def test_a_need_that_is_open_already_wants_a_reason(scene: Scene) -> None:
    first, id = await scene.referral(), await scene.referral("food")
    refused = await correct(scene, id, category="dental")
    assert (refused.status_code, slug(refused)) == (409, "duplicate")
    told = await correct(scene, id, category="dental", despite_duplicate="Another tooth")
    assert (told.json()["duplicate_of"], told.json()["despite_duplicate"]) == (
        first,
        "Another tooth",
    )


async def test_what_was_sent_is_taken_back_first(scene: Scene) -> None:
    id = await scene.referral()
    await scene.offer(id)
    refused = await correct(scene, id, 2, urgency="soon")
    assert (refused.status_code, slug(refused)) == (409, "wrong-state")
    assert "take it back" in refused.json()["detail"]
    assert refused.json()["meanwhile"][0]["what"] == "referral.offered"
    back = await scene.call("POST", f"/v1/referrals/{id}/recall", headers={"If-Match": '"2"'})
    assert back.status_code == 200, back.text
    assert (await correct(scene, id, 3, urgency="soon")).json()["urgency"] == "soon"


async def test_who_may_not_and_what_says_nothing_is_refused(scene: Scene) -> None:
    id = await scene.referral()
    assert (await correct(scene, id, 9, urgency="soon")).status_code == 412
    assert (await correct(scene, id)).status_code == 422
    assert (await correct(scene, id, category="astrology")).status_code == 422
    path, right = f"/v1/referrals/{id}/correct", {"urgency": "soon"}
    headers = {"If-Match": '"1"'}
    for who, status in {"nurse": 403, "denise": 404, "admin": 403}.items():
        answer = await scene.call("POST", path, right, who=who, headers=headers)
        assert answer.status_code == status, who
    gone = await scene.call("POST", f"/v1/referrals/{new_id()}/correct", right, headers=headers)
    assert gone.status_code == 404
