"""Absence cover over HTTP, on a real database: no row is ever without somebody who sees to it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.store import Change
from services.referral.main import build
from services.referral.model.evolve import settled
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.build import referral as draft
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

SITE = "site-01"
ALL = {**PEOPLE, "paz": person("paz", f"coordinator:{SITE}"), "ingrid": person("ingrid", "admin")}
"""Monday is the 12th; the clock says Tuesday."""


class Office:
    """What tests do with the service."""

    def __init__(self, service: Running, clock: FixedClock) -> None:
        self.service, self.clock = service, clock

    async def call(self, method: str, path: str, body: Any, who: str) -> httpx2.Response:
        headers = self.service.as_(who)
        return await self.service.http.request(method, path, json=body, headers=headers)

    async def cover(
        self, of: str, by: str, days: int = 4, *, id: str = "", who: str = "paz"
    ) -> httpx2.Response:
        since = NOW.date()
        body = {
            "site": SITE,
            "coordinator": of,
            "by": by,
            "since": since.isoformat(),
            "until": (since + timedelta(days=days)).isoformat(),
        }
        return await self.call("PUT", f"/v1/covers/{id or new_id()}", body, who)

    async def keep(self, id: str, coordinator: str = "rosa") -> None:
        made = settled(draft(id=id, student=f"stu-{id}", coordinator=coordinator))
        await self.service.chassis.store.update([], lambda _: Change(None, [made]))

    async def owners(self) -> dict[str, tuple[str, str | None]]:
        """Return who sees to each row of today, and for whom."""
        page = (await self.call("GET", "/v1/today", None, "paz")).json()
        rows = page["items"]
        return {each["referral"]: (each["owner"], each["covering_for"]) for each in rows}

    async def off_board(self, subject: str) -> None:
        id = new_id()
        role = {"role": "coordinator", "scope": SITE, "since": "2026-08-01"}
        body = {"subject": subject, "name": "Paz Inventada", "roles": [role]}
        entered = await self.call("PUT", f"/v1/staff/{id}", body, "ingrid")
        assert entered.status_code == 200, entered.text
        headers = {**self.service.as_("ingrid"), "If-Match": '"1"'}
        path = f"/v1/staff/{id}/off-board"
        gone = await self.service.http.post(path, json={}, headers=headers)
        assert gone.status_code == 200, gone.text

    async def sweep(self, after: timedelta) -> None:
        self.clock.advance(after)
        for each in self.service.service.parts.sweeps:
            await each.once()


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Office]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, ALL, clock=clock
    ) as service:
        yield Office(service, clock)


async def test_one_command_covers_all_and_it_ends_by_itself(office: Office) -> None:
    for id in ("ref-1", "ref-2"):
        await office.keep(id)
    await office.keep("ref-9", "lin")
    id = new_id()
    first, again = [await office.cover("rosa", "paz", id=id) for _ in range(2)]
    assert (first.status_code, again.json()) == (200, first.json())
    assert await office.owners() == {
        "ref-1": ("paz", "rosa"),
        "ref-2": ("paz", "rosa"),
        "ref-9": ("lin", None),
    }
    await office.sweep(timedelta(days=5))
    await office.sweep(timedelta(days=1))
    assert set((await office.owners()).values()) == {("rosa", None), ("lin", None)}
    log = (await office.call("GET", "/v1/audit-log?action=cover-ended", None, "ingrid")).json()
    (ended,) = log["items"]
    assert (ended["subject"], ended["about"]["from"]) == ("referral", "rosa")


async def test_what_is_made_or_handed_over_meanwhile_is_somebodys(office: Office) -> None:
    await office.cover("rosa", "paz")
    family = await Family(office.service).entered()
    fresh = new_id()
    await family.referral(fresh)
    assert await office.owners() == {fresh: ("paz", "rosa")}
    seen = (await office.call("GET", f"/v1/referrals/{fresh}", None, "paz")).json()
    assert (seen["coordinator"], seen["covered_by"]) == ("rosa", "paz")
    body = {"site": SITE, "from_coordinator": "rosa", "to_coordinator": "lin"}
    await office.call("POST", "/v1/caseloads/hand-over", body, "paz")
    assert await office.owners() == {fresh: ("lin", None)}


async def test_a_hand_over_at_the_same_instant_leaves_each_with_one_of_them(
    office: Office,
) -> None:
    for number in range(6):
        await office.keep(f"ref-{number}")
    body = {"site": SITE, "from_coordinator": "rosa", "to_coordinator": "lin"}
    await asyncio.gather(
        office.cover("rosa", "paz"), office.call("POST", "/v1/caseloads/hand-over", body, "paz")
    )
    assert set((await office.owners()).values()) == {("lin", None)}
    await office.cover("lin", "paz")
    assert set((await office.owners()).values()) == {("paz", "lin")}


async def test_a_cover_of_a_cover_is_followed(office: Office) -> None:
    await office.keep("ref-1")
    await office.cover("paz", "lin")
    await office.cover("rosa", "paz")
    assert await office.owners() == {"ref-1": ("lin", "rosa")}


async def test_whoever_covers_and_is_off_boarded_gives_it_back(office: Office) -> None:
    await office.keep("ref-1")
    await office.cover("rosa", "paz", who="rosa")
    await office.off_board("paz")
    page = (await office.call("GET", "/v1/today", None, "rosa")).json()
    (row,) = page["items"]
    assert (row["owner"], row["covering_for"]) == ("rosa", None)
    refused = await office.cover("lin", "paz", who="rosa")
    assert (refused.status_code, slug(refused)) == (409, "not-in-the-register")


async def test_of_two_that_meet_at_the_same_instant_one_is_refused(office: Office) -> None:
    one, other, back = await asyncio.gather(
        office.cover("rosa", "paz"), office.cover("rosa", "lin"), office.cover("paz", "rosa")
    )
    # Whichever comes first: the first two overlap, and the first and the last are a circle.
    assert {each.status_code for each in (one, other, back)} <= {200, 409}
    assert [one.status_code, other.status_code].count(200) <= 1
    assert [one.status_code, back.status_code].count(200) <= 1
    assert 200 in {one.status_code, other.status_code}
    told = {slug(each) for each in (one, other, back) if each.status_code == 409}
    assert told <= {"cover-overlaps", "cover-circle"}
    chains = await office.call("GET", "/v1/covers", None, "paz")
    found = chains.json()["items"]
    assert len({each["coordinator"] for each in found}) == len(found)


async def test_it_is_ended_before_its_last_day(office: Office) -> None:
    await office.keep("ref-1")
    id = new_id()
    await office.cover("rosa", "paz", id=id)
    for _ in range(2):
        left = await office.call("POST", f"/v1/covers/{id}/end", {"site": SITE}, "paz")
        assert left.json() == []
    assert await office.owners() == {"ref-1": ("rosa", None)}


async def test_another_school_neither_sees_nor_covers_it(office: Office) -> None:
    await office.cover("rosa", "paz")
    assert (await office.call("GET", "/v1/covers", None, "denise")).json()["items"] == []
    assert (await office.cover("rosa", "denise", who="denise")).status_code == 404
