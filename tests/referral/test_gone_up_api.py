"""What has gone up, over HTTP: to a school's lead, and to the district."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.categories import Category
from contracts.codes import Urgency
from contracts.follow_ups import EscalationLevel, FollowUpKind
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.model.referral import State
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.build import referral as draft
from tests.referral.test_api import PEOPLE, slug
from tests.referral.test_today_api import keep, late, look, today
from tests.running import Running, person, running
from tests.servers import Cell

WHO = {
    **PEOPLE,
    "admin": person("admin", "admin"),
    "principal": person("principal", "leadership:site-01", "care-team:site-01"),
    "other": person("other", "leadership:site-02"),
    "leaders": person("leaders", "leadership:*"),
    "both": person("both", "leadership:site-01", "coordinator:site-02"),
    "office": person("office", "leadership:site-01", "admin"),
}
LEVELS = (None, EscalationLevel.SITE_LEAD, EscalationLevel.DISTRICT)
HIDDEN = ("student", "grade", "category", "audience", "follow_up")


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, WHO, clock=clock
    ) as service:
        yield service


async def waiting(service: Running, category: Category, urgency: Urgency, kind: str) -> list[str]:
    """Keep three referrals: overdue, gone up to the lead, gone up to the district."""
    made = [
        draft(
            id=new_id(),
            student=f"stu-{kind}-{number}",
            state=State.IN_PROGRESS,
            category=category,
            urgency=urgency,
            follow_ups=(late(f"{kind}-{number}", FollowUpKind.LOOK_IN, level),),
        )
        for number, level in enumerate(LEVELS)
    ]
    await keep(service, *made)
    return [each.id for each in made]


async def test_a_schools_lead_is_told_what_has_gone_up_without_child_and_need(
    referral: Running,
) -> None:
    ids = await waiting(referral, Category.DENTAL, Urgency.SOON, "d")

    up = await today(referral, "lead")

    assert [(row["referral"], row["level"]) for row in up["items"]] == [
        (ids[1], "site-lead"),
        (ids[2], "district"),
    ]
    assert (up["total"], up["counts"], up["open"]) == (2, {"overdue-follow-up": 2}, 0)
    for row in up["items"]:
        told = {"withheld": True, "site": "site-01", "urgency": "soon", "owner": "rosa"}
        assert told.items() <= row.items(), "whom to ask"
        assert (row["reason"], row["step"]) == ("overdue-follow-up", "call-school")
        assert [row[each] for each in HIDDEN] == [None] * len(HIDDEN)
        assert (row["name"], row["agencies"], row["more"]) == ("-", [], [])
    read = await referral.http.get(f"/v1/referrals/{ids[1]}", headers=referral.as_("lead"))
    assert read.status_code == 403, "what it is about stays with those who work on it"


async def test_each_lead_is_told_of_the_own_school_and_the_leadership_of_all_leads_none(
    referral: Running,
) -> None:
    await waiting(referral, Category.DENTAL, Urgency.SOON, "d")
    assert (await today(referral, "lead", site="site-01"))["total"] == 2
    assert (await look(referral, "lead", site="site-02")).status_code == 404
    assert (await today(referral, "other"))["total"] == 0
    assert (await today(referral, "leaders"))["total"] == 0
    assert (await look(referral, "leaders", site="site-01")).status_code == 404


async def test_a_lead_of_the_care_team_sees_the_child_where_the_need_is_not_restricted(
    referral: Running,
) -> None:
    await waiting(referral, Category.DENTAL, Urgency.SOON, "d")
    ids = await waiting(referral, Category.MENTAL_HEALTH, Urgency.CRISIS, "m")

    rows = (await today(referral, "principal"))["items"]

    known = [row["student"] for row in rows if not row["withheld"]]
    assert sorted(known) == ["stu-d-0", "stu-d-1", "stu-d-2"], "with all that the care team sees"
    withheld = [row for row in rows if row["withheld"]]
    assert [row["referral"] for row in withheld] == ids[1:]
    assert [row["student"] for row in withheld] == [None, None]


async def test_whoever_works_elsewhere_too_sees_there_everything_and_here_what_went_up(
    referral: Running,
) -> None:
    ids = await waiting(referral, Category.DENTAL, Urgency.SOON, "d")
    await keep(referral, draft(id="ref-x", student="stu-x", site="site-02"))
    rows = (await today(referral, "both"))["items"]
    assert [row["referral"] for row in rows] == [*ids[1:], "ref-x"]
    assert [row["student"] for row in rows] == [None, None, "stu-x"]


async def test_an_administrator_who_leads_a_school_sees_both_levels_there(
    referral: Running,
) -> None:
    ids = await waiting(referral, Category.DENTAL, Urgency.SOON, "d")
    assert [row["referral"] for row in (await today(referral, "admin"))["items"]] == ids[2:]
    rows = (await today(referral, "office"))["items"]
    assert [(row["referral"], row["student"]) for row in rows] == [
        (ids[1], "stu-d-1"),
        (ids[2], "stu-d-2"),
    ]


async def test_the_district_gives_what_has_gone_up_to_somebody_else_of_the_school(
    referral: Running,
) -> None:
    plain = await waiting(referral, Category.DENTAL, Urgency.SOON, "d")
    hidden = await waiting(referral, Category.MENTAL_HEALTH, Urgency.SOON, "m")

    async def give(id: str, follow_up: str, who: str = "admin") -> tuple[int, str | None]:
        answer = await referral.http.post(
            f"/v1/referrals/{id}/follow-ups/{follow_up}/reassign",
            json={"owner": "nurse"},
            headers={**referral.as_(who), "If-Match": '"1"'},
        )
        return answer.status_code, None if answer.is_success else slug(answer)

    assert await give(hidden[2], "m-2-1") == (404, "not-found"), "not what they may not see"
    assert await give(plain[2], "d-2-1", "lead") == (403, "forbidden")
    assert await give(plain[2], "d-2-1") == (200, None)
    owners = {row["referral"]: row["owner"] for row in (await today(referral))["items"]}
    assert owners[plain[2]] == "nurse"
