"""Many at once on the real database: one seat, one child, one winner."""

import asyncio
from collections import Counter
from datetime import timedelta

from tests.partner.district import District

AT_ONCE = 64


async def test_one_seat_is_claimed_by_one_of_sixty_four_children(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    links = []
    for _ in range(AT_ONCE):
        await district.offer(smiles)
        links.append(district.link(smiles))
    answers = await asyncio.gather(
        *[district.http.post("/v1/answers/claim", json={}, headers=each) for each in links]
    )
    outcomes = Counter(
        "yes" if each.status_code == 200 else each.json()["type"].rsplit("/")[-1]
        for each in answers
    )
    assert outcomes == {"yes": 1, "no-seat": AT_ONCE - 1}
    assert len(await district.told("OfferClaimed")) == 1
    seats = (await district.told("PartnerCapacityChanged"))[-1]
    assert (seats.available, seats.held) == (0, 1)


async def test_one_child_goes_to_one_of_eight_agencies_that_say_yes_together(
    district: District,
) -> None:
    asked = [await district.provider(f"Agency {n}", seats=3) for n in range(8)]
    await district.offer(*asked)
    answers = await asyncio.gather(*[district.post(each, "claim") for each in asked * 2])
    assert sum(each.status_code == 200 for each in answers) == 2  # the winner, and its repeat
    assert {each.json()["type"].rsplit("/")[-1] for each in answers if each.is_error} == {"taken"}
    held = [(await district.show(each))["seats"]["available"] for each in asked]
    assert sorted(held) == [2, 3, 3, 3, 3, 3, 3, 3]
    assert len(await district.told("OfferWithdrawn")) == 7


async def test_a_report_and_claims_at_once_lose_neither(district: District) -> None:
    smiles = await district.provider("Smiles", seats=5)
    links = []
    for _ in range(4):
        await district.offer(smiles)
        links.append(district.link(smiles))
    version = (await district.show(smiles))["seats"]["version"]
    report = {"available": 4, "version": version}
    answers = await asyncio.gather(
        *[district.http.post("/v1/answers/claim", json={}, headers=each) for each in links],
        district.post(smiles, "seats", report),
    )
    assert [each.status_code for each in answers] == [200] * 5
    seats = await district.get(f"/v1/capacities/{smiles.service}/site-01")
    assert (seats.json()["available"], seats.json()["held"]) == (0, 4)


async def test_four_new_seats_go_to_the_four_who_wait_longest(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    offers = []
    for _ in range(12):
        await district.offer(smiles)
        await district.answer(smiles, "waitlist")
        offers.append(district.offers[smiles.agency].offer)
        district.clock.advance(timedelta(minutes=1))
    card = await district.show(smiles)
    await district.answer(smiles, "seats", {"available": 4, "version": card["seats"]["version"]})
    promoted = [each.offer for each in await district.told("OfferPromoted")]
    assert promoted == offers[:4]
