"""The today queue over HTTP, from referral's own database."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.categories import Category
from contracts.codes import Urgency
from contracts.follow_ups import EscalationLevel, FollowUpKind
from services.chassis.auth import Role
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.store import Change
from services.referral.api.sight import STAFF, seen, unseen
from services.referral.handlers.today import (
    calling_query,
    ending_query,
    newer_query,
    unseen_query,
)
from services.referral.main import build
from services.referral.model.consent import ConsentBook
from services.referral.model.evolve import settled
from services.referral.model.follow_up import FollowUp, FollowUpState
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW, consent
from tests.referral.build import referral as draft
from tests.referral.test_api import OFFER, PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

BOTH = {
    **PEOPLE,
    "admin": person("admin", "admin"),
    "paz": person("paz", "coordinator:site-01", "coordinator:site-02"),
}


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, BOTH, clock=clock
    ) as service:
        yield service


async def look(service: Running, who: str = "rosa", **query: str) -> httpx2.Response:
    return await service.http.get("/v1/today", params=query, headers=service.as_(who))


async def today(service: Running, who: str = "rosa", **query: str) -> dict[str, Any]:
    answer = await look(service, who, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def keep(service: Running, *referrals: Referral) -> None:
    made = [settled(each) for each in referrals]
    await service.chassis.store.update([], lambda _: Change(None, made))


async def test_what_one_just_did_is_there(referral: Running) -> None:
    family = await Family(referral).entered()
    id = new_id()
    assert (await today(referral))["items"] == []
    await family.referral(id)
    row = (await today(referral))["items"][0]
    assert (row["name"], row["reason"], row["step"]) == ("Ana R.", "not-sent", "send")
    assert row["since"].startswith("2026-10-13T17:00:00")
    headers = {**referral.as_("rosa"), "If-Match": '"1"'}
    await referral.http.post(f"/v1/referrals/{id}/offer", json=OFFER, headers=headers)
    assert (await today(referral))["items"] == [], "it was sent"


async def test_one_row_a_child_with_every_reason_and_counts_of_children(referral: Running) -> None:
    family = await Family(referral).entered()
    other = await Family(referral).entered()
    for each, urgency, category in (
        (family, "crisis", "dental"),
        (family, "routine", "vision"),
        (other, "routine", "dental"),
    ):
        body = {"student": each.student, "category": category, "need": "n", "urgency": urgency}
        assert (await each.put(f"/v1/referrals/{new_id()}", body)).status_code == 200
    told = await today(referral)
    assert told["total"] == 2
    assert told["counts"] == {"crisis-unclaimed": 1, "not-sent": 2}
    assert [row["student"] for row in told["items"]] == [family.student, other.student]
    assert [each["reason"] for each in told["items"][0]["more"]] == ["not-sent", "not-sent"]


async def test_a_filter_shows_children_with_that_reason_and_counts_all(referral: Running) -> None:
    await keep(
        referral,
        draft(id="ref-1", student="stu-1"),
        draft(id="ref-2", student="stu-2", state=State.REQUESTED),
    )
    told = await today(referral, reason="nobody-took-it")
    assert [row["student"] for row in told["items"]] == ["stu-2"]
    assert told["counts"] == {"nobody-took-it": 1, "not-sent": 1}
    bad = await look(referral, reason="bored")
    assert (bad.status_code, slug(bad)) == (422, "malformed")
    assert "not-sent" in bad.json()["fields"][0]["what"]


async def test_each_sees_their_own_schools_and_one_of_them_where_they_ask(
    referral: Running,
) -> None:
    await keep(
        referral,
        draft(id="ref-1", student="stu-1"),
        draft(id="ref-2", student="stu-2", site="site-02"),
    )
    seen = {
        who: [row["student"] for row in (await today(referral, who))["items"]]
        for who in ("rosa", "nurse", "denise", "paz")
    }
    assert seen == {
        "rosa": ["stu-1"],
        "nurse": ["stu-1"],
        "denise": ["stu-2"],
        "paz": ["stu-1", "stu-2"],
    }
    one = await today(referral, "paz", site="site-02")
    assert [row["site"] for row in one["items"]] == ["site-02"]
    assert (await look(referral, "rosa", site="site-02")).status_code == 404
    assert (await today(referral, "lead"))["items"] == [], "nothing has gone up to them"


async def test_pages_follow_each_other_though_a_row_has_gone(referral: Running) -> None:
    hour = timedelta(hours=1)
    made = [draft(id=f"ref-{n}", student=f"stu-{n}", created_at=NOW - n * hour) for n in range(5)]
    await keep(referral, *made)
    first = await today(referral, limit="2")
    assert [row["student"] for row in first["items"]] == ["stu-4", "stu-3"]
    await referral.chassis.database["referrals"].delete_one({"_id": "ref-3"})
    second = await today(referral, limit="2", cursor=first["next"])
    third = await today(referral, limit="2", cursor=second["next"])
    assert [row["student"] for row in second["items"]] == ["stu-2", "stu-1"]
    assert [row["student"] for row in third["items"]] == ["stu-0"]
    assert third["next"] is None
    for cursor in ("eA==", "WzEsMl0="):
        bad = await look(referral, cursor=cursor)
        assert (bad.status_code, slug(bad)) == (422, "cursor-malformed")


async def test_a_consent_that_ends_soon_is_in_the_queue(referral: Running) -> None:
    family = await Family(referral).entered()
    await family.referral(new_id())
    assert (await today(referral))["counts"] == {"not-sent": 1}
    books = referral.chassis.database["consents"]
    await books.update_one({"_id": family.student}, {"$set": {"consents.0.until": "2026-11-02"}})
    told = await today(referral)
    assert told["counts"] == {"consent-expiring": 1, "not-sent": 1}
    row = (await today(referral, reason="consent-expiring"))["items"][0]
    assert row["reason"] == "consent-expiring", "before what was not sent"
    assert row["deadline"] == "2026-11-03T08:00:00Z"


async def test_what_a_newer_referral_goes_on_from_has_left_the_queue(referral: Running) -> None:
    failed = draft(id="ref-1", student="stu-1", state=State.FAILED)
    await keep(referral, failed, draft(id="ref-2", student="stu-2", state=State.FAILED))
    assert (await today(referral))["counts"] == {"no-help-came": 2}
    again = draft(id="ref-3", student="stu-1", re_referral_of="ref-1", state=State.IN_PROGRESS)
    given_up = draft(id="ref-4", student="stu-2", re_referral_of="ref-2", state=State.CANCELLED)
    await keep(referral, again, given_up)
    assert [row["student"] for row in (await today(referral))["items"]] == ["stu-2"]


async def test_a_restricted_need_is_there_for_the_named_roles_alone(referral: Running) -> None:
    await keep(
        referral,
        draft(id="ref-1", student="stu-1"),
        draft(id="ref-2", student="stu-1", category=Category.MENTAL_HEALTH, urgency=Urgency.CRISIS),
        draft(id="ref-3", student="stu-3", category=Category.MENTAL_HEALTH),
    )
    rosa, nurse = await today(referral), await today(referral, "nurse")
    assert (rosa["total"], rosa["counts"]) == (2, {"crisis-unclaimed": 1, "not-sent": 2})
    assert (nurse["total"], nurse["counts"]) == (1, {"not-sent": 1})
    assert [row["referral"] for row in nurse["items"]] == ["ref-1"]
    assert nurse["items"][0]["more"] == []
    assert (await today(referral, "nurse", site="site-01"))["total"] == 1


async def test_the_queue_of_a_school_with_2000_open_referrals_reads_an_index(
    referral: Running,
) -> None:
    calm = [
        draft(
            id=f"ref-{n}",
            student=f"stu-{n}",
            site=f"site-0{n % 3}",
            state=State.IN_PROGRESS,
        )
        for n in range(1_995)
    ]
    calling = [draft(id=f"ref-x{n}", student=f"stu-x{n}") for n in range(5)]
    await keep(referral, *calm, *calling)
    rows = referral.chassis.store.collection(Referral)
    for who in ("rosa", "paz", "nurse"):
        query = calling_query(seen(BOTH[who], Rules(), *STAFF), NOW)
        plan = await rows.find(query).explain()
        stages = _stages(plan["queryPlanner"]["winningPlan"])
        assert ("IXSCAN", "calls") in stages, who
        assert "COLLSCAN" not in {stage for stage, _ in stages}
        assert plan["executionStats"]["totalDocsExamined"] <= 10, f"{who}: of 2,000"
    hidden = unseen(BOTH["admin"], Rules(), Role.COORDINATOR)
    plan = await rows.find(unseen_query(hidden, NOW)).explain()
    assert ("IXSCAN", "calls") in _stages(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] <= 10, "of 2,000"
    newer = await rows.find(newer_query([each.id for each in calling])).explain()
    stages = _stages(newer["queryPlanner"]["winningPlan"])
    assert ("IXSCAN", "re_referral_of_1") in stages
    assert newer["executionStats"]["totalDocsExamined"] == 0
    assert (await today(referral))["total"] == 5


async def test_consents_that_end_soon_are_found_by_an_index(referral: Running) -> None:
    books = [
        ConsentBook(id=f"stu-{n}", family="fam", site="site-01", consents=(consent(),))
        for n in range(500)
    ]
    await referral.chassis.store.update([], lambda _: Change(None, books))
    query = ending_query(frozenset({"site-01"}), NOW, "America/Los_Angeles", 30)
    plan = await referral.chassis.store.collection(ConsentBook).find(query).explain()
    assert "COLLSCAN" not in {each for each, _ in _stages(plan["queryPlanner"]["winningPlan"])}
    assert plan["executionStats"]["totalDocsExamined"] == 0


def _stages(plan: dict[str, Any]) -> list[tuple[str, str | None]]:
    inner = [plan["inputStage"]] if "inputStage" in plan else plan.get("inputStages", [])
    return [
        (plan["stage"], plan.get("indexName")),
        *(each for one in inner for each in _stages(one)),
    ]


def late(id: str, kind: FollowUpKind, level: EscalationLevel | None) -> FollowUp:
    return FollowUp(
        id=f"{id}-1",
        kind=kind,
        due_on=date(2026, 10, 1),
        zone="America/Los_Angeles",
        state=FollowUpState.OVERDUE,
        level=level,
    )


async def test_the_district_sees_what_has_gone_up_to_it_and_nothing_else(
    referral: Running,
) -> None:
    for number, level in enumerate((None, EscalationLevel.SITE_LEAD, EscalationLevel.DISTRICT)):
        id = f"ref-{number}"
        silent = late(id, FollowUpKind.AGENCY_SILENT, level)
        waits = {"state": State.ACCEPTED, "follow_ups": (silent,)}
        await keep(referral, draft(id=id, student=f"stu-{number}", **waits))
    assert (await today(referral))["total"] == 3, "the school sees all of it"
    up = await today(referral, "admin")
    assert [(row["student"], row["level"]) for row in up["items"]] == [("stu-2", "district")]


async def test_what_has_gone_up_of_a_restricted_need_is_told_without_child_and_need(
    referral: Running,
) -> None:
    for number, level in enumerate((None, EscalationLevel.SITE_LEAD, EscalationLevel.DISTRICT)):
        id = f"ref-{number}"
        looked = late(id, FollowUpKind.LOOK_IN, level)
        need = {"category": Category.MENTAL_HEALTH, "urgency": Urgency.CRISIS}
        waits = {"state": State.REQUESTED, "follow_ups": (looked,), **need}
        await keep(referral, draft(id=id, student=f"stu-{number}", **waits))

    up = await today(referral, "admin")

    (row,) = up["items"]
    assert (row["reason"], row["level"], row["step"]) == (
        "overdue-follow-up",
        "district",
        "call-school",
    )
    told = {"withheld": True, "site": "site-01", "urgency": "crisis", "referral": "ref-2"}
    assert told.items() <= row.items()
    assert row["owner"] == "rosa", "whom to call"
    assert row["since"] is not None
    hidden = ("student", "grade", "category", "audience", "follow_up")
    assert [row[each] for each in hidden] == [None] * len(hidden)
    assert (row["name"], row["agencies"], row["more"]) == ("-", [], [])
    assert (up["total"], up["counts"]) == (1, {"overdue-follow-up": 1})
    assert (await today(referral, "admin", site="site-02"))["total"] == 0
    assert (await today(referral))["total"] == 3, "the named roles see all of it, with the child"
    assert (await today(referral, "nurse"))["total"] == 0, "the care team leads nothing"


async def test_a_lead_who_is_not_named_sees_what_has_gone_up_from_the_first_level_on(
    referral: Running,
) -> None:
    late = FollowUp(
        id="ref-1-1",
        kind=FollowUpKind.LOOK_IN,
        due_on=date(2026, 10, 1),
        zone="America/Los_Angeles",
        state=FollowUpState.OVERDUE,
        level=EscalationLevel.SITE_LEAD,
    )
    need = {"category": Category.MENTAL_HEALTH, "urgency": Urgency.CRISIS}
    waits = {"state": State.REQUESTED, "follow_ups": (late,), **need}
    await keep(referral, draft(id="ref-1", student="stu-1", **waits))
    rules = {"restricted_roles": ["care-team"]}
    headers = {**referral.as_("admin"), "If-Match": '"1"'}
    changed = await referral.http.put("/v1/rules", json=rules, headers=headers)
    assert changed.status_code == 200, changed.text

    (row,) = (await today(referral, "rosa"))["items"]

    assert (row["withheld"], row["level"], row["student"]) == (True, "site-lead", None)
    assert (await today(referral, "denise"))["items"] == []
    assert (await today(referral, "admin"))["items"] == [], "not yet the district's"
