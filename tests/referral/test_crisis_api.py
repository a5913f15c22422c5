"""A child in a crisis, over HTTP on a real database: it waits for no agency. All is invented."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.scene import Scene, scene_in
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def written(scene: Scene, urgency: str = "crisis") -> dict[str, Any]:
    body = {
        "student": scene.student,
        "category": "housing",
        "need": "They sleep in the car tonight",
        "urgency": urgency,
    }
    made: dict[str, Any] = await scene.done("PUT", f"/v1/referrals/{new_id()}", body)
    return made


async def calling(scene: Scene) -> list[tuple[str, str, str | None]]:
    """Return why the child is in the queue, what is to be done, and whom it has gone up to."""
    (row,) = (await scene.done("GET", "/v1/today"))["items"]
    calls = [row, *row["more"]]
    return [(each["reason"], each["step"], each["level"]) for each in calls]


async def test_a_crisis_that_stays_a_draft_calls_at_once_and_goes_up_day_by_day(
    scene: Scene,
) -> None:
    made = await written(scene)

    at_once = ("crisis-unclaimed", "follow-emergency-procedure", None)
    assert await calling(scene) == [at_once, ("not-sent", "send", None)]
    assert [(each["kind"], each["due_on"]) for each in made["follow_ups"]] == [
        ("look-in", "2026-10-14"),
        ("look-in", "2026-10-20"),
    ]
    assert await scene.told(made["id"]) == ["follow-up.scheduled"] * 2 + ["referral.created"]

    await scene.sweep(timedelta(days=1))
    assert ("due-follow-up", "look-in", None) in await calling(scene)
    await scene.sweep(timedelta(days=1))
    assert ("overdue-follow-up", "look-in", None) in await calling(scene)
    await scene.sweep(timedelta(days=1))
    assert ("overdue-follow-up", "look-in", "site-lead") in await calling(scene)
    await scene.sweep(timedelta(days=1))
    assert ("overdue-follow-up", "look-in", "district") in await calling(scene)
    assert at_once in await calling(scene)


async def test_what_is_no_crisis_waits_for_an_agency_s_yes(scene: Scene) -> None:
    made = await written(scene, "urgent")
    assert made["follow_ups"] == []
    assert await calling(scene) == [("not-sent", "send", None)]


async def test_what_to_do_at_once_is_told_where_a_crisis_is_written_and_read(
    scene: Scene,
) -> None:
    steps = {
        "en": "Call 911 if it cannot wait.\nStay with the child.",
        "es": "Llame al 911 si no puede esperar.\nQuédese con el niño.",
    }
    rules = {"hotline": "County line, (510) 555-0199", "emergency_procedure": steps}
    await scene.done("PUT", "/v1/rules", rules, who="admin", headers={"If-Match": '"1"'})
    expected = {"procedure": steps, "hotline": "County line, (510) 555-0199"}

    made = await written(scene)
    path = f"/v1/referrals/{made['id']}"
    assert made["emergency"] == expected
    assert (await scene.done("GET", path, who="nurse"))["emergency"] == expected
    assert await scene.done("GET", "/v1/emergency", who="nurse") == expected

    gone = {"If-Match": '"1"'}
    await scene.done("POST", f"{path}/cancel", {"reason": "other"}, headers=gone)
    assert (await scene.done("GET", path))["emergency"] is None
    assert (await written(scene, "urgent"))["emergency"] is None


@pytest.mark.parametrize("rules", [{"hotline": ""}, {"emergency_procedure": {}}])
async def test_a_district_without_a_line_or_a_procedure_is_refused(
    scene: Scene, rules: dict[str, Any]
) -> None:
    seen = {"If-Match": '"1"'}
    answer = await scene.call("PUT", "/v1/rules", rules, who="admin", headers=seen)
    assert answer.status_code == 422
    assert (await scene.done("GET", "/v1/emergency"))["hotline"]
