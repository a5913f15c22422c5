"""A child's grade is one that a school has; whatever else is written for one is refused."""

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.conftest import scene as scene  # noqa: PLC0414 - a fixture
from tests.referral.consents.scene import Scene


def child(scene: Scene, grade: str) -> dict[str, str]:
    names = {"given_name": "Leo", "family_name": "Ramírez", "grade": grade}
    return {"site": "site-01", "family": scene.family, **names}


@pytest.mark.parametrize("grade", ["zz", "13", "0", "-1", "tercero", "\uff13"])
async def test_what_is_no_grade_is_refused_with_those_that_are(scene: Scene, grade: str) -> None:
    refused = await scene.call("PUT", f"/v1/students/{new_id()}", child(scene, grade))
    assert refused.status_code == 422
    (fault,) = refused.json()["fields"]
    assert fault["field"].endswith("grade")
    assert "PK, TK, KG, 1 to 12" in fault["what"]
    assert "PK, TK, KG, de 1 a 12" in fault["what_es"]
    assert grade not in refused.text


@pytest.mark.parametrize("grade", ["PK", "tk", "KG", "01", "12", " 7 ", "UG", "Other"])
async def test_every_code_of_the_standards_list_is_taken(scene: Scene, grade: str) -> None:
    id = new_id()
    await scene.done("PUT", f"/v1/students/{id}", child(scene, grade))
    assert (await scene.done("GET", f"/v1/students/{id}"))["grade"] == grade.strip()
