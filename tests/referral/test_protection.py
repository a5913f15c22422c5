"""Child-protection reports, and who may see what is restricted, over HTTP on a real database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.handlers import protection
from services.referral.main import build
from services.referral.model.protection import ProtectionReport
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

WORDS = "A mark on the arm, and silence about it"
STAFF = {
    **PEOPLE,
    "counsellor": person("counsellor", "care-team:site-01"),
    "admin": person("admin", "admin:*"),
}


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=FixedClock(NOW)
    ) as service:
        yield service


async def put(office: Running, id: str, student: str, who: str = "nurse") -> httpx2.Response:
    return await office.http.put(
        f"/v1/protection-reports/{id}",
        json={"student": student, "words": WORDS},
        headers=office.as_(who),
    )


async def post(
    office: Running, id: str, what: str, body: dict[str, Any], who: str = "nurse"
) -> httpx2.Response:
    return await office.http.post(
        f"/v1/protection-reports/{id}/{what}", json=body, headers=office.as_(who)
    )


async def test_a_call_that_is_sent_again_is_the_same_however_fine_its_clock_is(
    office: Running,
) -> None:
    family, id = await Family(office).entered(), new_id()
    await put(office, id, family.student)
    at = (NOW - timedelta(minutes=20)).replace(microsecond=123_456).isoformat()
    for what in ("called", "filed"):
        first = await post(office, id, what, {"at": at})
        assert first.status_code == 200, first.text
        again = await post(office, id, what, {"at": at}, who="rosa")
        assert (again.status_code, again.json()) == (200, first.json()), what


async def test_who_entered_the_call_and_the_filing_is_kept(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    written = await put(office, id, family.student)
    assert (written.json()["called_by"], written.json()["filed_by"]) == (None, None)
    at = {"at": NOW.isoformat()}
    await post(office, id, "called", at, who="rosa")
    filed = (await post(office, id, "filed", at)).json()
    assert (filed["called_by"], filed["filed_by"]) == ("rosa", "nurse")
    earlier = {"at": (NOW - timedelta(minutes=5)).isoformat(), "correct": True}
    right = (await post(office, id, "called", earlier)).json()
    assert (right["called_by"], right["corrections"][0]["by"]) == ("rosa", "nurse")


async def test_a_report_is_called_in_and_filed_within_its_deadline(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    first = await put(office, id, family.student)
    assert (first.status_code, first.json()["next_step"]) == (200, "call-the-hotline")
    early = await post(office, id, "filed", {"at": NOW.isoformat()})
    assert (early.status_code, slug(early)) == (409, "call-first")
    at = NOW - timedelta(minutes=20)
    called = await post(office, id, "called", {"at": at.isoformat(), "reference": "C-17"})
    assert called.json()["next_step"] == "file-the-written-report"
    assert called.json()["due_at"] == (at + timedelta(hours=36)).isoformat().replace("+00:00", "Z")
    again = await post(office, id, "called", {"at": at.isoformat(), "reference": "C-17"})
    assert again.json()["version"] == called.json()["version"]
    other = await post(office, id, "called", {"at": NOW.isoformat()})
    assert (other.status_code, slug(other)) == (409, "already-called")
    filed = await post(office, id, "filed", {"at": NOW.isoformat()})
    assert (filed.json()["next_step"], filed.json()["overdue"]) == ("nothing", False)


async def test_a_time_to_come_is_refused(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await put(office, id, family.student)
    later = (NOW + timedelta(minutes=1)).isoformat()
    answer = await post(office, id, "called", {"at": later})
    assert (answer.status_code, slug(answer)) == (409, "time-to-come")


async def test_a_written_report_is_never_sent_before_the_call(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await put(office, id, family.student)
    await post(office, id, "called", {"at": (NOW - timedelta(hours=1)).isoformat()})
    early = {"at": (NOW - timedelta(hours=2)).isoformat()}
    refused = await post(office, id, "filed", early)
    assert (refused.status_code, slug(refused)) == (409, "filed-before-call")
    assert "correct the time of the call" in refused.json()["detail"]
    assert "corrija la hora de la llamada" in refused.json()["detail_es"]
    known = await office.http.get(f"/v1/protection-reports/{id}", headers=office.as_("nurse"))
    assert known.json()["next_step"] == "file-the-written-report"

    # The call was earlier than somebody wrote down: corrected, the report can be entered.
    right = {"at": (NOW - timedelta(hours=3)).isoformat(), "correct": True}
    corrected = await post(office, id, "called", right, who="rosa")
    assert corrected.json()["corrections"] == [
        {"step": "call-the-hotline", "was": "2026-10-13T16:00:00Z", "by": "rosa"}
    ]
    assert corrected.json()["due_at"] == "2026-10-15T02:00:00Z"
    assert (await post(office, id, "filed", early)).json()["next_step"] == "nothing"
    later = {"at": (NOW - timedelta(hours=1)).isoformat(), "correct": True}
    assert slug(await post(office, id, "called", later)) == "filed-before-call"
    again = await post(office, id, "filed", later)
    assert [each["was"] for each in again.json()["corrections"]][-1] == "2026-10-13T15:00:00Z"


@pytest.mark.parametrize("at", ["1900-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
async def test_a_call_of_long_ago_is_a_slip(office: Running, at: str) -> None:
    family, id = await Family(office).entered(), new_id()
    await put(office, id, family.student)
    answer = await post(office, id, "called", {"at": at})
    assert answer.status_code in {409, 422}
    known = await office.http.get(f"/v1/protection-reports/{id}", headers=office.as_("nurse"))
    assert known.json()["next_step"] == "call-the-hotline"


async def test_a_deadline_that_passes_is_known_once(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await put(office, id, family.student)
    await post(office, id, "called", {"at": NOW.isoformat()})
    known = await office.chassis.store.get(ProtectionReport, id)
    assert known is not None
    assert known.next_due == NOW + timedelta(hours=36)
    late = protection.tick(known, NOW + timedelta(hours=36)).save[0]
    assert isinstance(late, ProtectionReport)
    assert (late.overdue, late.next_due) == (True, None)


async def test_only_the_reporter_and_whom_the_district_names_see_it(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await put(office, id, family.student)
    path = f"/v1/protection-reports/{id}"
    statuses = {"nurse": 200, "rosa": 200, "counsellor": 404, "denise": 404, "lead": 403}
    for who, status in statuses.items():
        assert (await office.http.get(path, headers=office.as_(who))).status_code == status, who
    listed = {
        who: len(
            (await office.http.get("/v1/protection-reports", headers=office.as_(who))).json()[
                "items"
            ]
        )
        for who in ("nurse", "rosa", "counsellor", "denise")
    }
    assert listed == {"nurse": 1, "rosa": 1, "counsellor": 0, "denise": 0}
    stolen = await put(office, id, family.student, who="counsellor")
    assert stolen.status_code == 404


async def test_the_report_on_an_erased_child_keeps_no_other_out_of_sight(
    office: Running, cell: Cell, tmp_path: Path
) -> None:
    gone, there = await Family(office).entered(), await Family(office).entered()
    filed, open_ = new_id(), new_id()
    await put(office, filed, gone.student)
    await post(office, filed, "called", {"at": NOW.isoformat(), "reference": "C-17"})
    await post(office, filed, "filed", {"at": NOW.isoformat()})
    await put(office, open_, there.student)
    order = {"family": gone.family, "reason": "family-asked"}
    erased = await gone.put(f"/v1/erasures/{new_id()}", order, who="admin")
    assert erased.status_code == 200, erased.text

    # Another process, which holds no key that it has read before.
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=FixedClock(NOW)
    ) as other:
        for each in (office, other):
            listed = await each.http.get("/v1/protection-reports", headers=each.as_("rosa"))
            assert listed.status_code == 200, listed.text
            told = [(each["id"], each["name"], each["words"]) for each in listed.json()["items"]]
            assert told == [(open_, "Ana R.", WORDS), (filed, "-", None)]

        path = f"/v1/protection-reports/{filed}"
        shown = (await other.http.get(path, headers=other.as_("nurse"))).json()
        assert (shown["next_step"], shown["reference"], shown["reporter"]) == (
            "nothing",
            None,
            "nurse",
        )
        numbered = {"at": NOW.isoformat(), "reference": "C-18", "correct": True}
        late = await post(other, filed, "called", numbered)
        assert (late.status_code, slug(late)) == (404, "erased")


async def test_no_event_and_no_plain_word_tells_of_it(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    log = office.chassis.database["event_log"]
    before = await log.count_documents({})
    await put(office, id, family.student)
    await post(office, id, "called", {"at": NOW.isoformat(), "reference": "C-17-marked"})
    assert await log.count_documents({}) == before
    kept = str([row async for row in office.chassis.database["protection_reports"].find({})])
    assert "silence" not in kept
    assert "C-17-marked" not in kept


@pytest.mark.parametrize(
    ("who", "status", "listed"),
    [("rosa", 200, 2), ("nurse", 404, 1), ("admin", 404, 1), ("denise", 404, 0)],
)
async def test_a_restricted_need_is_seen_by_named_roles_alone(
    office: Running, who: str, status: int, listed: int
) -> None:
    family = await Family(office).entered()
    await family.referral(new_id())
    id = new_id()
    body = {"student": family.student, "category": "domestic-violence", "need": "n"}
    await family.put(f"/v1/referrals/{id}", body)
    for path in (f"/v1/referrals/{id}", f"/v1/referrals/{id}/timeline"):
        assert (await office.http.get(path, headers=office.as_(who))).status_code == status
    found = await office.http.get("/v1/referrals", headers=office.as_(who))
    assert len(found.json()["items"]) == listed
    rows = [row async for row in office.chassis.database["event_log"].find({"key": id})]
    assert b"domestic" not in b"".join(row["data"] for row in rows)
