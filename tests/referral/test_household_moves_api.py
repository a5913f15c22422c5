"""A household is seen at the schools of its children: where they are, not where it was entered."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from services.referral.model.people import Family
from services.referral.mover import Mover
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def go(scene: Scene, student: str, site: str, year: int = 2026) -> None:
    """Let a child change schools, as the district enters it."""
    path = f"/v1/roll-overs/{new_id()}"
    going = [{"student": student, "site": site}]
    here = (await scene.done("GET", f"/v1/students/{student}", who="admin"))["site"]
    wish = {"sites": [here], "year": year, "promote": False, "going": going}
    seen = await scene.call("PUT", path, wish, who="admin")
    assert seen.status_code == 200, seen.text
    etag = {"If-Match": seen.headers["etag"]}
    await scene.done("POST", f"{path}/apply", who="admin", headers=etag)


async def sibling(scene: Scene, site: str) -> str:
    id = new_id()
    body = {"site": site, "family": scene.family, "given_name": "Beto", "family_name": "Ramírez"}
    await scene.done("PUT", f"/v1/students/{id}", body, who="admin")
    return id


async def names(scene: Scene, who: str) -> set[tuple[str, str]]:
    """Return whom of child and mother somebody is told by name, and by which school."""
    asked = {"ids": [scene.student, scene.mother]}
    found = (await scene.done("POST", "/v1/people/names", asked, who=who))["people"]
    return {(each["given_name"], each["site"]) for each in found}


async def reached(scene: Scene, who: str) -> dict[str, int]:
    """Return how everything of the household is answered to somebody."""
    home = f"/v1/families/{scene.family}"
    seen = await scene.call("GET", home, who="admin")
    mother = next(each for each in seen.json()["contacts"] if each["id"] == scene.mother)
    etag = {"If-Match": seen.headers["etag"]}
    other = {"site": "site-01" if who == "rosa" else "site-02", "family": scene.family}
    child = {**other, "given_name": "Nora", "family_name": "Ramírez"}
    contact = f"{home}/contacts/{scene.mother}"
    report = f"{home}/disclosure-report?contact={scene.mother}"
    answers: dict[str, Any] = {
        "read": await scene.call("GET", home, who=who),
        "report": await scene.call("GET", report, who=who),
        "export": await scene.call("GET", f"{home}/export?reader={scene.mother}", who=who),
        "contact": await scene.call("PUT", contact, mother, who=who, headers=etag),
        "child": await scene.call("PUT", f"/v1/students/{new_id()}", child, who=who),
    }
    return {what: each.status_code for what, each in answers.items()}


def mover(scene: Scene) -> Mover:
    tasks = [getattr(each, "__self__", None) for each in scene.service.service.parts.tasks]
    (found,) = [each for each in tasks if isinstance(each, Mover)]
    return found


async def home(scene: Scene) -> str:
    found = await scene.service.chassis.store.get(Family, scene.family)
    assert found is not None
    return found.site


async def test_a_school_that_the_child_has_left_reaches_its_household_no_more(
    scene: Scene,
) -> None:
    assert await names(scene, "rosa") == {("Ana", "site-01"), ("Elena", "site-01")}
    await go(scene, scene.student, "site-02")
    assert await reached(scene, "rosa") == dict.fromkeys(
        ("read", "report", "export", "contact", "child"), 404
    )
    assert await names(scene, "rosa") == set()
    # The number that texts go to is the one that was there.
    kept = await scene.done("GET", f"/v1/families/{scene.family}", who="denise")
    phones = {each["id"]: each["phone"] for each in kept["contacts"]}
    assert phones[scene.mother] == "+15105550123"


async def test_the_new_school_has_the_household_and_its_names(scene: Scene) -> None:
    await go(scene, scene.student, "site-02")
    assert await names(scene, "denise") == {("Ana", "site-02"), ("Elena", "site-02")}
    seen = await reached(scene, "denise")
    assert {what: seen[what] for what in ("read", "report", "contact", "child")} == dict.fromkeys(
        ("read", "report", "contact", "child"), 200
    )


async def test_names_around_siblings_at_two_schools_are_told_at_both(scene: Scene) -> None:
    await sibling(scene, "site-02")
    assert await names(scene, "rosa") == {("Ana", "site-01"), ("Elena", "site-01")}
    assert await names(scene, "denise") == {("Elena", "site-02")}
    await go(scene, scene.student, "site-02")
    assert await names(scene, "rosa") == set()


async def test_a_household_is_kept_where_its_last_child_was(scene: Scene) -> None:
    beto = await sibling(scene, "site-01")
    await go(scene, scene.student, "site-02")
    await mover(scene).once()
    assert await home(scene) == "site-01"  # Beto's
    await go(scene, beto, "site-02")
    await mover(scene).once()
    assert await home(scene) == "site-02"


async def test_a_merge_is_undone_where_its_children_are_now(scene: Scene) -> None:
    other, child = new_id(), new_id()
    await scene.done("PUT", f"/v1/families/{other}", {"site": "site-01", "contacts": []})
    body = {"site": "site-01", "family": other, "given_name": "Beto", "family_name": "Ramírez"}
    await scene.done("PUT", f"/v1/students/{child}", body)
    merge = f"/v1/family-merges/{new_id()}"
    joined = {"kept": scene.family, "absorbed": other, "absorbed_version": 1}
    joined["reason"] = "entered-twice"
    seen = (await scene.call("GET", f"/v1/families/{scene.family}")).headers["etag"]
    await scene.done("PUT", merge, joined, headers={"If-Match": seen})
    for each in (scene.student, child):
        await go(scene, each, "site-02")
    etag = {"If-Match": '"1"'}
    refused = await scene.call("POST", f"{merge}/undo", {"reason": "mistake"}, headers=etag)
    assert (refused.status_code, slug(refused)) == (404, "not-found")
    undone = {"reason": "mistake"}
    await scene.done("POST", f"{merge}/undo", undone, who="denise", headers=etag)


def test_a_household_without_a_child_is_of_the_school_that_keeps_it() -> None:
    family = Family(id="fam-1", site="site-01", contacts=(), fingerprint="")
    assert family.schools(()) == {"site-01"}
    assert family.schools(("site-02", "site-03")) == {"site-02", "site-03"}
    assert family.settled(()) is family
    assert family.settled(("site-01", "site-02")) is family
    assert family.settled(("site-03", "site-02")).site == "site-02"
