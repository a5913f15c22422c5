"""Holds on households that were merged and parted, on a real database. All people are invented."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.referral.test_merges_api import Two
from tests.servers import Cell


@pytest.fixture
async def two(cell: Cell, tmp_path: Path) -> AsyncIterator[Two]:
    async with scene_in(cell, tmp_path) as scene:
        yield await Two(scene).entered()


async def hold(scene: Scene, family: str, reason: str = "litigation") -> str:
    id = new_id()
    body = {"family": family, "reason": reason}
    await scene.done("PUT", f"/v1/holds/{id}", body, who="admin")
    return id


async def blocked(scene: Scene, family: str) -> tuple[list[str], list[str]]:
    """Return what keeps a household's erasure back, and the reasons of its holds."""
    found = await scene.done("GET", f"/v1/families/{family}/erasure-check", who="admin")
    return found["blocked_by"], [each["reason"] for each in found["holds"]]


async def erase(scene: Scene, family: str) -> Any:
    body = {"family": family, "reason": "family-asked"}
    return await scene.call("PUT", f"/v1/erasures/{new_id()}", body, who="admin")


async def test_a_hold_on_a_household_keeps_the_one_that_it_was_merged_into(two: Two) -> None:
    scene = two.scene
    held = await hold(scene, two.family)
    assert (await two.merged()).status_code == 200

    assert await blocked(scene, scene.family) == (["legal-hold"], ["litigation"])
    refused = await erase(scene, scene.family)
    assert slug(refused) == "erasure-held"
    assert "a legal hold stands on its records (litigation)" in refused.json()["detail"]
    assert "(un litigio)" in refused.json()["detail_es"]
    listed = await scene.done("GET", f"/v1/holds?family={scene.family}", who="admin")
    assert [(each["id"], each["family"]) for each in listed["items"]] == [(held, two.family)]

    await scene.done("POST", f"/v1/holds/{held}/lift", who="admin")
    assert (await erase(scene, scene.family)).status_code == 200


async def test_a_hold_that_would_hold_nothing_is_refused_and_one_until_today_holds(
    two: Two,
) -> None:
    scene = two.scene
    body = {"family": scene.family, "reason": "litigation"}
    past = {**body, "until": "2026-10-12"}
    refused = await scene.call("PUT", f"/v1/holds/{new_id()}", past, who="admin")
    assert (refused.status_code, slug(refused)) == (409, "date-has-passed")
    assert "it would hold nothing" in refused.json()["detail"]
    assert "no retendría nada" in refused.json()["detail_es"]
    assert await blocked(scene, scene.family) == ([], [])

    id = new_id()
    for _ in range(2):
        await scene.done("PUT", f"/v1/holds/{id}", {**body, "until": "2026-10-13"}, who="admin")
    assert await blocked(scene, scene.family) == (["legal-hold"], ["litigation"])
    scene.clock.advance(timedelta(days=2))
    again = {**body, "until": "2026-10-13"}
    await scene.done("PUT", f"/v1/holds/{id}", again, who="admin")


async def test_a_hold_keeps_it_through_one_merge_after_another(two: Two) -> None:
    scene = two.scene
    await hold(scene, two.family, "audit")
    assert (await two.merged()).status_code == 200
    last = Two(scene)
    await last.entered()
    chain = Two(scene)
    chain.family, chain.student, chain.aunt = scene.family, scene.student, two.aunt
    scene.family = last.family
    assert (await chain.merged()).status_code == 200

    assert await blocked(scene, last.family) == (["legal-hold"], ["audit"])
    assert slug(await erase(scene, last.family)) == "erasure-held"


async def test_an_open_crisis_of_a_child_who_came_keeps_the_household_that_is_left(
    two: Two,
) -> None:
    need = {
        "student": two.student,
        "category": "food",
        "need": "Nothing to eat",
        "urgency": "crisis",
    }
    await two.scene.done("PUT", f"/v1/referrals/{new_id()}", need)
    assert (await two.merged()).status_code == 200

    assert (await blocked(two.scene, two.scene.family))[0] == ["open-crisis"]
    assert "crisis" in (await erase(two.scene, two.scene.family)).json()["detail"]


async def test_parted_again_each_has_the_holds_that_were_set_on_it(two: Two) -> None:
    scene = two.scene
    await hold(scene, two.family)
    await two.merged()
    assert (await two.undone()).status_code == 200

    assert await blocked(scene, scene.family) == ([], [])
    assert await blocked(scene, two.family) == (["legal-hold"], ["litigation"])
    assert slug(await erase(scene, two.family)) == "erasure-held"
    assert (await erase(scene, scene.family)).status_code == 200


async def test_what_was_held_while_they_were_one_holds_both_once_they_are_parted(
    two: Two,
) -> None:
    scene = two.scene
    scene.clock.advance(timedelta(minutes=1))
    await two.merged()
    scene.clock.advance(timedelta(minutes=1))
    both = await hold(scene, scene.family)
    scene.clock.advance(timedelta(minutes=1))
    await two.undone()
    scene.clock.advance(timedelta(minutes=1))
    await hold(scene, scene.family, "audit")

    assert await blocked(scene, two.family) == (["legal-hold"], ["litigation"])
    assert await blocked(scene, scene.family) == (["legal-hold"], ["audit", "litigation"])
    await scene.done("POST", f"/v1/holds/{both}/lift", who="admin")
    assert await blocked(scene, two.family) == ([], [])


async def test_a_household_that_was_merged_is_held_and_erased_under_the_other(two: Two) -> None:
    scene = two.scene
    await two.merged()

    body = {"family": two.family, "reason": "litigation"}
    held = await scene.call("PUT", f"/v1/holds/{new_id()}", body, who="admin")
    check = await scene.call("GET", f"/v1/families/{two.family}/erasure-check", who="admin")

    for each in (held, check, await erase(scene, two.family)):
        assert slug(each) == "merged-away"
        assert scene.family in each.json()["detail"]


async def test_an_undoing_brings_nobody_back_who_was_erased(two: Two) -> None:
    await two.merged()
    assert (await erase(two.scene, two.scene.family)).status_code == 200

    assert slug(await two.undone()) == "erased"
