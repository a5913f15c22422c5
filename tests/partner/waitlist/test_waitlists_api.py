"""A waitlist over HTTP and by link, on the real database."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import RefusalReason
from contracts.referrals import Waits
from tests.partner.build import SITE
from tests.partner.district import District, Provider

EMPTY: dict[str, Any] = {}


async def waiting(district: District, provider: Provider, **facts: Any) -> tuple[str, str]:
    """Let a child be offered and put on the waitlist; returns referral and offer."""
    referral = await district.offer(provider, **facts)
    await district.answer(provider, "waitlist")
    district.clock.advance(timedelta(hours=1))
    return referral, district.offers[provider.agency].offer


async def seats(district: District, provider: Provider, available: int) -> None:
    """Let the agency tell how many seats are free, behind its last link."""
    card = await district.show(provider)
    version = card["seats"]["version"]
    await district.answer(provider, "seats", {"available": available, "version": version})


async def waitlist(district: District, provider: Provider, who: str = "rosa") -> dict[str, Any]:
    answer = await district.get(f"/v1/capacities/{provider.service}/{SITE}/waitlist", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def choose(
    district: District, provider: Provider, policy: str | None, who: str = "rosa"
) -> Any:
    seen = await district.get(f"/v1/capacities/{provider.service}/{SITE}", "rosa")
    path = f"/v1/capacities/{provider.service}/{SITE}/waitlist-policy"
    return await district.put(path, {"policy": policy}, who, seen.headers["ETag"])


async def test_a_freed_seat_goes_by_the_policy_that_was_chosen(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    await waiting(district, smiles, urgency="urgent")
    third, _ = await waiting(district, smiles, waits=Waits(tier=3))
    assert (await choose(district, smiles, "tier")).status_code == 200
    await seats(district, smiles, 1)
    promoted = await district.told("OfferPromoted")
    assert [each.referral for each in promoted] == [third]
    left = await waitlist(district, smiles)
    assert (left["policy"], left["chosen_by"], left["total"]) == ("tier", "service", 1)


async def test_the_agency_chooses_too_unless_the_agreement_decides(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    await waiting(district, smiles, urgency="crisis")
    sibling, _ = await waiting(district, smiles, waits=Waits(siblings=(smiles.service,)))
    district.as_agency(smiles.agency)
    chosen = await choose(district, smiles, "first-come", "agent")
    assert chosen.json()["chosen_by"] == "service"
    agreed = {
        "agency": smiles.agency,
        "status": "active",
        "sites": [SITE],
        "from": "2026-08-01",
        "until": "2027-06-30",
        "waitlist": "sibling",
    }
    known = await district.get(f"/v1/agreements/{smiles.agreement}")
    path = f"/v1/agreements/{smiles.agreement}"
    assert (await district.put(path, agreed, "admin", known.headers["ETag"])).status_code == 200
    refused = await choose(district, smiles, "urgency", "agent")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("policy-agreed")
    assert "convenio" in refused.json()["detail_es"]
    await seats(district, smiles, 1)
    assert [each.referral for each in await district.told("OfferPromoted")] == [sibling]


async def test_each_row_says_why_it_has_its_place(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    first, _ = await waiting(district, smiles, waits=Waits(tier=2))
    second, _ = await waiting(district, smiles, waits=Waits(tier=3))
    await choose(district, smiles, "tier")
    shown = await waitlist(district, smiles)
    rows = [(each["place"], each["referral"]) for each in shown["rows"]]
    assert rows == [(1, second), (2, first)]
    reasons = [each["reasons"][0] for each in shown["rows"]]
    assert [each["en"] for each in reasons] == [
        "Tier 3: the highest goes first",
        "Tier 2: the highest goes first",
    ]
    assert all(each["es"].startswith("Nivel de apoyo") for each in reasons)
    offering = (await district.get(f"/v1/offerings/{first}")).json()
    place = offering["offers"][0]["waitlist"]
    assert (place["place"], place["of"], place["policy"]) == (2, 2, "tier")


async def test_the_agency_sees_places_and_neither_the_child_nor_what_tells_the_family(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=0)
    await waiting(district, smiles, waits=Waits(tier=3, siblings=(smiles.service,)))
    await waiting(district, smiles)
    district.as_agency(smiles.agency)
    for policy in ("tier", "sibling"):
        await choose(district, smiles, policy)
        rows = (await waitlist(district, smiles, "agent"))["rows"]
        assert [each["referral"] for each in rows] == [None, None]
        assert len({each["reasons"][0]["code"] for each in rows}) == 1
        card = await district.show(smiles)
        assert card["waitlist"]["place"] == 2
        assert card["waitlist"]["reasons"][0]["code"] == f"by-{policy}"


async def test_another_school_and_another_agency_learn_nothing_of_a_waitlist(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=0)
    others = await district.provider("Others", seats=0)
    await waiting(district, smiles)
    district.as_agency(others.agency)
    path = f"/v1/capacities/{smiles.service}/{SITE}/waitlist"
    for who in ("denise", "agent"):
        assert (await district.get(path, who)).status_code == 404
        assert (await choose(district, smiles, "tier", who)).status_code == 404


async def test_who_lets_the_time_pass_makes_way_for_the_next(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    first, _ = await waiting(district, smiles)
    second, _ = await waiting(district, smiles)
    await seats(district, smiles, 1)
    (promoted,) = await district.told("OfferPromoted")
    assert promoted.referral == first
    assert promoted.answer_by == district.clock.now() + timedelta(days=2)
    # No consent came in that time: referral, which answers claims, refuses this one.
    await district.happened(
        first, "ReferralClaimRefused", claim=promoted.claim, reason=RefusalReason.NO_CONSENT
    )
    assert [each.referral for each in await district.told("OfferPromoted")] == [first, second]
    assert (await waitlist(district, smiles))["total"] == 0


async def test_the_wait_is_measured_and_told_from_five_promotions_on(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    for _ in range(5):
        await waiting(district, smiles)
    district.clock.advance(timedelta(days=20))
    for free in range(1, 6):
        if free == 5:
            unknown = (await waitlist(district, smiles))["wait"]
            assert (unknown["days"], unknown["promotions"]) == (None, None)
            assert unknown["said"]["code"] == "wait-unknown"
        await seats(district, smiles, 1)
    wait = (await waitlist(district, smiles))["wait"]
    assert (wait["days"], wait["promotions"]) == (20, 5)
    assert wait["said"]["en"] == "about 3 weeks, from 5 promotions"
    await waiting(district, smiles)
    body = {"category": "dental", "site": SITE}
    answer = await district.http.post(
        "/v1/matches", json=body, headers=district.service.as_("rosa")
    )
    (match,) = answer.json()["matches"]
    assert match["wait"]["days"] == 20
    said = {each["code"]: each["es"] for each in match["reasons"]}
    assert said["wait"] == "Espera: alrededor de 3 semanas, según 5 lugares"
    card = await district.show(smiles)
    assert card["waitlist"]["wait"]["said"]["en"] == "about 3 weeks, from 5 promotions"


async def test_a_policy_is_chosen_on_what_was_seen_and_a_repeat_changes_nothing(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=0)
    path = f"/v1/capacities/{smiles.service}/{SITE}/waitlist-policy"
    assert (await district.put(path, {"policy": "tier"}, "rosa")).status_code == 422
    first = await district.put(path, {"policy": "tier"}, "rosa", '"1"')
    again = await district.put(path, {"policy": "tier"}, "rosa", '"1"')
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (await district.put(path, {"policy": None}, "rosa", '"1"')).status_code == 412
    assert (await district.put(path, {"policy": "luck"}, "rosa", '"2"')).status_code == 422


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_many_at_once_lose_no_seat_and_book_none_twice(district: District, seed: int) -> None:
    """Claims, waits, declines, ends and reports at the same instant, round after round."""
    chance = random.Random(seed)
    smiles = await district.provider("Smiles", seats=2)
    links: dict[str, dict[str, str]] = {}
    for _ in range(12):
        referral = await district.offer(smiles)
        links[referral] = district.link(smiles)

    async def post(referral: str, what: str, body: dict[str, Any] = EMPTY) -> int:
        answer = await district.http.post(f"/v1/answers/{what}", json=body, headers=links[referral])
        return answer.status_code

    for _ in range(4):
        some = chance.sample(sorted(links), 8)
        doing = [post(each, chance.choice(["claim", "waitlist", "claim"])) for each in some]
        version = (await district.get(f"/v1/capacities/{smiles.service}/{SITE}")).json()["version"]
        told = {"available": chance.randint(0, 2), "version": version}
        statuses = Counter(await asyncio.gather(*doing, post(some[0], "seats", told)))
        assert set(statuses) <= {200, 409, 412}
        (row,) = await district.rows("capacities")
        held = [*row["holds"], *row["used"]]
        offerings = await district.rows("offerings")
        pending = [c["id"] for each in offerings for c in each["claims"]]
        assert sorted(held) == sorted(pending)
        offers = [offer for each in offerings for offer in each["offers"]]
        waits = {each["id"] for each in offers if each["state"] == "waitlisted"}
        assert {each["offer"] for each in row["waitlist"]} == waits
        free = row["maximum"] - row["elsewhere"] - len(held)
        assert not (free > 0 and waits)
