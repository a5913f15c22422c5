"""An agency's answer by telephone, recorded on its behalf, on the real database."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tests.partner.district import District, Provider

YES = {"answer": "yes", "said_by": "Dana Frost"}
NO = {"answer": "no", "reason": "no-capacity", "said_by": "Dana Frost"}


async def version(district: District, referral: str) -> int:
    found = await district.get(f"/v1/offerings/{referral}")
    return int(found.json()["version"])


async def record(
    district: District,
    referral: str,
    provider: Provider,
    body: dict[str, Any],
    *,
    who: str = "rosa",
    seen: int | None = None,
    ago: timedelta = timedelta(minutes=10),
) -> httpx2.Response:
    offer = district.offers[provider.agency].offer
    expected = seen if seen is not None else await version(district, referral)
    at = (district.clock.now() - ago).isoformat()
    return await district.http.post(
        f"/v1/offerings/{referral}/offers/{offer}/told",
        json={"said_at": at, **body},
        headers={**district.service.as_(who), "If-Match": f'"{expected}"'},
    )


async def test_a_yes_by_telephone_is_the_same_claim_with_its_seat_and_says_who_recorded_it(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    answer = await record(district, referral, smiles, YES)
    assert answer.status_code == 200, answer.text
    mine = next(each for each in answer.json()["offers"] if each["agency"] == smiles.agency)
    hand = mine["by_hand"]
    assert (mine["state"], hand["by"], hand["said_by"]) == ("claimed", "rosa", "Dana Frost")
    (claimed,) = await district.told("OfferClaimed")
    assert (claimed.recorded_by, claimed.agency) == ("rosa", smiles.agency)
    seats = (await district.told("PartnerCapacityChanged"))[-1]
    assert (seats.available, seats.held) == (0, 1)
    assert len(await district.told("OfferWithdrawn")) == 1
    again = await record(district, referral, smiles, YES)
    assert again.json()["version"] == answer.json()["version"]
    assert "Dana" not in str(await district.rows("offerings"))


async def test_a_no_by_telephone_has_its_reason(district: District) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    answer = await record(district, referral, smiles, NO)
    assert answer.status_code == 200, answer.text
    (declined,) = await district.told("OfferDeclined")
    assert (declined.recorded_by, declined.reason, declined.last) == ("rosa", "no-capacity", True)
    otherwise = await record(district, referral, smiles, YES)
    assert (otherwise.status_code, slug(otherwise)) == (409, "offer-closed")


async def test_the_agency_sees_it_behind_its_link_and_contests_it_once(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    await record(district, referral, smiles, YES)
    card = await district.show(smiles)
    assert card["by_hand"]["said_by"] == "Dana Frost"
    assert "contest" in card["next_actions"]
    for _ in range(2):
        card = await district.answer(smiles, "contest")
    assert card["by_hand"]["contested_at"] is not None
    assert "contest" not in card["next_actions"]
    (contested,) = await district.told("OfferContested")
    assert (contested.referral, contested.agency) == (referral, smiles.agency)
    assert contested.claim is not None
    assert card["state"] == "claimed", "a person speaks with them first"


async def test_what_the_agency_answered_itself_is_not_contested(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    await district.offer(smiles)
    await district.answer(smiles, "claim")
    answer = await district.post(smiles, "contest")
    assert (answer.status_code, slug(answer)) == (409, "not-by-hand")


async def test_one_seat_goes_to_one_of_a_call_and_a_click_at_the_same_instant(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    seen = await version(district, referral)
    call, click = await asyncio.gather(
        record(district, referral, smiles, YES, seen=seen), district.post(bus, "claim")
    )
    assert sorted(each.status_code == 200 for each in (call, click)) == [False, True]
    assert len(await district.told("OfferClaimed")) == 1


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"answer": "no", "said_by": "Dana"}, 422, "malformed"),
        ({**YES, "reason": "no-capacity"}, 422, "malformed"),
        ({**NO, "reason": "not-known-yet"}, 422, "reason-unknown"),
        ({**YES, "said_by": " "}, 422, "malformed"),
        ({**YES, "said_by": "x" * 101}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_recorded_is_refused(
    district: District, body: dict[str, Any], status: int, told: str
) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    answer = await record(district, referral, smiles, body)
    assert (answer.status_code, slug(answer)) == (status, told)


async def test_refusals_of_the_domain_say_what_to_do(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    referral = await district.offer(smiles)
    full = await record(district, referral, smiles, YES)
    assert (full.status_code, slug(full)) == (409, "no-seat")
    assert "correct the number of seats" in full.json()["detail"]
    ahead = await record(district, referral, smiles, NO, ago=-timedelta(hours=1))
    assert (ahead.status_code, slug(ahead)) == (409, "time-said")
    stale = await record(district, referral, smiles, NO, seen=99)
    assert (stale.status_code, slug(stale)) == (412, "stale-version")
    for who, code in {"denise": 404, "admin": 403, "lead": 403}.items():
        assert (await record(district, referral, smiles, NO, who=who)).status_code == code
    district.clock.advance(timedelta(days=3))
    late = await record(district, referral, smiles, NO)
    assert (late.status_code, slug(late)) == (409, "offer-closed")
    assert await district.told("OfferDeclined") == []


def slug(answer: httpx2.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", maxsplit=1)[-1]
