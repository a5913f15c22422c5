"""A district's roster: several schools, killed halfway, gone, back, and somebody else's id."""

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.errors import EnlaceError, Kind
from services.chassis.ids import new_id
from services.referral.imports import run as run_module
from services.referral.imports.run import Import
from services.referral.main import build
from services.referral.model.people import Family, Student
from services.referral.model.roster_run import RosterRun
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.running import Running, person, running
from tests.servers import Cell

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "ingrid": person("ingrid", "admin"),
}
SITES = {
    "site-01": {"name": "Lincoln", "coordinator": "Rosa", "phone": "+15105550101", "sis_org": "O1"},
    "site-02": {"name": "Mesa", "coordinator": "Denise", "phone": "+15105550102", "sis_org": "O2"},
}


def package(children: Mapping[str, tuple[str, ...]], *, mended: str | None = None) -> bytes:
    """Return a roster of children by id: organization, family name, guardians."""
    people = sorted({each for _, _, *around in children.values() for each in around})
    users = [f"{id},Ana{id},{name}" for id, (_, name, *_) in children.items()]
    users += [f"{each},Guardian{each},Larkhill" for each in people]
    ties = [f"{id},{each},mother" for id, (_, _, *around) in children.items() for each in around]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("orgs.csv", "sourcedId,name,type\nO1,Lincoln,school\nO2,Mesa,school\n")
        made.writestr("users.csv", _table("sourcedId,givenName,familyName", users))
        roles = [f"{id},{org},student,3" for id, (org, *_) in children.items()]
        made.writestr("roles.csv", _table("userSourcedId,orgSourcedId,role,grade", roles))
        heading = "userSourcedId,relationshipUserSourcedId,relationshipRole"
        made.writestr("relationships.csv", _table(heading, ties))
        if mended is not None:
            made.writestr("mended-rows.csv", mended)
    return content.getvalue()


def _table(heading: str, rows: list[str]) -> str:
    return "\n".join([heading, *rows, ""])


class District:
    def __init__(self, service: Running) -> None:
        self.service = service
        self.store = service.chassis.store

    async def send(self, content: bytes, who: str = "rosa", **query: str) -> httpx2.Response:
        return await self.service.http.post(
            "/v1/imports/roster",
            content=content,
            params=query,
            headers={**self.service.as_(who), "Content-Type": "application/zip"},
        )

    async def take(self, content: bytes, who: str = "rosa", **query: str) -> dict[str, Any]:
        answer = await self.send(content, who, **query)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def get(self, path: str, who: str = "rosa") -> httpx2.Response:
        return await self.service.http.get(path, headers=self.service.as_(who))

    async def students(self) -> dict[str, Student]:
        """Return children by their given name's end, which is their id in the school system."""
        found = {}
        for site in ("rosa", "denise"):
            answer = await self.get("/v1/students?limit=200", site)
            for each in answer.json()["items"]:
                student = await self.store.get(Student, each["id"])
                assert student is not None
                found[each["name"].split()[0].removeprefix("Ana")] = student
        return found


@pytest.fixture
async def district(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[District]:
    (tmp_path / "sites.json").write_text(json.dumps(SITES))
    monkeypatch.setenv("ENLACE_SITES_FILE", str(tmp_path / "sites.json"))
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=FixedClock(NOW)
    ) as service:
        yield District(service)


TWO_SCHOOLS = {
    "S1": ("O1", "Campoverde", "G1"),
    "S2": ("O2", "Campoverde", "G1"),
    "S3": ("O2", "Larkhill", "G2"),
}


class TestWholeDistrict:
    async def test_siblings_at_two_schools_are_one_family(self, district: District) -> None:
        report = await district.take(package(TWO_SCHOOLS), "ingrid")

        found = await district.students()
        assert report["students"]["created"] == 3
        assert [found[id].site for id in ("S1", "S2", "S3")] == ["site-01", "site-02", "site-02"]
        assert found["S1"].family == found["S2"].family != found["S3"].family

    async def test_staff_of_either_school_see_the_family(self, district: District) -> None:
        await district.take(package(TWO_SCHOOLS), "ingrid")
        family = (await district.students())["S2"].family

        for who in ("rosa", "denise"):
            assert (await district.get(f"/v1/families/{family}", who)).status_code == 200
        other = (await district.students())["S3"].family
        assert (await district.get(f"/v1/families/{other}", "rosa")).status_code == 404

    async def test_the_same_again_and_one_school_alone_change_nothing(
        self, district: District
    ) -> None:
        await district.take(package(TWO_SCHOOLS), "ingrid")

        for query in ({}, {"site": "site-02", "org": "O2"}):
            report = await district.take(package(TWO_SCHOOLS), "ingrid", **query)
            for kind in ("students", "families", "contacts"):
                assert (report[kind]["created"], report[kind]["changed"]) == (0, 0)
            assert report["withdrawn"] == []

    async def test_only_an_admin_takes_a_district_in(self, district: District) -> None:
        answer = await district.send(package(TWO_SCHOOLS))
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/site-missing")


class TestGone:
    async def test_who_is_gone_is_marked_and_comes_back(self, district: District) -> None:
        both = {"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Larkhill", "G2")}
        await district.take(package(both), site="site-01")

        gone = await district.take(package({"S1": both["S1"]}), site="site-01")
        left = (await district.students())["S2"]
        again = await district.take(package({"S1": both["S1"]}), site="site-01")
        back = await district.take(package(both), site="site-01")

        assert gone["withdrawn"] == [left.id]
        assert (left.enrolment, str(left.left_on)) == ("withdrawn", "2026-10-13")
        assert again["withdrawn"] == []
        assert back["returned"] == 1
        assert (await district.students())["S2"].attends

    async def test_a_child_with_a_bad_row_is_not_gone(self, district: District) -> None:
        both = {"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Larkhill", "G2")}
        await district.take(package(both), site="site-01")

        report = await district.take(
            package({"S1": both["S1"], "S2": ("O9", "Larkhill", "G2")}), site="site-01"
        )

        assert report["withdrawn"] == []
        assert report["bad_rows"] > 0

    async def test_many_gone_must_have_been_looked_at(self, district: District) -> None:
        many = {f"S{n}": ("O1", "Campoverde") for n in range(30)}
        few = {id: many[id] for id in list(many)[:5]}
        await district.take(package(many), site="site-01")

        refused = await district.send(package(few), site="site-01")
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("/many-gone")
        assert all(each.attends for each in (await district.students()).values())

        seen = await district.take(package(few), site="site-01", dry_run="true")
        done = await district.take(package(few), site="site-01", preview=seen["run"])
        assert len(done["withdrawn"]) == 25

    async def test_a_roster_of_a_part_withdraws_nobody(self, district: District) -> None:
        both = {"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Larkhill", "G2")}
        await district.take(package(both), site="site-01")

        report = await district.take(package({"S1": both["S1"]}), site="site-01", part="true")

        assert report["withdrawn"] == []
        assert (await district.students())["S2"].attends


class TestAnothersId:
    async def test_an_id_of_another_school_is_refused_and_both_are_named(
        self, district: District
    ) -> None:
        await district.take(package({"S1": ("O1", "Campoverde", "G1")}), site="site-01")

        report = await district.take(
            package({"S1": ("O2", "Larkhill"), "S2": ("O2", "Larkhill")}), "denise", site="site-02"
        )

        assert (report["collisions"], report["students"]["created"]) == (1, 1)
        (problem,) = report["problems"]
        assert "Mesa (site-02)" in problem["what"]
        assert "Lincoln (site-01)" in problem["what"]
        assert (await district.students())["S1"].site == "site-01"

    async def test_who_has_left_the_other_school_is_taken_in(self, district: District) -> None:
        both = {"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Larkhill", "G2")}
        await district.take(package(both), site="site-01")
        before = (await district.students())["S1"]
        await district.take(package({"S2": both["S2"]}), site="site-01")

        report = await district.take(
            package({"S1": ("O2", "Campoverde", "G1")}), "denise", site="site-02"
        )

        after = (await district.students())["S1"]
        assert (report["returned"], report["students"]["created"]) == (1, 0)
        assert (after.id, after.site, after.attends) == (before.id, "site-02", True)

    async def test_nor_can_it_be_entered_by_hand(self, district: District) -> None:
        await district.take(package({"S1": ("O1", "Campoverde", "G1")}), site="site-01")
        family = (await district.students())["S1"].family
        body = {
            "site": "site-02",
            "family": family,
            "given_name": "Eve",
            "family_name": "Other",
            "sis_id": "S1",
        }
        answer = await district.service.http.put(
            f"/v1/students/{new_id()}", json=body, headers=district.service.as_("denise")
        )
        assert answer.status_code == 409
        assert "Lincoln" in answer.json()["detail"]
        assert "Mesa" in answer.json()["detail"]


class TestInterrupted:
    MANY: ClassVar = {f"S{n}": ("O1", f"Family{'abcdefghij'[n % 10]}", f"G{n}") for n in range(7)}

    async def test_what_was_written_stays_and_the_same_file_goes_on(
        self, district: District, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run_module, "SLICE", 2)
        write, writes = Import._write, 0

        async def killed(self: Import, *rest: Any) -> RosterRun:
            nonlocal writes
            writes += 1
            if writes == 3:
                raise EnlaceError("killed", Kind.UNAVAILABLE, "The process was killed.")
            return await write(self, *rest)

        monkeypatch.setattr(Import, "_write", killed)
        run = new_id()
        answer = await district.send(package(self.MANY), site="site-01", run=run)
        assert answer.status_code == 503
        stopped = (await district.get(f"/v1/imports/roster/{run}")).json()
        assert (stopped["state"], stopped["handled"]) == ("stopped", 4)
        assert len(await district.students()) == 4

        monkeypatch.setattr(Import, "_write", write)
        report = await district.take(package(self.MANY), site="site-01", run=run)

        assert report["students"] == {"created": 3, "changed": 0, "unchanged": 4}
        done = (await district.get(f"/v1/imports/roster/{run}")).json()
        assert (done["state"], done["handled"], done["children"]) == ("done", 7, 7)

    async def test_a_record_changed_meanwhile_costs_no_import(
        self, district: District, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await district.take(package(self.MANY), site="site-01")
        stored, changed = Import._stored, False

        async def meanwhile(self: Import, *rest: Any) -> Any:
            nonlocal changed
            found = await stored(self, *rest)
            if not changed:
                changed = True
                some = next(iter(found.families))
                rows = district.store.collection(Family)
                await rows.update_one({"_id": some}, {"$inc": {"version": 1}})
            return found

        monkeypatch.setattr(Import, "_stored", meanwhile)
        more = {id: (org, name, "GX") for id, (org, name, _) in self.MANY.items()}
        report = await district.take(package(more), site="site-01")

        assert report["contacts"]["created"] == 1
        assert len(await district.students()) == 7

    async def test_it_is_asked_for_while_it_goes_on_behind(self, district: District) -> None:
        run = new_id()
        answer = await district.send(package(self.MANY), site="site-01", run=run, wait="false")
        assert answer.status_code == 202

        async with asyncio.timeout(60):
            while (await district.get(f"/v1/imports/roster/{run}")).json()["state"] != "done":  # noqa: ASYNC110 - it is done elsewhere
                await asyncio.sleep(0.05)
        assert len(await district.students()) == 7

    async def test_another_schools_coordinator_may_not_know_of_it(self, district: District) -> None:
        report = await district.take(package(self.MANY), site="site-01")
        path = f"/v1/imports/roster/{report['run']}"
        assert (await district.get(path, "denise")).status_code == 404
        assert (await district.get(f"{path}/bad-rows", "denise")).status_code == 404


class TestBadRows:
    TORN: ClassVar = {"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "=1+1", "G2")}

    async def test_they_come_back_mended(self, district: District) -> None:
        report = await district.take(package(self.TORN), site="site-01")
        answer = await district.get(f"/v1/imports/roster/{report['run']}/bad-rows")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        (row,) = [each for each in rows if each["file"] == "users.csv"]
        row["familyName"] = "Larkhill"
        mended = io.StringIO()
        writer = csv.DictWriter(mended, row)
        writer.writeheader()
        writer.writerow(row)

        again = await district.take(package(self.TORN, mended=mended.getvalue()), site="site-01")

        assert (report["students"]["created"], again["students"]["created"]) == (1, 1)
        assert again["bad_rows"] == 0

    async def test_they_are_kept_sealed_and_can_be_destroyed(self, district: District) -> None:
        report = await district.take(package(self.TORN), site="site-01")
        path = f"/v1/imports/roster/{report['run']}/bad-rows"
        rows = district.service.chassis.database["roster_bad_rows"]
        (part,) = await rows.find({}).to_list()
        assert "AnaS2" not in str(part)
        assert "expires_at" in part
        runs = await district.service.chassis.database["roster_runs"].find({}).to_list()
        assert "S2" not in json.dumps(runs, default=str)

        gone = await district.service.http.delete(path, headers=district.service.as_("rosa"))

        assert gone.status_code == 204
        assert (await district.get(path)).text == ""
        assert await rows.count_documents({}) == 0
