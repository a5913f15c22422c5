"""Guardians whom a later roster does not name: told nothing, found again, erased with the child."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.model.erasure import NOTHING
from services.referral.model.people import Family
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.roster.district import PEOPLE, SITES, District, package
from tests.running import running
from tests.servers import Cell

WITH_G1 = package({"S1": ("O1", "Campoverde", "G1")})
WITH_G2 = package({"S1": ("O1", "Campoverde", "G2")})


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


async def household(district: District) -> dict[str, Any]:
    """Return the child's household, as staff read it."""
    family = (await district.students())["S1"].family
    answer = await district.get(f"/v1/families/{family}")
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "id": family, "etag": answer.headers["ETag"]}


async def erased(district: District, family: str) -> dict[str, Any]:
    body = {"family": family, "reason": "family-asked"}
    answer = await district.service.http.put(
        f"/v1/erasures/{new_id()}", json=body, headers=district.service.as_("ingrid")
    )
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def keys_of(district: District) -> set[str]:
    """Return whoever still has a key."""
    chassis = district.service.chassis
    keys = chassis.mongo[chassis.settings.database("keys_people")]
    return {name async for key in keys["keys"].find() for name in key["keyAltNames"]}


async def told(district: District, key: str) -> list[str]:
    rows = district.service.chassis.database["event_log"].find({"key": key})
    return [row["type"] async for row in rows.sort([("sequence", 1)])]


async def test_an_erasure_leaves_nothing_of_a_guardian_whom_a_later_roster_no_longer_names(
    district: District,
) -> None:
    await district.take(WITH_G1, site="site-01", tell="mother")
    (dropped,) = (await household(district))["contacts"]
    await district.take(WITH_G2, site="site-01", tell="mother")
    home = await household(district)
    assert [each["given_name"] for each in home["contacts"]] == ["GuardianG2"]

    await erased(district, home["id"])

    assert dropped["id"] not in await keys_of(district)
    assert (await told(district, dropped["id"]))[-1] == "org.enlace.person.erased.v1"
    stub = await district.store.get(Family, home["id"])
    assert stub is not None
    assert {each.profile for each in (*stub.contacts, *stub.former)} == {NOTHING}


async def test_nor_of_one_whom_the_child_left_in_a_household_without_children(
    district: District,
) -> None:
    two = {"S1": ("O1", "Campoverde", "G1"), "S0": ("O1", "Larkhill", "G2")}
    await district.take(package(two), site="site-01", tell="mother")
    before = await household(district)
    (left,) = before["contacts"]
    together = {"S0": ("O1", "Larkhill", "G2"), "S1": ("O1", "Campoverde", "G2")}
    await district.take(package(together), site="site-01", tell="mother")
    after = await household(district)
    assert after["id"] != before["id"]

    await erased(district, after["id"])

    assert left["id"] not in await keys_of(district)
    assert (await told(district, left["id"]))[-1] == "org.enlace.person.erased.v1"


async def test_a_household_in_which_other_children_stay_is_not_erased_with_one_who_left(
    district: District,
) -> None:
    both = {"S1": ("O1", "Campoverde", "G1"), "S0": ("O1", "Campoverde", "G1")}
    await district.take(package(both), site="site-01", tell="mother")
    first = await household(district)
    apart = {"S0": ("O1", "Campoverde", "G1"), "S1": ("O1", "Campoverde", "G2")}
    await district.take(package(apart), site="site-01", tell="mother")
    after = await household(district)
    assert after["id"] != first["id"]

    await erased(district, after["id"])

    assert first["contacts"][0]["id"] in await keys_of(district)


async def test_who_is_named_again_is_the_same_person_with_what_staff_decided(
    district: District,
) -> None:
    await district.take(WITH_G1, site="site-01", tell="mother")
    home = await household(district)
    (mother,) = home["contacts"]
    marked = {
        "id": mother["id"],
        "relation": "mother",
        "given_name": "GuardianG1",
        "reads": "es",
        "do_not_contact": True,
    }
    answer = await district.service.http.put(
        f"/v1/families/{home['id']}/contacts/{mother['id']}",
        json=marked,
        headers={**district.service.as_("rosa"), "If-Match": home["etag"]},
    )
    assert answer.status_code == 200, answer.text

    await district.take(WITH_G2, site="site-01", tell="mother")
    await district.take(WITH_G1, site="site-01", tell="mother")

    (again,) = (await household(district))["contacts"]
    assert (again["id"], again["do_not_contact"]) == (mother["id"], True)
    stored = await district.store.get(Family, home["id"])
    assert stored is not None
    assert len(stored.former) == 1


async def test_staff_may_enter_them_again_and_no_other_household_takes_their_id(
    district: District,
) -> None:
    await district.take(WITH_G1, site="site-01", tell="mother")
    (mother,) = (await household(district))["contacts"]
    await district.take(WITH_G2, site="site-01", tell="mother")
    home = await household(district)
    entered = {"id": mother["id"], "relation": "mother", "given_name": "Elena", "reads": "es"}
    other = {"site": "site-01", "contacts": [entered]}

    refused = await district.service.http.put(
        f"/v1/families/{new_id()}", json=other, headers=district.service.as_("rosa")
    )
    back = await district.service.http.put(
        f"/v1/families/{home['id']}/contacts/{mother['id']}",
        json=entered,
        headers={**district.service.as_("rosa"), "If-Match": home["etag"]},
    )

    assert refused.json()["type"].endswith("/contact-taken")
    assert back.status_code == 200, back.text
    stored = await district.store.get(Family, home["id"])
    assert stored is not None
    assert stored.former == ()
