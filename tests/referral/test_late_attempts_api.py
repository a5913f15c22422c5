"""What an offline phone hands in of a child who has changed schools meanwhile."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from services.referral.model.attempts import ContactAttempt
from tests.referral.build import NOW
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.referral.test_household_moves_api import go, mover
from tests.servers import Cell

BATCH = "/v1/contact-attempts/batch"
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


def visit(scene: Scene, at: datetime = YESTERDAY, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "student": scene.student,
        "kind": "visit",
        "reached": True,
        "happened_at": at.isoformat(),
        "person": scene.mother,
        "words": "Hablé con ella",
        **more,
    }


async def hand_in(scene: Scene, *rows: dict[str, Any], who: str = "nurse") -> list[dict[str, Any]]:
    answer = await scene.done("POST", BATCH, {"attempts": list(rows)}, who=who)
    return list(answer["rows"])


async def test_who_was_at_the_childs_school_hands_in_what_happened_there(scene: Scene) -> None:
    referral = await scene.referral()
    late = visit(scene, referral=referral, next_step="Llevar los papeles", next_on="2026-10-20")
    await go(scene, scene.student, "site-02")
    await mover(scene).once()

    (row,) = await hand_in(scene, late)

    assert (row["result"], row["problem"]) == ("kept", None)
    listed = f"/v1/students/{scene.student}/contact-attempts"
    (seen,) = (await scene.done("GET", listed, who="denise"))["items"]
    assert (seen["words"], seen["by"], seen["referral"]) == ("Hablé con ella", "nurse", referral)
    assert (await scene.call("GET", listed, who="nurse")).status_code == 404
    kept = await scene.service.chassis.store.get(ContactAttempt, late["id"])
    assert kept is not None
    # The step is the new school's: she has no right there.
    assert (kept.site, kept.owner) == ("site-02", None)
    assert await hand_in(scene, late) == [row], "a repeat is the same answer"


async def test_the_repeat_of_one_that_is_kept_is_the_same_answer_wherever_the_child_is(
    scene: Scene,
) -> None:
    early = visit(scene)
    (first,) = await hand_in(scene, early)
    await go(scene, scene.student, "site-02")
    scene.clock.advance(timedelta(days=3 * 365))

    assert await hand_in(scene, early) == [first]

    (other,) = await hand_in(scene, {**early, "reached": False})
    assert other["result"] == "refused"


async def test_what_happened_once_the_child_was_elsewhere_is_refused_with_what_to_do(
    scene: Scene,
) -> None:
    await go(scene, scene.student, "site-02")
    scene.clock.advance(timedelta(hours=2))

    after, before, odd = await hand_in(
        scene,
        visit(scene, NOW + timedelta(hours=1)),
        visit(scene),
        visit(scene, person=new_id()),
    )

    assert [after["result"], before["result"], odd["result"]] == ["refused", "kept", "refused"]
    assert "had none when this happened" in after["problem"]["detail"]
    assert "coordinación" in after["problem"]["detail_es"]


async def test_who_was_no_staff_there_then_is_refused(scene: Scene) -> None:
    today = NOW.date().isoformat()
    roles = [{"role": "care-team", "scope": "site-01", "since": today}]
    entry = {"subject": "nurse", "name": "Somebody Invented", "roles": roles}
    await scene.done("PUT", f"/v1/staff/{new_id()}", entry, who="admin")
    alone = visit(scene)
    path = f"/v1/contact-attempts/{alone.pop('id')}"
    await go(scene, scene.student, "site-02")
    scene.clock.advance(timedelta(hours=2))

    refused = await scene.call("PUT", path, alone, who="nurse")

    assert (refused.status_code, slug(refused)) == (404, "not-found")
    (row,) = await hand_in(scene, visit(scene, NOW - timedelta(hours=1)))
    assert row["result"] == "kept", "by then she was"


async def test_nobody_of_a_school_at_which_the_child_never_was_hands_anything_in(
    scene: Scene,
) -> None:
    (row,) = await hand_in(scene, visit(scene), who="denise")
    assert row["problem"]["status"] == 404


async def moved(scene: Scene, **more: Any) -> None:
    """Enter a coordinator as one who went from the child's school to another one today."""
    today = NOW.date()
    roles = [
        {
            "role": "coordinator",
            "scope": "site-01",
            "since": "2026-08-01",
            "until": (today - timedelta(days=1)).isoformat(),
        },
        {"role": "coordinator", "scope": "site-02", "since": today.isoformat()},
    ]
    entry = {"subject": "both", "name": "Somebody Invented", "roles": roles, **more}
    await scene.done("PUT", f"/v1/staff/{new_id()}", entry, who="admin")


async def test_who_has_changed_schools_hands_in_what_happened_at_the_old_one(
    scene: Scene,
) -> None:
    referral = await scene.referral()
    late = visit(scene, referral=referral, next_step="Llevar los papeles", next_on="2026-10-20")
    await moved(scene)
    listed = f"/v1/students/{scene.student}/contact-attempts"
    assert (await scene.call("GET", listed, who="both")).status_code == 404

    (row,) = await hand_in(scene, late, who="both")

    assert (row["result"], row["problem"]) == ("kept", None)
    kept = await scene.service.chassis.store.get(ContactAttempt, late["id"])
    assert kept is not None
    # The step is the school's: who has left has no right there any more.
    assert (kept.site, kept.owner, kept.referral) == ("site-01", None, referral)
    (seen,) = (await scene.done("GET", listed))["items"]
    assert (seen["words"], seen["by"]) == ("Hablé con ella", "both")
    assert (await scene.call("GET", listed, who="both")).status_code == 404, "it opens nothing"
    assert await hand_in(scene, late, who="both") == [row], "a repeat is the same answer"


async def test_what_happened_once_one_was_at_another_school_is_refused(scene: Scene) -> None:
    await moved(scene)
    scene.clock.advance(timedelta(hours=2))
    after, hidden = await hand_in(
        scene,
        visit(scene, NOW + timedelta(hours=1)),
        visit(scene, referral=await scene.referral("mental-health"), person=new_id()),
        who="both",
    )
    assert [after["result"], hidden["result"]] == ["refused", "refused"]
    assert "had none when this happened" in after["problem"]["detail"]
