"""A roster that groups children anew: everything of a child follows into its other household."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.auth import ServiceIdentity
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.handlers.desk import Desk
from services.referral.handlers.household import BY_STUDENT, OF_A_STUDENT
from services.referral.main import build
from services.referral.model.people import Student
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.mover import Mover
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.roster.district import PEOPLE, SITES, District, package
from tests.running import running
from tests.servers import Cell

TOGETHER = package({"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Campoverde", "G1")})
APART = package({"S1": ("O1", "Campoverde", "G1"), "S2": ("O1", "Campoverde", "G9")})


class Regrouped(District):
    """A district whose roster has two siblings, and later one of them with somebody else."""

    async def done(self, method: str, path: str, body: Any = None, who: str = "rosa") -> Any:
        answer = await self.service.http.request(
            method, path, json=body, headers=self.service.as_(who)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def siblings(self) -> Student:
        """Take them in; returns the one who will be with somebody else."""
        await self.take(TOGETHER, site="site-01", tell="mother")
        return (await self.students())["S2"]

    async def parted(self) -> Student:
        await self.take(APART, site="site-01", tell="mother")
        return (await self.students())["S2"]

    async def guardian(self, family: str) -> str:
        (contact,) = (await self.done("GET", f"/v1/families/{family}"))["contacts"]
        return str(contact["id"])

    async def lived(self, child: Student) -> str:
        """Give a child a consent, a referral and a note; returns the referral."""
        consent = {
            "student": child.id,
            "categories": ["dental"],
            "parts": ["name", "contact", "need"],
            "method": "signed-on-screen",
            "given_by": await self.guardian(child.family),
            "read_in": "es",
            "until": "2027-06-30",
        }
        await self.done("PUT", f"/v1/consents/{new_id()}", consent)
        need = {"student": child.id, "category": "dental", "need": "Pain when chewing"}
        referral = new_id()
        await self.done("PUT", f"/v1/referrals/{referral}", {**need, "urgency": "urgent"})
        note = {"student": child.id, "visibility": "care-team", "words": "Misses her brother"}
        await self.done("PUT", f"/v1/notes/{new_id()}", note)
        return referral

    async def offered(self, referral: str) -> None:
        body = {"candidates": [{"service": "svc-smiles", "agency": "agy-smiles"}]}
        answer = await self.service.http.post(
            f"/v1/referrals/{referral}/offer",
            json=body,
            headers={**self.service.as_("rosa"), "If-Match": '"1"'},
        )
        assert answer.status_code == 200, answer.text

    async def households_named(self, child: Student) -> set[str]:
        named = set()
        for kind in (*OF_A_STUDENT, *BY_STUDENT):
            query = {"$or": [{"student": child.id}, {"_id": child.id}]}
            named |= {row["family"] async for row in self.store.collection(kind).find(query)}
        return named


@pytest.fixture
async def district(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Regrouped]:
    (tmp_path / "sites.json").write_text(json.dumps(SITES))
    monkeypatch.setenv("ENLACE_SITES_FILE", str(tmp_path / "sites.json"))
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=FixedClock(NOW)
    ) as service:
        yield Regrouped(service)


async def may_be_told(district: Regrouped, keys: Path, referral: str, person: str) -> Any:
    """Ask as notify does before it sends that help was asked for."""
    token = ServiceIdentity("notify", keys).token("referral")
    body = {"referral": referral, "template": "family-asked", "person": person}
    answer = await district.service.http.post(
        "/v1/message-checks", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_everything_of_the_child_follows_into_the_other_household(
    district: Regrouped,
) -> None:
    before = await district.siblings()
    await district.lived(before)

    after = await district.parted()

    assert after.family != before.family
    assert await district.households_named(after) == {after.family}


async def test_the_former_guardian_is_told_no_more_and_the_new_one_is(
    district: Regrouped, tmp_path: Path
) -> None:
    before = await district.siblings()
    referral = await district.lived(before)
    await district.offered(referral)
    after = await district.parted()

    former = await may_be_told(district, tmp_path, referral, await district.guardian(before.family))
    present = await may_be_told(district, tmp_path, referral, await district.guardian(after.family))

    assert (former["may_send"], former["reason"]) == (False, "not-the-audience")
    assert present["may_send"] is True


async def test_what_was_written_at_that_very_moment_follows_too(district: Regrouped) -> None:
    before = await district.siblings()
    referral = await district.lived(before)
    after = await district.parted()
    # As a request leaves it that had read the child before the roster moved it.
    referrals = district.store.collection(Referral)
    await referrals.update_one({"_id": referral}, {"$set": {"family": before.family}})

    mover = Mover(
        Desk(district.store, FixedClock(NOW), Rules),
        district.service.chassis.register,
        "America/Los_Angeles",
    )
    await mover.once()

    assert await district.households_named(after) == {after.family}


async def test_a_legal_hold_goes_on_holding_the_child_who_left_the_household(
    district: Regrouped,
) -> None:
    before = await district.siblings()
    hold = {"family": before.family, "reason": "litigation"}
    await district.done("PUT", f"/v1/holds/{new_id()}", hold, who="ingrid")
    after = await district.parted()

    answer = await district.service.http.put(
        f"/v1/erasures/{new_id()}",
        json={"family": after.family, "reason": "family-asked"},
        headers=district.service.as_("ingrid"),
    )

    assert answer.status_code == 409, answer.text
    assert answer.json()["type"].endswith("/erasure-held")


async def test_households_stay_apart_whichever_of_the_children_the_roster_names_first(
    district: Regrouped,
) -> None:
    before = await district.siblings()
    apart = {"S2": ("O1", "Campoverde", "G9"), "S1": ("O1", "Campoverde", "G1")}

    await district.take(package(apart), site="site-01", tell="mother")
    again = await district.take(package(apart), site="site-01", tell="mother")

    children = await district.students()
    assert children["S1"].family != children["S2"].family
    assert before.family in {children["S1"].family, children["S2"].family}
    assert again["students"] == {"created": 0, "changed": 0, "unchanged": 2}
    for each in children.values():
        await district.guardian(each.family)


async def test_that_who_consented_is_around_the_child_no_more_is_in_todays_queue(
    district: Regrouped,
) -> None:
    before = await district.siblings()
    referral = await district.lived(before)
    await district.parted()

    page = await district.done("GET", "/v1/today?reason=consent-in-doubt")

    (row,) = page["items"]
    assert (row["student"], row["step"]) == (before.id, "get-consent")
    assert referral in {each["referral"] for each in (row, *row["more"])}
