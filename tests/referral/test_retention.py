"""Retention: asked for on a due time, listed without a change, erased once somebody says so."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref
from services.referral.model.consent import ConsentBook
from services.referral.model.consent_terms import Revocation, RevocationReason
from services.referral.model.people import Student
from services.referral.model.retention import RetentionPlan, closed_before, next_asking
from services.referral.model.rules import Rules
from tests.referral.build import NOW, book, consent
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.referral.roster.district import District, package
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


async def enrolment(scene: Scene, body: dict[str, Any], student: str = "") -> Any:
    path = f"/v1/students/{student or scene.student}"
    before = await scene.call("GET", path)
    etag = {"If-Match": before.headers["etag"]}
    return await scene.call("PUT", f"{path}/enrolment", body, headers=etag)


async def left(scene: Scene, student: str = "", **more: str) -> None:
    answer = await enrolment(scene, {"enrolment": "withdrawn", **more}, student)
    assert answer.status_code == 200, answer.text


async def listed(scene: Scene) -> Any:
    return await scene.done("GET", "/v1/retention", who="admin")


async def run(scene: Scene) -> Any:
    body = {"families": [scene.family]}
    return await scene.done("POST", "/v1/retention/run", body, who="admin")


async def test_what_was_closed_long_ago_is_listed_and_nothing_is_changed(scene: Scene) -> None:
    await closed(scene)
    await left(scene)
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
    await left(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    assert (await listed(scene))["families"] == 1

    words = {"student": scene.student, "words": "They came by", "visibility": "care-team"}
    await scene.done("PUT", f"/v1/notes/{new_id()}", words)

    assert (await listed(scene))["families"] == 0
    assert (await run(scene))["rows"][0]["erasure"] is None


@pytest.mark.parametrize("rostered", [False, True])
async def test_who_attends_is_never_due_however_old_the_referrals(
    scene: Scene, *, rostered: bool
) -> None:
    await closed(scene)
    rows = scene.service.chassis.store.collection(Student)
    mark = "as the last roster has it" if rostered else None
    await rows.update_one({"_id": scene.student}, {"$set": {"roster": mark}})
    scene.clock.advance(timedelta(days=30 * 365))

    assert (await listed(scene))["families"] == 0
    assert (await run(scene))["rows"][0]["erasure"] is None


async def test_whom_a_roster_brought_is_due_once_they_left_long_ago(scene: Scene) -> None:
    school = District(scene.service)
    two = {"7": ("O1", "Larkhill", "G7"), "8": ("O1", "Alder", "G8")}
    await school.take(package(two), site="site-01")
    await school.take(package({"8": two["8"]}), site="site-01")
    (gone,) = [each for each in (await school.students()).values() if not each.attends]

    scene.clock.advance(timedelta(days=5 * 365))
    early = await listed(scene)
    scene.clock.advance(timedelta(days=3))
    late = await listed(scene)

    assert (early["families"], late["families"]) == (0, 1)
    assert late["items"] == [{"family": gone.family, "site": "site-01", "blocked_by": []}]
    body = {"families": [gone.family]}
    done = await scene.done("POST", "/v1/retention/run", body, who="admin")
    assert done["ordered"] == 1


async def test_a_child_who_came_back_or_a_sibling_who_attends_keeps_the_record(
    scene: Scene,
) -> None:
    await left(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    assert (await listed(scene))["families"] == 1

    assert (await enrolment(scene, {"enrolment": "enrolled"})).status_code == 200
    assert (await listed(scene))["families"] == 0
    await left(scene, left_on="2027-06-30")
    assert (await listed(scene))["families"] == 1
    sibling = {"site": "site-01", "family": scene.family, "given_name": "L", "family_name": "R"}
    await scene.done("PUT", f"/v1/students/{new_id()}", sibling)
    assert (await listed(scene))["families"] == 0


async def test_a_report_or_a_request_since_then_keeps_a_record(scene: Scene) -> None:
    await left(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    assert (await listed(scene))["families"] == 1
    report = {"student": scene.student, "words": "Something a neighbour saw"}
    await scene.done("PUT", f"/v1/protection-reports/{new_id()}", report)
    assert (await listed(scene))["families"] == 0


async def test_of_who_left_the_day_is_kept_and_no_day_to_come_is_taken(scene: Scene) -> None:
    slip = await enrolment(scene, {"enrolment": "withdrawn", "left_on": "2026-12-01"})
    both = await enrolment(scene, {"enrolment": "enrolled", "left_on": "2026-10-01"})
    old = await enrolment(scene, {"enrolment": "withdrawn", "left_on": "0001-01-01"})
    code = await enrolment(scene, {"enrolment": "vanished"})
    assert [slug(each) for each in (slip, both)] == ["left-later", "attends-still"]
    assert [each.status_code for each in (old, code)] == [422, 422]

    await left(scene, left_on="2026-06-30")
    again = await enrolment(scene, {"enrolment": "withdrawn"})

    assert (again.json()["left_on"], again.json()["version"]) == ("2026-06-30", 2)
    seen = await scene.done("GET", f"/v1/students/{scene.student}")
    assert (seen["enrolment"], seen["left_on"]) == ("withdrawn", "2026-06-30")


async def test_a_consent_that_still_holds_keeps_a_record(scene: Scene) -> None:
    await closed(scene)
    await left(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    await scene.give(until="2033-01-01")
    assert (await listed(scene))["families"] == 0


async def test_who_is_said_yes_to_is_erased_once(scene: Scene) -> None:
    await closed(scene)
    await left(scene)
    scene.clock.advance(timedelta(days=6 * 365))

    first, again = await run(scene), await run(scene)

    assert (first["ordered"], again["rows"]) == (1, first["rows"])
    erasure = await scene.done("GET", f"/v1/erasures/{first['rows'][0]['erasure']}", who="admin")
    assert (erasure["reason"], erasure["state"]) == ("retention", "forgotten")
    assert (await listed(scene))["families"] == 0


async def test_a_hold_keeps_it_and_the_row_says_so(scene: Scene) -> None:
    await closed(scene)
    await left(scene)
    hold = {"family": scene.family, "reason": "litigation"}
    await scene.done("PUT", f"/v1/holds/{new_id()}", hold, who="admin")
    scene.clock.advance(timedelta(days=6 * 365))

    shown, answer = await listed(scene), await run(scene)

    assert shown["items"][0]["blocked_by"] == ["legal-hold"]
    assert answer["refused"] == 1
    assert "legal hold" in answer["rows"][0]["detail"]


async def test_a_due_time_asks_until_somebody_has_answered(scene: Scene) -> None:
    await closed(scene)
    await left(scene)
    assert (await listed(scene))["asked_at"] is None
    await scene.sweep(timedelta(days=6 * 365))
    assert (await listed(scene))["asked_at"] is not None
    assert await scene.told("retention") == ["staff.retention-asked"]
    await run(scene)
    assert (await listed(scene))["asked_at"] is None


async def test_without_a_rule_nothing_is_ever_due(scene: Scene) -> None:
    await closed(scene)
    await left(scene)
    await scene.done("PUT", "/v1/rules", {}, who="admin", headers=seen(2))
    scene.clock.advance(timedelta(days=60 * 365))
    assert (await listed(scene))["families"] == 0
    answer = await scene.call(
        "POST", "/v1/retention/run", {"families": [scene.family]}, who="admin"
    )
    assert slug(answer) == "no-retention"


async def household(scene: Scene) -> str:
    """Enter a household that has no child yet."""
    family = new_id()
    contact = {"id": new_id(), "relation": "relative", "given_name": "Lupe", "reads": "es"}
    body = {"site": "site-01", "contacts": [contact]}
    await scene.done("PUT", f"/v1/families/{family}", body)
    return family


async def due(scene: Scene) -> list[str]:
    return [each["family"] for each in (await listed(scene))["items"]]


async def test_a_household_that_never_had_a_child_is_due_and_erased(scene: Scene) -> None:
    family = await household(scene)
    scene.clock.advance(timedelta(days=5 * 365))
    assert await due(scene) == []
    scene.clock.advance(timedelta(days=3))

    shown = await listed(scene)
    assert (shown["families"], shown["by_site"]) == (1, {"site-01": 1})
    assert shown["items"] == [{"family": family, "site": "site-01", "blocked_by": []}]
    assert (await scene.call("GET", f"/v1/families/{family}")).status_code == 200, "a dry run"

    body = {"families": [family]}
    done = await scene.done("POST", "/v1/retention/run", body, who="admin")
    assert done["ordered"] == 1
    assert await due(scene) == []
    assert (await scene.call("GET", f"/v1/families/{family}")).status_code == 404


async def test_a_household_whose_contact_was_changed_since_is_not_due(scene: Scene) -> None:
    family = await household(scene)
    scene.clock.advance(timedelta(days=6 * 365))
    assert await due(scene) == [family]

    path = f"/v1/families/{family}"
    contact = {"id": new_id(), "relation": "relative", "given_name": "Lupe", "reads": "es"}
    etag = {"If-Match": (await scene.call("GET", path)).headers["etag"]}
    await scene.done("PUT", f"{path}/contacts/{contact['id']}", contact, headers=etag)

    assert await due(scene) == []


async def test_a_household_of_which_somebody_consents_still_is_not_due(scene: Scene) -> None:
    """A child whom a roster has taken elsewhere is helped under what was signed here."""
    family = await household(scene)
    path = f"/v1/families/{family}"
    (mother,) = (await scene.done("GET", path))["contacts"]
    scene.clock.advance(timedelta(days=6 * 365))
    assert await due(scene) == [family]
    limit = closed_before(scene.clock.now(), 5, ZONE)

    async def consents(**changes: Any) -> None:
        given = consent(given_by=mother["id"], **changes)
        ref = Ref(ConsentBook, scene.student)

        def give(found: Found) -> Change[None]:
            known = found.get(ref) or book(id=scene.student, family=scene.family)
            return Change(None, [known.having(consents=(given,))])

        await scene.service.chassis.store.update([ref], give)

    await consents(until=limit)
    assert await due(scene) == [], "its last day is one of its days"
    at = scene.clock.now()
    reason = RevocationReason.NOT_SAID
    taken_back = Revocation(at=at, by=None, recorded_by="rosa", reason=reason)
    await consents(until=limit, revocation=taken_back)
    assert await due(scene) == [family], "taken back, it keeps nothing"
    await consents(until=limit - timedelta(days=1))
    assert await due(scene) == [family], "it has ended"


async def test_a_household_that_an_undone_merge_left_without_a_child_is_due(scene: Scene) -> None:
    family = await household(scene)
    both = {
        "kept": family,
        "absorbed": scene.family,
        "absorbed_version": 1,
        "reason": "one-household",
    }
    merge = f"/v1/family-merges/{new_id()}"
    merged = await scene.call("PUT", merge, both, headers=seen(1))
    assert merged.status_code == 200, merged.text
    scene.clock.advance(timedelta(days=6 * 365))
    assert await due(scene) == [], "its child attends"
    etag = {"If-Match": merged.headers["etag"]}
    await scene.done("POST", f"{merge}/undo", {"reason": "mistake"}, headers=etag)
    assert await due(scene) == [], "until a moment ago a child was of it"

    scene.clock.advance(timedelta(days=6 * 365))

    assert await due(scene) == [family]


async def test_a_household_that_was_merged_into_another_is_kept_with_it(scene: Scene) -> None:
    family = await household(scene)
    both = {
        "kept": scene.family,
        "absorbed": family,
        "absorbed_version": 1,
        "reason": "one-household",
    }
    await scene.done("PUT", f"/v1/family-merges/{new_id()}", both, headers=seen(1))
    scene.clock.advance(timedelta(days=30 * 365))

    assert await due(scene) == []


async def test_a_household_whose_last_child_a_roster_took_into_another_is_due(
    scene: Scene,
) -> None:
    school = District(scene.service)
    own = {"7": ("O1", "Larkhill", "G7"), "8": ("O1", "Larkhill", "G8")}
    await school.take(package(own), site="site-01", tell="mother")
    before = {(await school.students())[each].family for each in own}
    scene.clock.advance(timedelta(days=3 * 365))
    both = {**own, "7": ("O1", "Larkhill", "G8")}
    await school.take(package(both), site="site-01", tell="mother")
    (after,) = {(await school.students())[each].family for each in own}
    (left,) = before - {after}
    scene.clock.advance(timedelta(days=3 * 365))
    assert await due(scene) == [], "three years ago a child was of it"

    scene.clock.advance(timedelta(days=3 * 365))

    assert await due(scene) == [left]
