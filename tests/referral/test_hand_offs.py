"""A warm hand-off outside the network: recorded by hand, by the plan, under a consent."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.codes import Outcome, ReplyCode
from contracts.consents import DisclosureMade
from services.chassis.clock import FixedClock
from services.chassis.errors import EnlaceError
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW, referral
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import Running, running
from tests.servers import Cell

RULES = Rules()
PLACE = "The food pantry of Saint Brigid, Sister Maren"


def after(state: Referral, *wishes: commands.Command) -> Referral:
    for wish in wishes:
        state = evolve_all(state, decide(state, wish, NOW, RULES), NOW)
    return state


def handed() -> Referral:
    return after(referral(), commands.HandOver("hand-1"))


class TestModel:
    def test_follow_ups_begin_by_the_plan_and_no_agency_is_awaited(self) -> None:
        state = handed()
        assert (state.state, state.handed_off) == (State.ACCEPTED, True)
        assert [each.kind.value for each in state.follow_ups] == ["look-in"]

    def test_it_closes_with_the_coordinators_answer_and_then_the_familys(self) -> None:
        state = after(handed(), commands.CloseHandOff(Outcome.NEED_MET))
        assert (state.state, state.business) == (State.COMPLETED, "awaiting-family")
        (question,) = [each for each in state.follow_ups if each.asks_family]
        asked = evolve_all(
            state, decide(state, commands.Tick(), question.next_due or NOW, RULES), NOW
        )
        verified = after(asked, commands.Answer(ReplyCode.YES))
        assert verified.business == "family-verified"

    def test_where_it_did_not_help_the_child_is_back_in_the_queue(self) -> None:
        state = after(handed(), commands.CloseHandOff(Outcome.COULD_NOT_CONTACT))
        assert (state.state, state.outcome) == (State.FAILED, Outcome.COULD_NOT_CONTACT)
        assert state.calls_from is not None

    def test_the_same_again_changes_nothing_and_another_end_is_refused(self) -> None:
        state = after(handed(), commands.CloseHandOff(Outcome.NEED_MET))
        again = commands.CloseHandOff(Outcome.NEED_MET)
        assert decide(state, again, NOW, RULES) == ()
        assert decide(state, commands.HandOver("hand-1"), NOW, RULES) == ()
        with pytest.raises(EnlaceError, match="wrong-state"):
            decide(state, commands.CloseHandOff(Outcome.NO_SHOW), NOW, RULES)

    def test_what_was_not_handed_over_is_not_closed_by_hand(self) -> None:
        with pytest.raises(EnlaceError, match="not-handed-off"):
            decide(referral(), commands.CloseHandOff(Outcome.NEED_MET), NOW, RULES)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def office(cell: Cell, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield service


def body(**changes: Any) -> dict[str, Any]:
    return {
        "hand_off": new_id(),
        "to": PLACE,
        "how": "went-together",
        "handed_at": (NOW - timedelta(hours=1)).isoformat(),
        "released": ["name", "need"],
        **changes,
    }


async def post(
    office: Running,
    id: str,
    given: dict[str, Any],
    *,
    what: str = "hand-off",
    seen: int = 1,
    who: str = "rosa",
) -> httpx2.Response:
    return await office.http.post(
        f"/v1/referrals/{id}/{what}",
        json=given,
        headers={**office.as_(who), "If-Match": f'"{seen}"'},
    )


async def get(office: Running, path: str, who: str = "rosa") -> httpx2.Response:
    return await office.http.get(path, headers=office.as_(who))


async def test_a_hand_off_is_recorded_once_sealed_and_with_its_disclosure(
    office: Running,
) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    given = body()
    first = await post(office, id, given)
    assert first.status_code == 200, first.text
    assert (first.json()["to"], first.json()["by"]) == (PLACE, "rosa")
    again = await post(office, id, given, seen=9)
    assert again.json() == first.json()
    seen = (await get(office, f"/v1/referrals/{id}", "nurse")).json()
    assert (seen["state"], seen["agency"], seen["hand_off"]) == (
        "accepted",
        None,
        given["hand_off"],
    )
    told = (await get(office, f"/v1/families/{family.family}/disclosures")).json()["items"]
    assert [(each["agency"], each["parts"]) for each in told] == [
        (given["hand_off"], ["name", "need"])
    ]
    report = await get(office, f"/v1/families/{family.family}/disclosure-report?language=en")
    assert "Saint Brigid" in report.text
    database = office.chassis.database
    rows = [row async for row in database["hand_offs"].find({})]
    log = [row["data"] async for row in database["event_log"].find({})]
    assert "Brigid" not in str(rows)
    assert b"Brigid" not in b"".join(log)
    lines = (await get(office, f"/v1/referrals/{id}/timeline")).json()["items"]
    assert "referral.handed-off" in [each["what"] for each in lines]


async def test_it_closes_by_the_coordinator_and_the_family_is_asked(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    version = (await post(office, id, body())).json()["version"]
    closed = await post(office, id, {"outcome": "need-met"}, what="hand-off/close", seen=version)
    assert closed.status_code == 200, closed.text
    assert (closed.json()["outcome"], closed.json()["closed_by"]) == ("need-met", "rosa")
    again = await post(office, id, {"outcome": "need-met"}, what="hand-off/close", seen=1)
    assert again.json() == closed.json()
    follow_ups = (await get(office, f"/v1/referrals/{id}")).json()["follow_ups"]
    assert follow_ups[-1]["kind"] == "did-help-arrive"


async def test_nothing_is_released_without_a_consent_that_covers_it(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    need = {"student": family.student, "category": "food", "need": "Comida"}
    await family.put(f"/v1/referrals/{id}", need)
    refused = await post(office, id, body())
    assert (refused.status_code, slug(refused)) == (409, "consent-missing")
    dental = new_id()
    await family.referral(dental)
    wider = await post(office, dental, body(released=["name", "grade"]))
    assert (wider.status_code, slug(wider)) == (409, "consent-narrower")
    assert "grade" in wider.json()["detail"]
    silent = await post(office, id, body(released=[]))
    assert silent.status_code == 200, silent.text
    told = (await get(office, f"/v1/families/{family.family}/disclosures")).json()["items"]
    assert told == []


async def test_one_recorded_later_says_when_it_was_told_and_when_that_was_written_down(
    office: Running, clock: FixedClock
) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    clock.advance(timedelta(days=3))
    told_at = NOW + timedelta(hours=2)
    answer = await post(office, id, body(handed_at=told_at.isoformat()))
    assert answer.status_code == 200, answer.text
    path = f"/v1/families/{family.family}"
    (told,) = (await get(office, f"{path}/disclosures")).json()["items"]
    assert datetime.fromisoformat(told["made_at"]) == told_at
    assert datetime.fromisoformat(told["recorded_at"]) == clock.now()
    report = (await get(office, f"{path}/disclosure-report?language=en")).text
    assert "written down on" in report
    row = await office.chassis.database["event_log"].find_one({"type": DisclosureMade.TYPE})
    assert row is not None
    assert datetime.fromisoformat(json.loads(row["data"])["made_at"]) == told_at
    before = body(handed_at=(NOW - timedelta(days=40)).isoformat())
    other = new_id()
    need = {
        "student": family.student,
        "category": "dental",
        "need": "x",
        "despite_duplicate": "Two",
    }
    await family.put(f"/v1/referrals/{other}", need)
    refused = await post(office, other, before)
    assert (refused.status_code, slug(refused)) == (409, "consent-missing"), "none held that day"


async def test_what_was_told_under_a_consent_taken_back_since_is_asked_to_be_deleted(
    office: Running, clock: FixedClock
) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    clock.advance(timedelta(days=3))
    (consent,) = (await get(office, f"/v1/students/{family.student}/consents")).json()["items"]
    path = f"/v1/students/{family.student}/consents/{consent['id']}/revoke"
    headers = office.as_("rosa")
    revoked = await office.http.post(path, json={"reason": "changed-mind"}, headers=headers)
    assert revoked.status_code == 200, revoked.text
    # Nobody may be told of it any more, so that it has moved on once.
    since = await post(office, id, body(handed_at=clock.now().isoformat()), seen=2)
    assert (since.status_code, slug(since)) == (409, "consent-missing")
    given = body(handed_at=(NOW + timedelta(days=1)).isoformat())
    recorded = await post(office, id, given, seen=2)
    assert recorded.status_code == 200, recorded.text
    asked = (await get(office, "/v1/deletion-requests")).json()["items"]
    assert [each["agency"] for each in asked] == [given["hand_off"]]


async def test_a_revocation_at_the_same_instant_leaves_no_release_without_consent(
    office: Running,
) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    consents = (await get(office, f"/v1/students/{family.student}/consents")).json()["items"]
    consent = consents[0]["id"]
    path = f"/v1/students/{family.student}/consents/{consent}/revoke"
    given = body()
    handed_over, revoked = await asyncio.gather(
        post(office, id, given),
        office.http.post(path, json={"reason": "changed-mind"}, headers=office.as_("rosa")),
    )
    assert revoked.status_code == 200, revoked.text
    told = (await get(office, f"/v1/families/{family.family}/disclosures")).json()["items"]
    asked = await get(office, f"/v1/deletion-requests?agency={given['hand_off']}")
    if handed_over.status_code == 200:
        assert len(told) == 1
        assert given["hand_off"] in asked.text, "whoever was told is asked to delete it"
    else:
        assert slug(handed_over) in {"consent-missing", "stale-version", "wrong-state"}
        assert told == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"to": " "}, 422),
        ({"to": "x" * 501}, 422),
        ({"how": "by-pigeon"}, 422),
        ({"released": ["everything"]}, 422),
        ({"hand_off": "no-id"}, 422),
        ({"handed_at": (NOW + timedelta(days=1)).isoformat()}, 409),
    ],
)
async def test_what_cannot_be_is_refused(
    office: Running, changes: dict[str, Any], status: int
) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    answer = await post(office, id, body(**changes))
    assert answer.status_code == status, answer.text


async def test_who_put_it_where_it_is_now_is_told_with_the_refusal(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    assert (await post(office, id, body())).status_code == 200
    again = await post(office, id, body(), seen=2)
    assert (again.status_code, slug(again)) == (409, "wrong-state")
    late = await post(office, id, {"outcome": "need-met"}, what="hand-off/close", seen=1)
    assert (late.status_code, slug(late)) == (412, "stale-version")
    for answer in (again, late):
        told = {each["what"]: each["by"] for each in answer.json()["meanwhile"]}
        assert told["referral.handed-off"] == "rosa"


async def test_only_the_schools_coordinator_records_it(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await family.referral(id)
    for who, status in {"nurse": 403, "denise": 404, "lead": 403}.items():
        assert (await post(office, id, body(), who=who)).status_code == status
    stale = await post(office, id, body(), seen=9)
    assert (stale.status_code, slug(stale)) == (412, "stale-version")
    assert (await get(office, f"/v1/referrals/{id}/hand-off")).status_code == 404
