"""Contact attempts over HTTP: late, in any order, in batches, never twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.model.attempts import ContactAttempt
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import slug
from tests.referral.test_care_api import STAFF, School
from tests.running import running
from tests.servers import Cell

BATCH = "/v1/contact-attempts/batch"


@pytest.fixture
async def school(cell: Cell, tmp_path: Path) -> AsyncIterator[School]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=clock
    ) as service:
        there = School(service, clock)
        await there.family.entered()
        yield there


def attempt(school: School, days_ago: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "student": school.student,
        "kind": "call",
        "reached": False,
        "happened_at": (NOW - timedelta(days=days_ago)).isoformat(),
        **more,
    }


async def test_an_attempt_is_kept_with_all_that_was_said(school: School) -> None:
    body = attempt(
        school,
        reached=True,
        person=school.family.mother,
        language="mix",
        interpreter="phone-line",
        words="Trabaja de noche",
        next_step="Volver a llamar",
        next_on="2026-10-16",
    )
    id = new_id()
    made = await school.put(f"/v1/contact-attempts/{id}", body, "nora")
    assert made.status_code == 200, made.text
    assert (await school.get(f"/v1/contact-attempts/{id}")).json() == made.json()
    view = made.json()
    kept = ("language", "interpreter", "words", "next_step", "next_on", "by")
    assert [view[name] for name in kept] == [
        "mix",
        "phone-line",
        "Trabaja de noche",
        "Volver a llamar",
        "2026-10-16",
        "nora",
    ]


async def test_the_same_id_is_one_attempt_and_another_body_is_refused(school: School) -> None:
    id, body = new_id(), attempt(school, words="No contesta")
    answers = await asyncio.gather(
        *(school.put(f"/v1/contact-attempts/{id}", body) for _ in range(6))
    )
    assert {each.status_code for each in answers} == {200}
    assert all(each.json() == answers[0].json() for each in answers)
    rows = school.service.chassis.store.collection(ContactAttempt)
    assert await rows.count_documents({}) == 1
    other = await school.put(f"/v1/contact-attempts/{id}", {**body, "reached": True})
    assert (other.status_code, slug(other)) == (409, "id-taken")
    elses = await school.put(f"/v1/contact-attempts/{id}", body, "nora")
    assert (elses.status_code, slug(elses)) == (409, "id-taken"), "another person's attempt"


async def test_a_repeat_is_the_same_answer_years_later(school: School) -> None:
    id, body = new_id(), attempt(school)
    first = await school.put(f"/v1/contact-attempts/{id}", body)
    school.clock.advance(timedelta(days=3 * 365))
    assert (await school.put(f"/v1/contact-attempts/{id}", body)).json() == first.json()


async def test_they_are_listed_by_when_they_happened_however_they_arrive(school: School) -> None:
    for days in (3, 1, 5, 2, 4):
        body = attempt(school, days, words=f"hace {days}")
        assert (await school.put(f"/v1/contact-attempts/{new_id()}", body)).status_code == 200
    path = f"/v1/students/{school.student}/contact-attempts?limit=2"
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await school.get(path + (f"&cursor={cursor}" if cursor else ""))).json()
        seen += [each["words"] for each in page["items"]]
        cursor = page["next"]
    assert seen == ["hace 1", "hace 2", "hace 3", "hace 4", "hace 5"]


async def test_the_timeline_of_the_referral_shows_codes_and_no_word(school: School) -> None:
    referral = await school.referral()
    id = new_id()
    body = attempt(school, referral=referral, words="Secreto", language="es", kind="visit")
    await school.put(f"/v1/contact-attempts/{id}", body)
    timeline = (await school.get(f"/v1/referrals/{referral}/timeline")).json()["items"]
    [entry] = [each for each in timeline if each["what"] == "contact-attempt.made"]
    assert entry["about"] == {
        "attempt": id,
        "kind": "visit",
        "reached": "no",
        "interpreter": "none",
        "by": "rosa",
        "language": "es",
    }


async def test_one_bad_row_never_loses_the_others(school: School) -> None:
    good = [{"id": new_id(), **attempt(school, days)} for days in (1, 2)]
    bad = [
        {"id": new_id(), **attempt(school, kind="pigeon")},
        {"id": new_id(), **attempt(school, -2)},
        {"id": new_id(), **attempt(school), "student": new_id()},
        {"id": "7", **attempt(school)},
        attempt(school),
        {"id": new_id(), **attempt(school), "ssn": "123-45-6789"},
        {**good[0], "reached": True},
    ]
    answer = await school.post(BATCH, {"attempts": [good[0], *bad, good[1]]}, "nora")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["kept"], found["refused"]) == (2, 7)
    assert [row["result"] for row in found["rows"]] == ["kept", *["refused"] * 7, "kept"]
    problems = [row["problem"]["type"].rsplit("/", 1)[1] for row in found["rows"] if row["problem"]]
    assert problems == [
        "malformed",
        "not-yet-happened",
        "not-found",
        "malformed",
        "malformed",
        "malformed",
        "id-taken",
    ]
    assert found["rows"][1]["problem"]["fields"] == [
        {
            "field": "kind",
            "what": "this code is not known here: write call, text, visit or meeting",
            "what_es": "este código no se conoce aquí: escriba call, text, visit o meeting",
        }
    ]
    assert all(row["problem"]["detail_es"] for row in found["rows"] if row["problem"])
    assert "123-45-6789" not in answer.text
    again = await school.post(BATCH, {"attempts": [good[0], *bad, good[1]]}, "nora")
    assert again.json() == found
    alone = await school.put(
        f"/v1/contact-attempts/{good[0]['id']}",
        {name: value for name, value in good[0].items() if name != "id"},
        "nora",
    )
    assert alone.json() == found["rows"][0]["attempt"], "alone or in a batch, it is one attempt"


async def test_a_row_that_is_none_loses_no_other(school: School) -> None:
    good = {"id": new_id(), **attempt(school)}
    answer = await school.post(BATCH, {"attempts": ["lost", good, None, 7, [good]]}, "nora")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [row["result"] for row in found["rows"]] == ["refused", "kept", *["refused"] * 3]
    said = [row["problem"] for row in found["rows"] if row["problem"]]
    assert all(each["type"].endswith("malformed") and each["fields"][0]["what_es"] for each in said)


async def test_a_batch_takes_a_hundred_rows_and_no_more(school: School) -> None:
    rows = [{"id": new_id(), **attempt(school, words="x" * 4_000)} for _ in range(101)]
    many = await school.post(BATCH, {"attempts": rows}, "nora")
    assert (many.status_code, slug(many)) == (422, "malformed")
    full = await school.post(BATCH, {"attempts": rows[:100]}, "nora")
    assert full.json()["kept"] == 100


async def test_a_person_of_another_family_is_refused(school: School) -> None:
    answer = await school.put(f"/v1/contact-attempts/{new_id()}", attempt(school, person=new_id()))
    assert answer.status_code == 404
