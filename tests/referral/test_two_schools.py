"""One family whose children go to two schools: each school opens its own children's records."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.referral.test_export_api import LINE, Notify, export
from tests.referral.test_export_api import notify as notify  # noqa: PLC0414 - a fixture
from tests.servers import Cell

NOTE = "Falls asleep at noon"
NEED = "Asked about pills"
DENTIST = "Le duele al masticar"


class Siblings:
    """Ana at site-01 with Rosa, Beto at site-02 with Denise."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.beto = new_id()
        self.restricted = ""

    async def entered(self) -> "Siblings":
        scene = self.scene
        beto = {
            "site": "site-02",
            "family": scene.family,
            "given_name": "Beto",
            "family_name": "Ramírez",
        }
        await scene.done("PUT", f"/v1/students/{self.beto}", beto, who="admin")
        await scene.give()
        referral, claim = await scene.taken()
        await scene.read(referral, claim)
        ana, scene.student = scene.student, self.beto
        consents = {
            "categories": ["substance-use", "dental"],
            "agencies": ["agy-smiles"],
        }
        await self._as_denise("PUT", f"/v1/consents/{new_id()}", scene.consent(**consents))
        note = {"student": self.beto, "words": NOTE, "visibility": "care-team"}
        await self._as_denise("PUT", f"/v1/notes/{new_id()}", note)
        self.restricted = new_id()
        need = {"student": self.beto, "category": "substance-use", "need": NEED}
        path = f"/v1/referrals/{self.restricted}"
        await self._as_denise("PUT", path, need)
        asked = {"candidates": [{"service": "svc-smiles", "agency": "agy-smiles"}]}
        await self._as_denise("POST", f"{path}/offer", asked, headers={"If-Match": '"1"'})
        claim = await scene.claim(self.restricted)
        assert (await scene.read(self.restricted, claim)).status_code == 200
        scene.student = ana
        return self

    async def _as_denise(self, method: str, path: str, body: Any, **more: Any) -> Any:
        return await self.scene.done(method, path, body, who="denise", **more)


@pytest.fixture
async def two(cell: Cell, tmp_path: Path, notify: Notify) -> AsyncIterator[Siblings]:
    del notify
    async with scene_in(cell, tmp_path) as scene:
        yield await Siblings(scene).entered()


async def test_a_copy_has_the_children_of_the_school_that_makes_it(two: Siblings) -> None:
    scene, mother = two.scene, two.scene.mother
    rosas = await export(scene, mother)
    assert rosas.status_code == 200, rosas.text
    assert [mark for mark in ("Beto", NOTE, NEED, "substance-use") if mark in rosas.text] == []
    assert DENTIST in rosas.text
    assert rosas.json()["left_out"] == [{"student": two.beto, "site": "site-02"}]
    # Her mother's line of no referral could be about either child.
    assert "messages" not in rosas.json()["sections"]
    page = await export(scene, mother, format="html", language="en")
    assert "children who go to another school are not in this copy" in page.text

    denises = await export(scene, mother, who="denise")
    assert denises.status_code == 200, denises.text
    assert [mark for mark in ("Beto", NOTE, NEED) if mark not in denises.text] == []
    assert [mark for mark in ("Ana", DENTIST) if mark in denises.text] == []

    whole = await export(scene, mother, who="both")
    assert [mark for mark in ("Ana", "Beto", NOTE, NEED, DENTIST) if mark not in whole.text] == []
    assert (whole.json()["left_out"], whole.json()["sections"]["messages"]) == ([], [LINE])
    # The district's administrator has every child; no restricted need, nor what could speak of it.
    districts = (await export(scene, mother, who="admin")).text
    assert [mark for mark in ("Ana", "Beto", DENTIST) if mark not in districts] == []
    assert [mark for mark in (NEED, NOTE) if mark in districts] == []


async def test_a_students_own_copy_is_made_at_the_students_school(two: Siblings) -> None:
    refused = await export(two.scene, two.beto)
    assert (refused.status_code, slug(refused)) == (409, "at-another-school")
    own = await export(two.scene, two.beto, who="denise")
    assert NEED in own.text
    assert "Ana" not in own.text


async def test_readings_are_listed_to_each_child_s_school(two: Siblings) -> None:
    scene = two.scene
    path = f"/v1/families/{scene.family}/disclosures"
    seen = {
        who: {each["student"] for each in (await scene.done("GET", path, who=who))["items"]}
        for who in ("rosa", "denise", "both", "admin")
    }
    assert seen == {
        "rosa": {scene.student},
        "denise": {two.beto},
        "both": {scene.student, two.beto},
        "admin": {scene.student},
    }


async def test_a_guardian_s_report_is_of_the_school_that_makes_it(two: Siblings) -> None:
    scene = two.scene
    path = f"/v1/families/{scene.family}/disclosure-report?language=en&contact={scene.mother}"
    rosas = (await scene.call("GET", path)).text
    assert ("Ana" in rosas, "Beto" in rosas, "substance" in rosas) == (True, False, False)
    assert "Who has children at another school" in rosas
    denises = (await scene.call("GET", path, who="denise")).text
    assert ("Ana" in denises, "Beto" in denises, "substance" in denises) == (False, True, True)
    whole = (await scene.call("GET", path, who="both")).text
    assert ("Ana" in whole, "Beto" in whole) == (True, True)
    assert "Who has children at another school" not in whole
