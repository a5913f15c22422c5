"""Lists over HTTP, page by page: in the whole list's order, nothing twice and nothing lost."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.build import NOW
from tests.referral.consents.scene import Scene, scene_in
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as there:
        yield there


async def walked(scene: Scene, path: str, who: str = "rosa", limit: int = 1) -> list[Any]:
    """Return a list read page by page, each of them no longer than was asked."""
    found: list[Any] = []
    cursor = ""
    while True:
        asked = f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}"
        page = await scene.done("GET", asked, who=who)
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def whole(scene: Scene, path: str, who: str = "rosa") -> list[Any]:
    """Return a list that one page holds."""
    page = await scene.done("GET", path, who=who)
    assert page["next"] is None
    return list(page["items"])


async def test_consents_are_read_page_by_page_in_the_order_they_were_entered(scene: Scene) -> None:
    entered = [await scene.give() for _ in range(3)]
    path = f"/v1/students/{scene.student}/consents"

    assert [each["id"] for each in await walked(scene, path)] == entered
    assert await walked(scene, path, limit=2) == await whole(scene, path)


async def test_a_page_of_consents_counts_those_alone_that_the_reader_is_shown(scene: Scene) -> None:
    first = await scene.give()
    await scene.confide()
    last = await scene.give()
    path = f"/v1/students/{scene.student}/consents"

    assert [each["id"] for each in await walked(scene, path, "nurse")] == [first, last]


async def test_a_timeline_is_read_page_by_page_from_all_of_its_sources(scene: Scene) -> None:
    await scene.give()
    referral, _ = await scene.taken()
    for minute in range(3):
        attempt = {
            "student": scene.student,
            "referral": referral,
            "kind": "call",
            "reached": False,
            "happened_at": (NOW - timedelta(minutes=minute)).isoformat(),
        }
        await scene.done("PUT", f"/v1/contact-attempts/{new_id()}", attempt)
    path = f"/v1/referrals/{referral}/timeline"

    told = await whole(scene, path)
    assert [each["at"] for each in told] == sorted(each["at"] for each in told)
    assert len({each["id"] for each in told}) == len(told)
    assert {each["what"] for each in told} >= {"contact-attempt.made", "referral.accepted"}
    assert await walked(scene, path) == told
    assert await walked(scene, path, limit=2) == told


async def test_follow_ups_are_read_page_by_page(scene: Scene) -> None:
    await scene.give()
    referral, _ = await scene.taken()
    path = f"/v1/referrals/{referral}/follow-ups"

    told = await whole(scene, path)
    assert len(told) == 2
    assert await walked(scene, path) == told


async def test_covers_are_read_page_by_page_the_first_to_begin_first(scene: Scene) -> None:
    begins = ["2026-11-02", "2026-10-19", "2026-10-26"]
    for each in begins:
        body = {"site": "site-01", "coordinator": "rosa", "by": "both"}
        await scene.done("PUT", f"/v1/covers/{new_id()}", {**body, "since": each, "until": each})

    assert [each["since"] for each in await walked(scene, "/v1/covers")] == sorted(begins)


async def test_what_nobody_owns_is_read_by_so_many_referrals_a_page(scene: Scene) -> None:
    id = new_id()
    entry = {
        "subject": "rosa",
        "name": "Rosa Inventada",
        "roles": [{"role": "coordinator", "scope": "site-01", "since": "2026-08-01"}],
    }
    await scene.done("PUT", f"/v1/staff/{id}", entry, who="admin")
    left = [await scene.referral() for _ in range(3)]
    gone = {"who": "admin", "headers": {"If-Match": '"1"'}}
    await scene.done("POST", f"/v1/staff/{id}/off-board", {}, **gone)

    pages = await walked(scene, "/v1/unowned-referrals", "admin", limit=2)
    assert [each["referrals"] for each in pages] == [left[:2], left[2:]]
    assert {(each["subject"], each["site"]) for each in pages} == {("rosa", "site-01")}


async def test_how_an_entry_of_the_staff_stood_is_read_page_by_page_the_newest_first(
    scene: Scene,
) -> None:
    path = f"/v1/staff/{new_id()}"
    for version, school in enumerate(("site-01", "site-02", "site-01", "site-02")):
        held = {"role": "coordinator", "scope": school, "since": "2026-08-01"}
        body = {"subject": "paz", "name": "Paz Inventada", "roles": [held]}
        seen = {"headers": {"If-Match": f'"{version}"'}} if version else {}
        await scene.done("PUT", path, body, who="admin", **seen)

    told = await walked(scene, f"{path}/history", "admin")
    assert [each["version"] for each in told] == [3, 2, 1]


async def test_holds_are_read_page_by_page_the_newest_first(scene: Scene) -> None:
    held = sorted([new_id() for _ in range(3)], reverse=True)
    for each in held:
        body = {"family": scene.family, "reason": "audit"}
        await scene.done("PUT", f"/v1/holds/{each}", body, who="admin")
    path = f"/v1/holds?family={scene.family}"

    assert [each["id"] for each in await walked(scene, path, "admin")] == held


async def test_colleagues_are_read_page_by_page_and_no_page_is_short_of_those_who_left(
    scene: Scene,
) -> None:
    for subject, until in (("rosa", None), ("paz", "2026-08-02"), ("lin", None), ("ada", None)):
        held = {"role": "care-team", "scope": "site-01", "since": "2026-08-01", "until": until}
        body = {"subject": subject, "name": "Alguien Inventada", "roles": [held]}
        await scene.done("PUT", f"/v1/staff/{new_id()}", body, who="admin")
    path = "/v1/colleagues?site=site-01"

    first = await scene.done("GET", f"{path}&limit=2", who="admin")
    assert len(first["items"]) == 2
    told = await walked(scene, path, "admin")
    assert [each["subject"] for each in told] == ["rosa", "lin", "ada"]


async def test_a_cursor_that_no_list_has_given_is_refused_with_the_way_on(scene: Scene) -> None:
    await scene.give()
    refused = await scene.call("GET", f"/v1/students/{scene.student}/consents?cursor=%C3%B1")

    assert refused.status_code == 422
    assert refused.json()["detail"].endswith("Start again at the first page.")
