"""What an erasure does to rosters: rows that hold the family go, and who comes later is anew."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.model.people import Family
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.roster.district import PEOPLE, SITES, District, package
from tests.running import running
from tests.servers import Cell

ANA = {"S1": ("O1", "Campoverde", "G1")}
NOOR = {"S2": ("O1", "Larkhill", "G2")}


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


async def erase(district: District, family: str) -> None:
    body = {"family": family, "reason": "family-asked"}
    answer = await district.service.http.put(
        f"/v1/erasures/{new_id()}", json=body, headers=district.service.as_("ingrid")
    )
    assert answer.status_code == 200, answer.text


async def test_stored_rows_that_hold_the_family_are_destroyed_and_others_stay(
    district: District,
) -> None:
    await district.take(package({**ANA, **NOOR}), site="site-01")
    torn = await district.take(package({"S1": ("O1", "=1+1", "G1"), **NOOR}), site="site-01")
    other = await district.take(package({**ANA, "S9": ("O1", "=1+1", "G9")}), site="site-01")
    rows = district.service.chassis.database["roster_bad_rows"]
    assert {torn["run"], other["run"]} <= set(await rows.distinct("run"))

    await erase(district, (await district.students())["S1"].family)

    left = set(await rows.distinct("run"))
    assert (torn["run"] in left, other["run"] in left) == (False, True)
    gone = await district.get(f"/v1/imports/roster/{torn['run']}/bad-rows")
    assert gone.text == ""


async def test_a_sibling_who_comes_later_has_a_household_and_a_key_of_their_own(
    district: District,
) -> None:
    await district.take(package({**ANA, **NOOR}), site="site-01")
    erased = (await district.students())["S1"]
    await erase(district, erased.family)
    both = package({**ANA, "S4": ("O1", "Campoverde", "G1"), **NOOR})

    report = await district.take(both, site="site-01")
    again = await district.take(both, site="site-01")

    assert report["students"] == {"created": 1, "changed": 0, "unchanged": 2}
    assert again["students"] == {"created": 0, "changed": 0, "unchanged": 3}
    students = await district.students()
    assert sorted(students) == ["S2", "S4"]
    assert students["S4"].family != erased.family
    seen = await district.get(f"/v1/families/{students['S4'].family}")
    (mother,) = seen.json()["contacts"]
    assert mother["given_name"] == "GuardianG1"
    stub = await district.store.get(Family, erased.family)
    assert stub is not None
    assert {each.id for each in stub.contacts}.isdisjoint({mother["id"]})
    need = {"student": students["S4"].id, "category": "dental", "need": "Pain when chewing"}
    written = await district.service.http.put(
        f"/v1/referrals/{new_id()}", json=need, headers=district.service.as_("rosa")
    )
    assert written.status_code == 200, written.text
    await erase(district, students["S4"].family)
