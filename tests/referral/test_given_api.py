"""What was given to somebody who has left the school is somebody's who is there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import Family
from tests.referral.test_staff_api import PEOPLE, Office, entry, role
from tests.running import person, running
from tests.servers import Cell

SITE = "site-01"
ALL = {
    **PEOPLE,
    "nurse": person("nurse", f"care-team:{SITE}"),
    "hugo": person("hugo", f"coordinator:{SITE}"),
}


class Given(Office):
    """Rosa leads a crisis at site-01, and gives its first follow-up to the nurse."""

    def __init__(self, service: Any, clock: FixedClock) -> None:
        super().__init__(service)
        self.clock = clock
        self.entries: dict[str, str] = {}
        self.referral = new_id()
        self.follow_up = ""

    async def entered(self) -> "Given":
        for who, what in (("rosa", "coordinator"), ("hugo", "coordinator"), ("nurse", "care-team")):
            self.entries[who] = await self.enter(who, role(what, SITE))
        self.family = await Family(self.service).entered()
        await self.family.referral(self.referral, urgency="crisis")
        self.follow_up = (await self.listed())["id"]
        await self.give("nurse")
        return self

    async def listed(self, who: str = "hugo") -> dict[str, Any]:
        page = await self.done("GET", f"/v1/referrals/{self.referral}/follow-ups", who=who)
        found: dict[str, Any] = page["items"][0]
        return found

    async def give(self, owner: str, who: str = "rosa") -> None:
        path = f"/v1/referrals/{self.referral}"
        etag = (await self.call("GET", path, who=who)).headers["etag"]
        reassign = f"{path}/follow-ups/{self.follow_up}/reassign"
        await self.done("POST", reassign, {"owner": owner}, who=who, etag=etag)

    async def off_board(self, who: str) -> list[dict[str, Any]]:
        path = f"/v1/staff/{self.entries[who]}"
        etag = (await self.call("GET", path)).headers["etag"]
        gone = await self.done("POST", f"{path}/off-board", {}, etag=etag)
        left: list[dict[str, Any]] = gone["to_hand_over"]
        return left

    async def hand_over(self, giver: str, taker: str = "hugo") -> dict[str, Any]:
        body = {"site": SITE, "from_coordinator": giver, "to_coordinator": taker}
        done: dict[str, Any] = await self.done("POST", "/v1/caseloads/hand-over", body, who="hugo")
        return done

    async def pass_time(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        for each in self.service.service.parts.sweeps:
            await each.once()

    async def sees_to_it(self, who: str = "hugo") -> tuple[str, str | None]:
        """Return whose the follow-up is, and who sees to its row of today."""
        await self.pass_time(10)
        page = await self.done("GET", "/v1/today", who=who)
        calls = [each for row in page["items"] for each in (row, *row["more"])]
        (row,) = [each for each in calls if each["follow_up"] == self.follow_up]
        return (await self.listed(who))["owner"], row["owner"]


@pytest.fixture
async def given(cell: Cell, tmp_path: Path) -> AsyncIterator[Given]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, ALL, clock=clock
    ) as service:
        yield await Given(service, clock).entered()


async def test_a_follow_up_stays_with_whom_it_was_given_to_while_they_are_there(
    given: Given,
) -> None:
    assert await given.sees_to_it() == ("nurse", "nurse")


async def test_a_follow_up_of_somebody_who_has_left_is_its_coordinators(given: Given) -> None:
    left = await given.off_board("nurse")
    theirs = [{"referral": given.referral, "follow_up": given.follow_up}]
    assert left == [{"subject": "nurse", "site": SITE, "referrals": [], "follow_ups": theirs}]
    assert await given.sees_to_it() == ("rosa", "rosa")


async def test_a_role_that_ends_by_its_date_gives_it_back_too(given: Given) -> None:
    ends = role("care-team", SITE, until=(NOW + timedelta(days=3)).date().isoformat())
    path = f"/v1/staff/{given.entries['nurse']}"
    await given.done("PUT", path, entry("nurse", ends), etag='"1"')
    assert (await given.listed())["owner"] == "nurse"
    assert await given.sees_to_it() == ("rosa", "rosa")


async def test_where_the_coordinator_has_left_as_well_it_is_anybodys(given: Given) -> None:
    await given.off_board("nurse")
    await given.off_board("rosa")
    assert (await given.sees_to_it())[1] is None
    assert await given.hand_over("rosa") == {
        "handed_over": 1,
        "follow_ups": 0,
        "not_handed_over": [],
    }
    assert await given.sees_to_it() == ("hugo", "hugo")


async def test_what_was_given_goes_with_all_that_is_handed_over(given: Given) -> None:
    assert await given.hand_over("nurse") == {
        "handed_over": 0,
        "follow_ups": 1,
        "not_handed_over": [],
    }
    assert await given.sees_to_it() == ("hugo", "hugo")
    assert (await given.hand_over("nurse"))["follow_ups"] == 0, "a repeat has nothing left"
    await given.off_board("hugo")
    assert await given.sees_to_it("rosa") == ("rosa", "rosa")


async def test_one_that_its_own_coordinator_took_goes_with_the_referral(given: Given) -> None:
    await given.give("rosa")
    await given.hand_over("rosa")
    assert await given.sees_to_it() == ("hugo", "hugo")


async def test_a_task_and_a_next_step_of_somebody_who_has_left_are_somebodys(given: Given) -> None:
    day = NOW.date().isoformat()
    task = {"id": new_id(), "what": "Ask the cafeteria", "owner": "nurse", "due_on": day}
    meeting = {
        "student": given.family.student,
        "held_on": day,
        "participants": [{"name": "Nora Vidal", "role": "nurse"}],
        "decided": "Breakfast at school",
        "tasks": [task],
    }
    await given.done("PUT", f"/v1/meetings/{new_id()}", meeting, who="nurse")
    sought = {
        "student": given.family.student,
        "referral": given.referral,
        "kind": "call",
        "reached": False,
        "happened_at": NOW.isoformat(),
        "next_step": "Go by the house",
        "next_on": day,
    }
    await given.done("PUT", f"/v1/contact-attempts/{new_id()}", sought, who="nurse")
    await given.pass_time(2)

    async def late() -> dict[str, str | None]:
        page = await given.done("GET", "/v1/today?reason=overdue-task", who="hugo")
        calls = [each for row in page["items"] for each in (row, *row["more"])]
        return {x["step"]: x["owner"] for x in calls if x["reason"] == "overdue-task"}

    assert await late() == {"do-task": "nurse", "take-next-step": "nurse"}
    await given.off_board("nurse")
    assert await late() == {"do-task": None, "take-next-step": "rosa"}
