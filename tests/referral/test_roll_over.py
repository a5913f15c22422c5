"""The August roll-over: by rule, and over HTTP on a real database. All people are invented."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bson import json_util

from services.chassis.clock import FixedClock
from services.chassis.errors import EnlaceError
from services.chassis.grades import place_of
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref
from services.referral.imports import roll_over as work
from services.referral.main import build
from services.referral.model.people import Student
from services.referral.model.roll_over import (
    SchoolSpan,
    Step,
    Wish,
    grade_after,
    need_year,
    outcome,
)
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.consents.scene import slug
from tests.running import Running, person, running
from tests.servers import Cell

ELEMENTARY = SchoolSpan(first=-1, last=5)
FEEDING = SchoolSpan(first=0, last=5, feeds="site-02")
MIDDLE = SchoolSpan(first=6, last=8)
ANY = SchoolSpan()


@pytest.mark.parametrize(
    ("grade", "after"),
    [
        *(("PK", "KG"), ("TK", "KG"), ("KG", "01"), ("K", "1"), ("01", "02"), ("09", "10")),
        *(("9", "10"), (" 3 ", "4"), ("11", "12"), ("12", "12"), ("ungraded", "ungraded")),
    ],
)
def test_the_next_grade_is_written_as_the_district_writes(grade: str, after: str) -> None:
    assert grade_after(grade) == after


@pytest.mark.parametrize("grade", [None, "", "UG", "13", "0x1", "²"])
def test_what_is_no_grade_has_no_place(grade: str | None) -> None:
    assert place_of(grade) is None


@pytest.mark.parametrize(
    ("grade", "span", "more", "step", "new", "site"),
    [
        ("KG", ELEMENTARY, {}, Step.PROMOTED, "01", None),
        ("05", ELEMENTARY, {}, Step.MOVED_ON, "06", None),
        ("05", FEEDING, {}, Step.TRANSFERRED, "06", "site-02"),
        ("05", FEEDING, {"stays": True}, Step.STAYS, None, None),
        ("05", MIDDLE, {}, Step.UNCLEAR, None, None),
        ("12", ANY, {}, Step.GRADUATED, None, None),
        ("05", ANY, {}, Step.PROMOTED, "06", None),
        ("UG", ANY, {}, Step.UNCLEAR, None, None),
        ("UG", ANY, {"to_site": "site-09"}, Step.TRANSFERRED, None, "site-09"),
        ("03", ANY, {"to_site": "site-09"}, Step.TRANSFERRED, "04", "site-09"),
        ("03", ANY, {"to_site": "site-09", "stays": True}, Step.TRANSFERRED, None, "site-09"),
        ("03", ANY, {"done": True}, Step.DONE_BEFORE, None, None),
        ("03", ANY, {"done": True, "to_site": "site-09"}, Step.TRANSFERRED, None, "site-09"),
        ("03", ANY, {"promote": False}, Step.UNTOUCHED, None, None),
        ("03", ANY, {"promote": False, "to_site": "site-09"}, Step.TRANSFERRED, None, "site-09"),
    ],
)
def test_what_the_summer_does_to_a_child(
    grade: str, span: SchoolSpan, more: dict[str, Any], step: Step, new: str | None, site: str
) -> None:
    found = outcome(grade, span, Wish(**more))
    assert (found.step, found.grade, found.site) == (step, new, site)


PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "ingrid": person("ingrid", "admin"),
}
SITES: dict[str, dict[str, Any]] = {
    "site-01": {"grades": ["KG", "05"], "feeds": "site-02"},
    "site-02": {"grades": ["06", "08"]},
    "site-03": {"grades": ["09", "12"]},
}


class School:
    def __init__(self, service: Running) -> None:
        self.service = service
        self.children: dict[str, str] = {}

    async def call(
        self, method: str, path: str, body: Any = None, who: str = "rosa", **headers: str
    ) -> httpx2.Response:
        more = {} if body is None else {"json": body}
        return await self.service.http.request(
            method, path, headers={**self.service.as_(who), **headers}, **more
        )

    async def enter(self, name: str, grade: str | None, site: str = "site-01") -> str:
        family, self.children[name] = new_id(), new_id()
        await self.call("PUT", f"/v1/families/{family}", {"site": site, "contacts": []}, "ingrid")
        body = {
            "site": site,
            "family": family,
            "given_name": name,
            "family_name": "Campoverde",
            "grade": grade,
        }
        path = f"/v1/students/{self.children[name]}"
        answer = await self.call("PUT", path, body, "ingrid")
        assert answer.status_code == 200, answer.text
        return self.children[name]

    async def preview(self, id: str, who: str = "rosa", **body: Any) -> dict[str, Any]:
        wish = {"sites": ["site-01"], "year": 2026, **body}
        answer = await self.call("PUT", f"/v1/roll-overs/{id}", wish, who)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def apply(self, id: str, version: int = 1, who: str = "rosa") -> httpx2.Response:
        etag = {"If-Match": f'"{version}"'}
        return await self.call("POST", f"/v1/roll-overs/{id}/apply", None, who, **etag)

    async def change(self, name: str, **changes: Any) -> None:
        """Write a child as other commands of the service do."""
        ref = Ref(Student, self.children[name])

        def write(found: Found) -> Change[None]:
            known = found.get(ref)
            assert known is not None
            return Change(None, [known.having(**changes)])

        await self.service.chassis.store.update([ref], write)

    async def of(self, name: str) -> tuple[str, str | None, str]:
        """Return school, grade and whether they attend."""
        id = self.children[name]
        student = await self.service.chassis.store.get(Student, id)
        assert student is not None
        record = (await self.call("GET", f"/v1/students/{id}", who="ingrid")).json()
        return student.site, record["grade"], student.enrolment.value


@pytest.fixture
async def school(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[School]:
    who = {"name": "A school", "coordinator": "Rosa", "phone": "+15105550101"}
    sites = {id: {**who, **more} for id, more in SITES.items()}
    (tmp_path / "sites.json").write_text(json.dumps(sites))
    monkeypatch.setenv("ENLACE_SITES_FILE", str(tmp_path / "sites.json"))
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=FixedClock(NOW)
    ) as service:
        found = School(service)
        await found.enter("Ana", "KG")
        await found.enter("Luis", "05")
        await found.enter("Noor", "03")
        yield found


async def test_a_preview_counts_and_lists_and_changes_nothing(school: School) -> None:
    seen = await school.preview(new_id(), stays=[school.children["Noor"]])

    assert seen["counts"] == {"promoted": 1, "transferred": 1, "stays": 1}
    assert seen["grades"] == {"05 > 06": 1, "KG > 01": 1}
    assert seen["lists"]["transferred"] == [school.children["Luis"]]
    assert await school.of("Ana") == ("site-01", "KG", "enrolled")


async def test_applied_every_child_is_where_the_preview_said(school: School) -> None:
    await school.enter("Eva", "12", "site-03")
    await school.enter("Max", "08", "site-02")
    id = new_id()
    await school.preview(id, "ingrid", sites=["site-01", "site-02", "site-03"])

    done = await school.apply(id, who="ingrid")

    assert done.status_code == 200, done.text
    assert done.json()["state"] == "applied"
    assert await school.of("Ana") == ("site-01", "01", "enrolled")
    assert await school.of("Luis") == ("site-02", "06", "enrolled")
    assert await school.of("Max") == ("site-02", "09", "moved-on")
    assert await school.of("Eva") == ("site-03", "12", "graduated")


async def test_the_same_again_changes_nothing(school: School) -> None:
    id, later = new_id(), new_id()
    await school.preview(id)
    await school.apply(id)

    assert (await school.apply(id)).json()["state"] == "applied"
    again = await school.preview(later)
    assert again["counts"] == {"done-before": 2}
    assert (await school.apply(later)).status_code == 200

    assert await school.of("Ana") == ("site-01", "01", "enrolled")


async def test_a_child_who_came_since_the_preview_stops_it(school: School) -> None:
    id = new_id()
    await school.preview(id)
    await school.enter("Eva", "02")

    refused = await school.apply(id)

    assert (refused.status_code, slug(refused)) == (409, "changed-since")
    assert await school.of("Ana") == ("site-01", "KG", "enrolled")


async def test_an_interrupted_one_goes_on_with_the_rest(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SLICE", 1)
    id, write, writes = new_id(), work._write, 0

    async def killed(*given: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == 2:
            raise asyncio.CancelledError
        await write(*given)

    await school.preview(id)
    monkeypatch.setattr(work, "_write", killed)
    with pytest.raises(asyncio.CancelledError):
        await school.apply(id)
    monkeypatch.setattr(work, "_write", write)

    assert (await school.apply(id)).json()["state"] == "applied"

    grades = {(await school.of(name))[1] for name in ("Ana", "Luis", "Noor")}
    assert grades == {"01", "06", "04"}


class Meanwhile:
    """Does something between a roll-over's reading of its children and its first writing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, what: Callable[[], Awaitable[Any]]) -> None:
        self._what, self._write, self.times = what, work._write_once, 0
        monkeypatch.setattr(work, "_write_once", self)

    async def __call__(self, *given: Any) -> None:
        self.times += 1
        if self.times == 1:
            await self._what()
        await self._write(*given)


async def test_a_child_who_left_or_moved_meanwhile_is_left_where_they_are(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leave() -> None:
        ana = f"/v1/students/{school.children['Ana']}"
        known = await school.call("GET", ana)
        left = {"enrolment": "withdrawn", "left_on": "2026-10-01"}
        etag = {"If-Match": known.headers["etag"]}
        answer = await school.call("PUT", f"{ana}/enrolment", left, **etag)
        assert answer.status_code == 200, answer.text
        await school.change("Noor", site="site-03")

    id = new_id()
    await school.preview(id)
    meanwhile = Meanwhile(monkeypatch, leave)

    assert (await school.apply(id)).status_code == 200
    assert meanwhile.times > 1, "they were read again"
    assert await school.of("Ana") == ("site-01", "KG", "withdrawn")
    assert await school.of("Noor") == ("site-03", "03", "enrolled")
    assert await school.of("Luis") == ("site-02", "06", "enrolled")


async def test_a_child_whom_another_one_took_meanwhile_is_promoted_once(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = new_id(), new_id()
    await school.preview(first)
    await school.preview(second)

    async def other() -> None:
        assert (await school.apply(second)).status_code == 200

    Meanwhile(monkeypatch, other)
    assert (await school.apply(first)).status_code == 200
    assert await school.of("Ana") == ("site-01", "01", "enrolled")
    assert await school.of("Luis") == ("site-02", "06", "enrolled")


async def test_a_roll_over_of_a_year_before_takes_no_year_back(school: School) -> None:
    later, earlier, again = new_id(), new_id(), new_id()
    clock = school.service.chassis.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=180))  # in spring either year is due
    await school.preview(later, year=2027)
    await school.apply(later)
    assert await school.of("Noor") == ("site-01", "04", "enrolled")

    going = [{"student": school.children["Noor"], "site": "site-03"}]
    await school.preview(earlier, year=2026, going=going)
    assert (await school.apply(earlier)).status_code == 200
    assert (await school.of("Noor"))[0] == "site-03"

    seen = await school.preview(again, "ingrid", sites=["site-03"], year=2027)
    assert seen["counts"] == {"done-before": 1}


async def test_a_named_child_goes_to_a_named_school(school: School) -> None:
    id = new_id()
    going = [{"student": school.children["Noor"], "site": "site-03"}]
    await school.preview(id, going=going)
    await school.apply(id)

    assert await school.of("Noor") == ("site-03", "04", "enrolled")
    path = f"/v1/students/{school.children['Noor']}"
    assert (await school.call("GET", path, who="rosa")).status_code == 404


async def test_a_transfer_in_the_middle_of_the_year_touches_nobody_else(school: School) -> None:
    august, january = new_id(), new_id()
    await school.preview(august)
    await school.apply(august)
    await school.enter("Eva", "02")

    going = [{"student": school.children["Noor"], "site": "site-03"}]
    seen = await school.preview(january, going=going, promote=False)
    await school.apply(january)

    assert seen["counts"] == {"transferred": 1, "done-before": 1, "untouched": 1}
    assert await school.of("Noor") == ("site-03", "04", "enrolled")
    assert await school.of("Eva") == ("site-01", "02", "enrolled")


async def test_only_who_leads_all_its_schools_may_roll_over(school: School) -> None:
    wish = {"sites": ["site-01", "site-02"], "year": 2026}
    answer = await school.call("PUT", f"/v1/roll-overs/{new_id()}", wish, "denise")
    assert answer.status_code == 404


async def test_no_grade_stands_in_the_database_in_clear(school: School) -> None:
    await school.preview(new_id())
    rows = await school.service.chassis.database["students"].find({}).to_list()
    assert rows
    assert not any("grade" in row for row in rows)
    # Between quotes: two letters alone stand in some ciphertext sooner or later.
    assert '"KG"' not in json_util.dumps(rows)


async def test_who_is_named_and_is_not_at_these_schools_stops_it_with_the_place(
    school: School,
) -> None:
    await school.preview(new_id(), going=[{"student": school.children["Luis"], "site": "site-02"}])
    gone = await school.enter("Max", "06", "site-02")
    left = await school.enter("Eva", "02")
    seen = await school.call("GET", f"/v1/students/{left}", who="ingrid")
    withdrawn = {"enrolment": "withdrawn"}
    etag = {"If-Match": seen.headers["etag"]}
    answer = await school.call("PUT", f"/v1/students/{left}/enrolment", withdrawn, **etag)
    assert answer.status_code == 200, answer.text
    going = [
        {"student": school.children["Luis"], "site": "site-02"},
        {"student": new_id(), "site": "site-02"},
    ]
    id, stays = new_id(), [school.children["Noor"], gone, left]
    wish = {"sites": ["site-01"], "year": 2026, "stays": stays, "going": going}

    refused = await school.call("PUT", f"/v1/roll-overs/{id}", wish)

    assert (refused.status_code, slug(refused)) == (409, "child-not-here")
    told = refused.json()
    for text in (told["detail"], told["detail_es"]):
        assert "stays.1, stays.2, going.1.student." in text
    assert (await school.call("GET", f"/v1/roll-overs/{id}")).status_code == 404
    twice = {**wish, "stays": [], "going": [going[0], {**going[0], "site": "site-03"}]}
    answer = await school.call("PUT", f"/v1/roll-overs/{id}", twice)
    assert (answer.status_code, slug(answer)) == (422, "malformed")


async def test_a_repeat_is_the_same_answer_once_those_it_names_have_moved(school: School) -> None:
    id = new_id()
    going = [{"student": school.children["Noor"], "site": "site-03"}]
    await school.preview(id, going=going)
    assert (await school.apply(id)).status_code == 200

    assert (await school.preview(id, going=going))["state"] == "applied"
    assert (await school.apply(id)).status_code == 200


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2026, 10, 13), {2026}),
        (date(2026, 12, 31), {2026}),
        (date(2027, 1, 1), {2026, 2027}),
        (date(2027, 6, 30), {2026, 2027}),
        (date(2027, 7, 1), {2027}),
    ],
)
def test_only_the_year_that_runs_or_begins_next_is_rolled_into(
    today: date, years: set[int]
) -> None:
    for year in range(2024, 2030):
        if year in years:
            need_year(year, today)
            continue
        with pytest.raises(EnlaceError) as refused:
            need_year(year, today)
        assert refused.value.slug == "another-school-year"
        for text in (refused.value.detail, refused.value.es):
            assert all(str(each) in text for each in years)


async def test_another_year_is_refused_and_the_answer_says_which(school: School) -> None:
    wish = {"sites": ["site-01"], "year": 2099}
    refused = await school.call("PUT", f"/v1/roll-overs/{new_id()}", wish)
    assert (refused.status_code, slug(refused)) == (409, "another-school-year")
    assert "2026" in refused.json()["detail"]
    assert "2026" in refused.json()["detail_es"]


async def test_a_preview_that_was_left_lying_for_a_year_is_not_carried_out(school: School) -> None:
    id = new_id()
    await school.preview(id)
    clock = school.service.chassis.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=365))

    refused = await school.apply(id)

    assert (refused.status_code, slug(refused)) == (409, "another-school-year")
    assert await school.of("Ana") == ("site-01", "KG", "enrolled")
