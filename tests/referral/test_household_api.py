"""What staff know of a household: kept, limited, shown to whom it concerns. All is invented."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.servers import Cell

FATHER: dict[str, Any] = {
    "relation": "father",
    "given_name": "Mateo",
    "family_name": "Ramírez",
    "reads": "es",
    "speaks": "mix",
    "interpreter": True,
    "phone": "+15105550124",
    "phones": [{"number": "+15105550125", "label": "work"}],
    "email": None,
    "preferred": "sms",
    "reach_from": "17:30:00",
    "reach_until": "20:00:00",
    "may_be_told": False,
    "do_not_contact": True,
    "custody_note": "A court order of May forbids him to call the school",
    "only_of": None,
}


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def put(scene: Scene, body: dict[str, Any], version: int = 1) -> Any:
    path = f"/v1/families/{scene.family}/contacts/{scene.father}"
    whole = {"id": scene.father, **body}
    return await scene.call("PUT", path, whole, headers={"If-Match": f'"{version}"'})


async def father(scene: Scene, who: str = "rosa") -> dict[str, Any]:
    family = await scene.done("GET", f"/v1/families/{scene.family}", who=who)
    found: dict[str, Any] = next(c for c in family["contacts"] if c["id"] == scene.father)
    return found


async def test_everything_of_a_contact_is_kept_as_it_was_given(scene: Scene) -> None:
    assert (await put(scene, FATHER)).status_code == 200
    assert await father(scene) == {"id": scene.father, **FATHER}


async def test_what_is_read_can_be_sent_back(scene: Scene) -> None:
    await put(scene, FATHER)
    seen = await father(scene)
    del seen["id"]
    assert (await put(scene, seen, 2)).status_code == 200
    assert await father(scene) == {"id": scene.father, **FATHER}


async def test_a_custody_note_is_the_coordinators_alone(scene: Scene) -> None:
    await put(scene, FATHER)
    assert (await father(scene, "nurse"))["custody_note"] is None
    assert (await father(scene, "admin"))["custody_note"] == FATHER["custody_note"]


async def test_no_word_of_it_stands_in_the_database_in_clear(scene: Scene) -> None:
    await put(scene, FATHER)
    rows = await scene.service.chassis.database["families"].find({}).to_list()
    for secret in ("court", "Ramírez", "5550125", "'mix'", "17:30"):
        assert secret not in str(rows)


async def test_nobody_to_whom_one_must_not_turn_may_be_told(scene: Scene) -> None:
    refused = await put(scene, {**FATHER, "may_be_told": True})
    assert (refused.status_code, slug(refused)) == (409, "do-not-contact")
    assert "Nobody may turn to this person" in refused.json()["detail"]
    assert "Nadie debe dirigirse a esta persona" in refused.json()["detail_es"]


async def test_nor_may_they_consent(scene: Scene) -> None:
    await put(scene, FATHER)
    refused = await scene.call(
        "PUT", f"/v1/consents/{new_id()}", scene.consent(given_by=scene.father)
    )
    assert (refused.status_code, slug(refused)) == (409, "do-not-contact")


async def test_a_note_that_must_never_be_stored_warns(scene: Scene) -> None:
    answer = await put(scene, {**FATHER, "custody_note": "Is undocumented"})
    assert [each["what"] for each in answer.json()["warnings"]] == ["immigration-status"]


@pytest.mark.parametrize(
    ("field", "value", "en", "es"),
    [
        ("given_name", "", "at least 1 character", "al menos 1 caracteres"),
        ("given_name", "x" * 101, "100 characters at most", "como máximo 100 caracteres"),
        ("custody_note", "x" * 2_001, "2000 characters at most", "como máximo 2000 caracteres"),
        ("phone", "12", "this phone number is too short", "no es un número de teléfono"),
        ("speaks", "Spanish please", "no language code", "no es un código de idioma"),
        ("reach_from", "25:00", "Write an hour", "Escriba una hora"),
        ("phones", [{"number": "+15105550125"}] * 5, "4 at most", "como máximo 4"),
        ("relation", None, "", ""),
    ],
)
async def test_every_field_has_a_limit_told_in_both_languages(
    scene: Scene, field: str, value: Any, en: str, es: str
) -> None:
    answer = await put(scene, {**FATHER, field: value})
    assert answer.status_code == 422
    (fault,) = answer.json()["fields"]
    assert fault["field"].startswith(f"body.{field}")
    assert en in fault["what"]
    assert es in fault["what_es"]


STUDENT = {
    "given_name": "Ana",
    "family_name": "Ramírez",
    "birth_date": "2013-05-02",
    "grade": "07",
    "home_zip": "94990",
    "insurance": "medicaid",
    "programmes": ["iep", "free-lunch"],
    "reads": "es",
    "speaks": "mix",
    "interpreter": True,
}


async def change(scene: Scene, version: int = 1, **changes: Any) -> Any:
    path = f"/v1/students/{scene.student}/details"
    etag = {"If-Match": f'"{version}"'}
    return await scene.call("PUT", path, {**STUDENT, **changes}, headers=etag)


async def test_a_child_is_corrected_on_the_version_that_was_seen(scene: Scene) -> None:
    answer = await change(scene)
    assert answer.status_code == 200, answer.text
    seen = await scene.done("GET", f"/v1/students/{scene.student}")
    assert {name: seen[name] for name in STUDENT} == STUDENT
    assert (seen["version"], seen["enrolment"], seen["siblings"]) == (2, "enrolled", [])
    assert (await change(scene)).status_code == 412


async def test_siblings_are_shown_with_their_school(scene: Scene) -> None:
    sibling = new_id()
    child = {
        "site": "site-02",
        "family": scene.family,
        "given_name": "Luis",
        "family_name": "Ramírez",
    }
    await scene.done("PUT", f"/v1/students/{sibling}", child, who="both")

    seen = await scene.done("GET", f"/v1/students/{scene.student}")
    family = await scene.done("GET", f"/v1/families/{scene.family}", who="denise")

    assert seen["siblings"] == [{"id": sibling, "site": "site-02"}]
    assert {each["id"] for each in family["students"]} == {sibling, scene.student}


@pytest.mark.parametrize(
    ("field", "value", "es"),
    [
        ("insurance", "the blue card", "escriba medicaid, chip"),
        ("programmes", ["newcomer"], "de dónde viene una familia"),
        ("programmes", ["=1+1"], "escriba un código corto"),
        ("birth_date", "1213-05-02", "revise el año"),
        ("home_zip", "9499", "escriba sus cinco cifras"),
    ],
)
async def test_what_does_not_fit_a_child_is_told_in_spanish_too(
    scene: Scene, field: str, value: Any, es: str
) -> None:
    answer = await change(scene, **{field: value})
    assert answer.status_code == 422
    (fault,) = answer.json()["fields"]
    assert es in fault["what_es"]
