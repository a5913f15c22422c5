"""The staff register over HTTP, on a real database: what it narrows, ends and names."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02", "coordinator:site-01"),
    "ingrid": person("ingrid", "admin"),
    "olu": person("olu", "admin"),
    "walter": person("walter", "auditor"),
    "farah": person("farah", "operator"),
    "principal": person("principal", "leadership:site-01"),
    "leaders": person("leaders", "leadership:*"),
}


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator["Office"]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield Office(service)


class Office:
    """The register's administrators at work."""

    def __init__(self, service: Running) -> None:
        self.service = service

    async def call(
        self, method: str, path: str, body: object = None, who: str = "ingrid", etag: str = ""
    ) -> httpx2.Response:
        headers = self.service.as_(who) | ({"If-Match": etag} if etag else {})
        return await self.service.http.request(method, path, json=body, headers=headers)

    async def done(self, *given: Any, **more: Any) -> Any:
        answer = await self.call(*given, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def enter(self, subject: str, *roles: dict[str, str], **more: Any) -> str:
        id = new_id()
        await self.done("PUT", f"/v1/staff/{id}", entry(subject, *roles, **more))
        return id

    async def in_force(self) -> None:
        await self.done("PUT", "/v1/staff-register", {"in_force": True})

    async def sees(self, who: str) -> int:
        return (await self.call("GET", "/v1/referrals", who=who)).status_code

    async def audited(self, **query: str) -> list[dict[str, Any]]:
        headers = self.service.as_("walter")
        answer = await self.service.http.get("/v1/audit-log", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def role(name: str, scope: str = "", since: str = "2026-08-01", **more: str) -> dict[str, str]:
    return {"role": name, "scope": scope, "since": since, **more}


def entry(subject: str, *roles: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"subject": subject, "name": f"{subject.title()} Quintanilla", "roles": roles, **more}


async def test_a_district_that_has_entered_nobody_works_by_the_token_alone(
    office: Office,
) -> None:
    assert await office.sees("rosa") == 200


async def test_a_role_counts_only_while_the_register_has_it_at_that_school(
    office: Office,
) -> None:
    await office.enter("denise", role("coordinator", "site-02"))
    family = Family(office.service)

    here = await family.put(f"/v1/families/{family.family}", family.family_body(), "denise")
    there = {**family.family_body(), "site": "site-02"}
    own = await family.put(f"/v1/families/{family.family}", there, "denise")

    assert (here.status_code, own.status_code) == (404, 200)


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({"since": "2026-10-13"}, 200),
        ({"since": "2026-10-14"}, 403),
        ({"until": "2026-10-13"}, 200),
        ({"until": "2026-10-12"}, 403),
    ],
)
async def test_a_role_counts_from_its_first_to_its_last_day(
    office: Office, dates: dict[str, str], status: int
) -> None:
    await office.enter("rosa", role("coordinator", "site-01", **dates))
    assert await office.sees("rosa") == status


async def test_the_register_gives_nothing_that_the_token_does_not(office: Office) -> None:
    await office.enter("walter", role("auditor"), role("coordinator", "site-01"))
    assert await office.sees("walter") == 403


async def test_once_in_force_only_those_in_the_register_and_the_provider_s_own_are_let_in(
    office: Office,
) -> None:
    await office.enter("denise", role("coordinator", "site-02"))
    await office.in_force()

    assert await office.sees("rosa") == 403
    assert await office.sees("denise") == 200
    assert (await office.call("GET", "/v1/staff-register", who="olu")).status_code == 200
    waiting = await office.call("GET", "/v1/operations/waiting", who="farah")
    assert waiting.status_code == 200
    assert (await office.call("GET", "/v1/audit-log", who="walter")).status_code == 403


async def test_off_boarding_ends_access_and_names_what_is_left_behind(office: Office) -> None:
    entry_id = await office.enter("rosa", role("coordinator", "site-01"))
    await office.enter("denise", role("coordinator", "site-01"))
    family = await Family(office.service).entered()
    left = [new_id(), new_id()]
    await family.referral(left[0])
    await family.referral(left[1], despite_duplicate="Her brother's teacher asked as well")

    gone = await office.done("POST", f"/v1/staff/{entry_id}/off-board", {}, etag='"1"')

    theirs = {"subject": "rosa", "site": "site-01", "referrals": left}
    assert gone["to_hand_over"] == [theirs | {"follow_ups": []}]
    assert await office.sees("rosa") == 403
    unowned = await office.done("GET", "/v1/unowned-referrals", who="denise")
    assert unowned == {"items": [theirs], "next": None}
    hand_over = {"site": "site-01", "from_coordinator": "rosa", "to_coordinator": "denise"}
    handed = await office.done("POST", "/v1/caseloads/hand-over", hand_over, who="denise")
    assert handed["handed_over"] == 2
    unowned = await office.done("GET", "/v1/unowned-referrals", who="denise")
    assert unowned == {"items": [], "next": None}


async def test_a_last_day_ends_access_on_the_day_after(office: Office) -> None:
    entry_id = await office.enter("rosa", role("coordinator", "site-01"))
    body = {"last_day": "2026-10-12"}
    await office.done("POST", f"/v1/staff/{entry_id}/off-board", body, etag='"1"')
    assert await office.sees("rosa") == 403


async def test_a_last_day_prolongs_no_role_that_ends_before_it(office: Office) -> None:
    ended = role("coordinator", "site-01", until="2026-10-01")
    entry_id = await office.enter("rosa", ended, role("care-team", "site-02"))
    body = {"last_day": "2026-12-31"}

    path = f"/v1/staff/{entry_id}"
    await office.done("POST", f"{path}/off-board", body, etag='"1"')

    grants = (await office.done("GET", path))["roles"]
    assert {(each["role"], each["until"]) for each in grants} == {
        ("coordinator", "2026-10-01"),
        ("care-team", "2026-12-31"),
    }
    assert await office.sees("rosa") == 403


async def test_work_goes_only_to_whom_the_register_has_in_the_role_at_the_school(
    office: Office,
) -> None:
    await office.enter("denise", role("coordinator", "site-02"))
    body = {"site": "site-01", "from_coordinator": "rosa", "to_coordinator": "denise"}

    refused = await office.call("POST", "/v1/caseloads/hand-over", body, who="rosa")

    assert (refused.status_code, slug(refused)) == (409, "not-in-the-register")


async def test_a_task_is_given_to_who_works_at_the_school(office: Office) -> None:
    await office.enter("denise", role("coordinator", "site-02"))
    family = await Family(office.service).entered()
    meeting = {"student": family.student, "held_on": "2026-10-12", "decided": "A quiet desk."}
    task = {"id": new_id(), "what": "Ask for a desk", "owner": "denise", "due_on": "2026-10-20"}
    body = {**meeting, "participants": [{"name": "Rosa M.", "role": "teacher"}], "tasks": [task]}
    refused = await office.call("PUT", f"/v1/meetings/{new_id()}", body, who="rosa")
    assert (refused.status_code, slug(refused)) == (409, "not-in-the-register")
    held = new_id()
    mine = {**body, "tasks": [{**task, "owner": "rosa"}]}
    await office.done("PUT", f"/v1/meetings/{held}", mine, who="rosa")
    more = {"what": "Ask again", "owner": "denise", "due_on": "2026-10-21"}
    late = await office.call("PUT", f"/v1/meetings/{held}/tasks/{new_id()}", more, who="rosa")
    assert (late.status_code, slug(late)) == (409, "not-in-the-register")


async def test_an_account_has_one_entry_also_when_two_enter_it_at_once(office: Office) -> None:
    body = entry("rosa", role("coordinator", "site-01"))
    answers = await asyncio.gather(
        *(office.call("PUT", f"/v1/staff/{new_id()}", body) for _ in range(2))
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    assert {slug(each) for each in answers if each.status_code == 409} == {"account-taken"}


async def test_a_change_names_the_version_it_was_based_on_and_a_repeat_is_the_same_answer(
    office: Office,
) -> None:
    id = await office.enter("rosa", role("coordinator", "site-01"))
    path = f"/v1/staff/{id}"
    again = await office.call("PUT", path, entry("rosa", role("coordinator", "site-01")))
    changed = entry("rosa", role("coordinator", "site-02"))
    blind = await office.call("PUT", path, changed)
    seen = await office.call("PUT", path, changed, etag='"1"')
    late = await office.call("PUT", path, entry("rosa"), etag='"1"')

    assert (again.status_code, again.headers["etag"]) == (200, '"1"')
    assert (blind.status_code, late.status_code) == (412, 412)
    assert (seen.status_code, seen.headers["etag"]) == (200, '"2"')
    history = await office.done("GET", f"{path}/history")
    assert [(each["version"], each["roles"][0]["scope"]) for each in history["items"]] == [
        (1, "site-01")
    ]


async def test_somebody_employed_elsewhere_needs_a_last_day(office: Office) -> None:
    outside = {"employer": "Puente Verde Partners", "conflict_of_interest": True}
    path = f"/v1/staff/{new_id()}"
    open_end = entry("rosa", role("coordinator", "site-01"), **outside)
    dated = entry("rosa", role("coordinator", "site-01", until="2027-06-30"), **outside)

    refused = await office.call("PUT", path, open_end)
    taken = await office.done("PUT", path, dated)

    assert (refused.status_code, slug(refused)) == (409, "needs-a-last-day")
    assert taken["conflict_of_interest"]
    assert taken["outside"]


async def test_asking_an_agency_in_which_one_has_an_interest_is_in_the_audit_log(
    office: Office,
) -> None:
    await office.enter("rosa", role("coordinator", "site-01"), conflicts=["agy-smiles"])
    family = await Family(office.service).entered()
    referral = new_id()
    await family.referral(referral)
    body = {"candidates": [{"service": "svc-smiles", "agency": "agy-smiles"}]}
    await office.done("POST", f"/v1/referrals/{referral}/offer", body, who="rosa", etag='"1"')
    headers = office.service.as_("ingrid")
    path = "/v1/audit-log?action=asked-in-conflict"
    found = (await office.service.http.get(path, headers=headers)).json()["items"]
    assert [(each["subject"], each["about"]) for each in found] == [
        ("rosa", {"referral": referral})
    ]


@pytest.mark.parametrize(
    "bad",
    [
        role("coordinator"),
        role("admin", "site-01"),
        role("coordinator", "site-01", until="2026-07-01"),
        role("janitor", "site-01"),
    ],
)
async def test_a_role_that_makes_no_sense_is_refused(office: Office, bad: dict[str, str]) -> None:
    answer = await office.call("PUT", f"/v1/staff/{new_id()}", entry("rosa", bad))
    assert answer.status_code in {409, 422}


async def test_nobody_ends_their_own_access(office: Office) -> None:
    id = await office.enter("ingrid", role("admin"))
    ended = await office.call("POST", f"/v1/staff/{id}/off-board", {}, etag='"1"')
    stripped = await office.call("PUT", f"/v1/staff/{id}", entry("ingrid"), etag='"1"')
    assert (slug(ended), slug(stripped)) == ("own-access", "own-access")


async def test_who_was_off_boarded_comes_back_without_any_role(office: Office) -> None:
    id = await office.enter("rosa", role("coordinator", "site-01"))
    await office.done("POST", f"/v1/staff/{id}/off-board", {}, etag='"1"')
    by_put = await office.call("PUT", f"/v1/staff/{id}", entry("rosa"), etag='"2"')
    back = await office.done("POST", f"/v1/staff/{id}/reinstate", etag='"2"')

    assert slug(by_put) == "off-boarded"
    assert (back["ended_at"], back["roles"]) == (None, [])
    assert await office.sees("rosa") == 403


async def test_every_change_is_in_the_audit_log_without_a_name(office: Office) -> None:
    id = await office.enter("rosa", role("coordinator", "site-01"))
    await office.done("POST", f"/v1/staff/{id}/off-board", {}, etag='"1"')
    await office.in_force()
    await office.enter("walter", role("auditor"))

    found = await office.audited()

    assert [each["action"] for each in found] == [
        "staff-entered",
        "register-switched",
        "staff-off-boarded",
        "staff-entered",
    ]
    assert {each["subject"] for each in found} == {"ingrid"}
    assert {each["roles"][0] for each in found} == {"admin"}
    assert all(len(each["request"]) == 32 for each in found)
    assert "Quintanilla" not in str(found)
    by_entry = await office.audited(about=f"entry:{id}")
    assert len(by_entry) == 2


async def test_the_audit_log_comes_in_pages_that_miss_nothing(office: Office) -> None:
    await office.enter("walter", role("auditor"))
    for _ in range(4):
        await office.enter(new_id(), role("coordinator", "site-01"))
    whole = [each["id"] for each in await office.audited(action="staff-entered")]
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        headers = office.service.as_("ingrid")
        params = {"limit": "2", "action": "staff-entered", **cursor}
        page = (
            await office.service.http.get("/v1/audit-log", params=params, headers=headers)
        ).json()
        paged += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert paged == whole
    assert len(paged) == 5
