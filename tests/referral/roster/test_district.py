"""A district's roster: several schools, killed halfway, gone, back, and somebody else's id."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

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
from tests.referral.roster.district import PEOPLE, SITES, District, package
from tests.running import running
from tests.servers import Cell


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


class TestMerged:
    async def test_a_roster_keeps_a_merged_household_together(self, district: District) -> None:
        two = {"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Larkhill", "G2")}
        await district.take(package(two), site="site-01", tell="mother")
        families = [(await district.students())[id].family for id in ("S1", "S2")]
        body = {
            "kept": families[0],
            "absorbed": families[1],
            "absorbed_version": 1,
            "reason": "one-household",
        }
        merged = await district.service.http.put(
            f"/v1/family-merges/{new_id()}",
            json=body,
            headers={**district.service.as_("rosa"), "If-Match": '"1"'},
        )
        assert merged.status_code == 200, merged.text

        same = await district.take(package(two), site="site-01", tell="mother")
        more = {**two, "S2": ("O1", "Larkhill", "G2", "G3")}
        await district.take(package(more), site="site-01", tell="mother")

        assert same["students"] == {"created": 0, "changed": 0, "unchanged": 2}
        assert same["contacts"] == {"created": 0, "changed": 0, "unchanged": 2}
        found = await district.students()
        assert {found[id].family for id in two} == {families[0]}
        family = await district.store.get(Family, families[0])
        assert family is not None
        hears = [[each.hears_of(found[id].id) for id in two] for each in family.contacts]
        assert sorted(hears) == [[False, True], [False, True], [True, False]]


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
        assert problem["what_es"] != problem["what"]
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
        family, theirs = new_id(), district.service.as_("denise")
        await district.service.http.put(
            f"/v1/families/{family}", json={"site": "site-02", "contacts": []}, headers=theirs
        )
        body = {
            "site": "site-02",
            "family": family,
            "given_name": "Eve",
            "family_name": "Other",
            "sis_id": "S1",
        }
        answer = await district.service.http.put(
            f"/v1/students/{new_id()}", json=body, headers=theirs
        )
        assert answer.status_code == 409, answer.text
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
                raise EnlaceError("killed", Kind.UNAVAILABLE, "It was killed.", es="Se detuvo.")
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

    async def test_a_fault_of_the_system_is_told_at_once(
        self, district: District, capfd: pytest.CaptureFixture[str]
    ) -> None:
        await district.take(package(self.MANY), site="site-01")
        rows = district.store.collection(Student)
        await rows.update_many({}, {"$set": {"version": "not a number"}})
        run = new_id()
        more = package({id: (org, name, "GX") for id, (org, name, _) in self.MANY.items()})

        await district.send(more, site="site-01", run=run, wait="false")

        async with asyncio.timeout(60):
            while (seen := await _run(district, run))["state"] in {"reading", "writing"}:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        assert seen["state"] == "stopped"
        assert "fault of the system (ValidationError)" in seen["detail"]
        assert "Send the same file again" in seen["detail"]
        logged = capfd.readouterr().out
        assert "roster.failed" in logged
        assert run in logged

        await rows.update_many({}, {"$set": {"version": 1}})
        assert (await district.send(more, site="site-01", run=run)).status_code == 200

    async def test_another_schools_coordinator_may_not_know_of_it(self, district: District) -> None:
        report = await district.take(package(self.MANY), site="site-01")
        path = f"/v1/imports/roster/{report['run']}"
        assert (await district.get(path, "denise")).status_code == 404
        assert (await district.get(f"{path}/bad-rows", "denise")).status_code == 404


async def _run(district: District, id: str) -> dict[str, Any]:
    """Return how far an import is."""
    found: dict[str, Any] = (await district.get(f"/v1/imports/roster/{id}")).json()
    return found


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
        assert '"S2"' not in json.dumps(runs, default=str)

        gone = await district.service.http.delete(path, headers=district.service.as_("rosa"))

        assert gone.status_code == 204
        assert (await district.get(path)).text == ""
        assert await rows.count_documents({}) == 0
