"""Retention: asked for on a due time, listed without a change, erased once somebody says so."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from services.referral.model.retention import RetentionPlan, closed_before, next_asking
from services.referral.model.rules import Rules
from tests.referral.build import NOW
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.servers import Cell

ZONE = "America/Los_Angeles"
FIVE = Rules(retention_years=5)


def test_it_asks_on_the_first_school_local_morning_of_each_month() -> None:
    assert next_asking(NOW, FIVE, ZONE) == datetime(2026, 11, 1, 17, tzinfo=UTC)
    december = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert next_asking(december, FIVE, ZONE) == datetime(2027, 1, 1, 17, tzinfo=UTC)


def test_it_asks_only_where_the_district_has_laid_a_time_down() -> None:
    plan = RetentionPlan.first(ZONE, NOW, FIVE)
    asked, events = plan.tick(NOW, FIVE)
    quiet, none = plan.tick(NOW, Rules())
    assert (asked.asked_at, events[0].closed_before) == (NOW, date(2021, 10, 13))
    assert (quiet.asked_at, quiet.next_due, none) == (None, None, [])
    assert RetentionPlan.first(ZONE, NOW, Rules()).next_due is None
    assert quiet.under(FIVE, NOW).next_due == asked.next_due


def test_a_leap_day_has_its_limit_too() -> None:
    assert closed_before(datetime(2028, 2, 29, 20, tzinfo=UTC), 5, ZONE) == date(2023, 2, 28)


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        await found.done("PUT", "/v1/rules", {"retention_years": 5}, who="admin", headers=seen(1))
        yield found


def seen(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def closed(scene: Scene) -> str:
    """Refer the child, and give the referral up at once."""
    referral = await scene.referral()
    await scene.done(
        "POST", f"/v1/referrals/{referral}/cancel", {"reason": "other"}, headers=seen(1)
    )
    return referral


async def listed(scene: Scene) -> Any:
    return await scene.done("GET", "/v1/retention", who="admin")


async def run(scene: Scene) -> Any:
    body = {"families": [scene.family]}
    return await scene.done("POST", "/v1/retention/run", body, who="admin")


async def test_what_was_closed_long_ago_is_listed_and_nothing_is_changed(scene: Scene) -> None:
    await closed(scene)
    scene.clock.advance(timedelta(days=5 * 365))
    early = await listed(scene)
    scene.clock.advance(timedelta(days=3))
    late = await listed(scene)

    assert (early["families"], late["families"]) == (0, 1)
    assert late["by_site"] == {"site-01": 1}
    assert late["items"] == [{"family": scene.family, "site": "site-01", "blocked_by": []}]
    assert (await scene.call("GET", f"/v1/students/{scene.student}")).status_code == 200


async def test_what_is_open_or_was_written_on_since_or_still_holds_is_not_due(
    scene: Scene,
) -> None:
    await closed(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    assert (await listed(scene))["families"] == 1

    words = {"student": scene.student, "words": "They came by", "visibility": "care-team"}
    await scene.done("PUT", f"/v1/notes/{new_id()}", words)

    assert (await listed(scene))["families"] == 0
    assert (await run(scene))["rows"][0]["erasure"] is None


async def test_a_consent_that_still_holds_keeps_a_record(scene: Scene) -> None:
    await closed(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    await scene.give(until="2033-01-01")
    assert (await listed(scene))["families"] == 0


async def test_who_is_said_yes_to_is_erased_once(scene: Scene) -> None:
    await closed(scene)
    scene.clock.advance(timedelta(days=6 * 365))

    first, again = await run(scene), await run(scene)

    assert (first["ordered"], again["rows"]) == (1, first["rows"])
    erasure = await scene.done("GET", f"/v1/erasures/{first['rows'][0]['erasure']}", who="admin")
    assert (erasure["reason"], erasure["state"]) == ("retention", "forgotten")
    assert (await listed(scene))["families"] == 0


async def test_a_hold_keeps_it_and_the_row_says_so(scene: Scene) -> None:
    await closed(scene)
    hold = {"family": scene.family, "reason": "litigation"}
    await scene.done("PUT", f"/v1/holds/{new_id()}", hold, who="admin")
    scene.clock.advance(timedelta(days=6 * 365))

    shown, answer = await listed(scene), await run(scene)

    assert shown["items"][0]["blocked_by"] == ["legal-hold"]
    assert answer["refused"] == 1
    assert "legal hold" in answer["rows"][0]["detail"]


async def test_a_due_time_asks_until_somebody_has_answered(scene: Scene) -> None:
    await closed(scene)
    assert (await listed(scene))["asked_at"] is None
    await scene.sweep(timedelta(days=6 * 365))
    assert (await listed(scene))["asked_at"] is not None
    assert await scene.told("retention") == ["staff.retention-asked"]
    await run(scene)
    assert (await listed(scene))["asked_at"] is None


async def test_without_a_rule_nothing_is_ever_due(scene: Scene) -> None:
    await closed(scene)
    await scene.done("PUT", "/v1/rules", {}, who="admin", headers=seen(2))
    scene.clock.advance(timedelta(days=60 * 365))
    assert (await listed(scene))["families"] == 0
    answer = await scene.call(
        "POST", "/v1/retention/run", {"families": [scene.family]}, who="admin"
    )
    assert slug(answer) == "no-retention"
