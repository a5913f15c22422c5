"""No school reaches another's household by writing into it, on a real database. All is invented."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.ids import new_id
from services.referral.model.people import Family
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.referral.test_merges_api import Two
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def enter(
    scene: Scene, family: str, who: str, site: str = "site-02", id: str = ""
) -> httpx2.Response:
    child = {"site": site, "family": family, "given_name": "Eva", "family_name": "Larkhill"}
    return await scene.call("PUT", f"/v1/students/{id or new_id()}", child, who=who)


def household(*ids: str, site: str = "site-02") -> dict[str, Any]:
    contacts = [
        {"id": id, "relation": "relative", "given_name": "Paz", "reads": "es"} for id in ids
    ]
    return {"site": site, "contacts": contacts}


async def test_no_child_is_written_into_a_household_of_another_school(scene: Scene) -> None:
    foreign = await enter(scene, scene.family, "denise")
    made_up = await enter(scene, new_id(), "denise")

    assert (foreign.status_code, slug(foreign)) == (404, "family-not-here")
    assert foreign.json() == made_up.json()
    assert "merge the two households" in foreign.json()["detail"]
    assert "una las dos familias" in foreign.json()["detail_es"]
    seen = await scene.call("GET", f"/v1/families/{scene.family}", who="denise")
    assert seen.status_code == 404


async def test_siblings_at_two_schools_are_entered_by_who_leads_at_both(scene: Scene) -> None:
    for who in ("both", "admin"):
        assert (await enter(scene, scene.family, who)).status_code == 200
    seen = await scene.done("GET", f"/v1/families/{scene.family}", who="denise")
    assert {each["site"] for each in seen["students"]} == {"site-01", "site-02"}
    # From then on the household is that school's too.
    assert (await enter(scene, scene.family, "denise")).status_code == 200


async def test_siblings_at_two_schools_become_one_household_by_a_merge(scene: Scene) -> None:
    two = await Two(scene).entered("site-02", "denise")
    assert (await two.merged("both")).status_code == 200
    seen = await scene.done("GET", f"/v1/families/{scene.family}", who="denise")
    assert {each["site"] for each in seen["students"]} == {"site-01", "site-02"}


async def test_an_entry_sent_again_is_the_same_answer(scene: Scene) -> None:
    id = new_id()
    first = await enter(scene, scene.family, "both", id=id)
    again = await enter(scene, scene.family, "denise", id=id)
    expected = {"id": id, "version": 1, "warnings": []}
    assert (first.json(), again.json()) == (expected, expected)


async def test_nobody_is_entered_under_the_id_of_another_household_s_contact(
    scene: Scene,
) -> None:
    told = await scene.told(scene.mother)
    fresh = new_id()
    for ids in ((scene.mother,), (scene.student,), (fresh, fresh)):
        body = household(*ids)
        answer = await scene.call("PUT", f"/v1/families/{new_id()}", body, who="denise")
        assert (answer.status_code, slug(answer)) == (409, "contact-taken")
    family = new_id()
    await scene.done("PUT", f"/v1/families/{family}", household(new_id()), who="denise")
    for id in (scene.mother, scene.student):
        answer = await scene.call(
            "PUT",
            f"/v1/families/{family}/contacts/{id}",
            household(id)["contacts"][0],
            who="denise",
            headers={"If-Match": '"1"'},
        )
        assert slug(answer) == "contact-taken"
    child = await enter(scene, family, "denise", id=scene.mother)

    assert (child.status_code, slug(child)) == (409, "id-taken")
    assert await scene.told(scene.mother) == told


async def test_of_two_households_with_one_contact_at_one_instant_one_is_refused(
    scene: Scene,
) -> None:
    for _ in range(5):
        person = new_id()
        body = household(person, new_id())
        answers = await asyncio.gather(
            *(scene.call("PUT", f"/v1/families/{new_id()}", body, who="denise") for _ in range(3))
        )
        assert sorted(each.status_code for each in answers) == [200, 409, 409]
        families = scene.service.chassis.store.collection(Family)
        assert await families.count_documents({"contacts.id": person}) == 1
