"""Waves: further agencies while a round is open, now or later, on a real database."""

import asyncio
from datetime import timedelta
from typing import Any

from services.chassis.ids import new_id
from services.partner.model.offering import Offering
from tests.partner.build import SITE
from tests.partner.district import District, Provider

TOMORROW = timedelta(days=1)


async def states(district: District, *providers: Provider) -> list[str]:
    return [(await district.show(each))["state"] for each in providers]


async def offering(district: District, referral: str) -> dict[str, Any]:
    answer = await district.get(f"/v1/offerings/{referral}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_further_agencies_are_asked_while_the_first_still_may_answer(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    first = (await district.show(smiles))["answer_by"]
    district.clock.advance(TOMORROW)
    await district.wave(referral, bus)
    assert await states(district, smiles, bus) == ["open", "open"]
    assert (await district.show(smiles))["answer_by"] == first
    assert (await district.show(bus))["answer_by"] > first
    shown = (await offering(district, referral))["offers"]
    assert [(each["agency_name"], each["round"], each["wave"]) for each in shown] == [
        ("Bus", 1, 2),
        ("Smiles", 1, 1),
    ]


async def test_the_first_yes_wins_over_all_waves(district: District) -> None:
    early = [await district.provider(f"Early {n}", seats=1) for n in range(3)]
    late = [await district.provider(f"Late {n}", seats=1) for n in range(3)]
    referral = await district.offer(*early)
    await district.wave(referral, *late)
    answers = await asyncio.gather(*[district.post(each, "claim") for each in [*early, *late]])
    assert sorted(each.status_code for each in answers) == [200] + [409] * 5
    assert len(await district.told("OfferClaimed")) == 1
    assert len(await district.told("OfferWithdrawn")) == 5
    assert sorted(await states(district, *early, *late)) == ["claimed"] + ["taken"] * 5


async def test_a_later_wave_is_asked_at_its_hour_however_long_everything_was_down(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.wave(referral, bus, opens_in=TOMORROW)
    assert bus.agency not in district.offers
    (planned,) = (await offering(district, referral))["planned"]
    assert [each["agency_name"] for each in planned["candidates"]] == ["Bus"]
    await district.sweep()
    assert len(await district.told("OfferingOpened")) == 1, "before its hour"
    district.clock.advance(timedelta(days=4))  # nothing ran for days
    for _ in range(2):
        await district.sweep()
    await district.learn_offers()
    assert len(await district.told("OfferingOpened")) == 2, "once"
    card = await district.show(bus)
    assert card["state"] == "open"
    assert (await offering(district, referral))["planned"] == []
    # As long to answer as was meant, counted from when they were asked.
    district.clock.advance(timedelta(days=2) - timedelta(minutes=1))
    assert (await district.answer(bus, "claim"))["state"] == "claimed"


async def test_a_later_wave_is_dropped_once_somebody_claims(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.wave(referral, bus, opens_in=TOMORROW)
    await district.answer(smiles, "claim")
    assert (await offering(district, referral))["planned"] == []
    district.clock.advance(TOMORROW * 2)
    await district.sweep()
    assert len(await district.told("OfferingOpened")) == 1
    assert await district.told("OfferWithdrawn") == [], "it never knew"


async def test_a_later_wave_is_dropped_with_the_referral(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.wave(referral, bus, opens_in=TOMORROW)
    await district.happened(referral, "ReferralCancelled", reason="other")
    district.clock.advance(TOMORROW * 2)
    await district.sweep()
    assert len(await district.told("OfferingOpened")) == 1


async def test_nobody_waits_for_the_hour_where_all_before_have_said_no(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.wave(referral, bus, opens_in=TOMORROW)
    await district.answer(smiles, "decline", {"reason": "no-capacity"})
    await district.sweep()
    await district.learn_offers()
    assert await states(district, bus) == ["open"]
    await district.answer(bus, "decline", {"reason": "no-capacity"})
    assert [each.last for each in await district.told("OfferDeclined")] == [False, True]
    assert [each.wave for each in await district.told("OfferDeclined")] == [2, 2]


async def test_each_offer_ends_at_its_own_time_and_the_round_with_the_last(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    district.clock.advance(TOMORROW)
    await district.wave(referral, bus)
    district.clock.advance(TOMORROW)
    await district.sweep()
    assert await states(district, smiles, bus) == ["expired", "open"]
    (over,) = await district.told("OfferExpired")
    assert over.agency == smiles.agency
    assert await district.told("OfferingExpired") == []
    district.clock.advance(TOMORROW)
    await district.sweep()
    (ended,) = await district.told("OfferingExpired")
    assert (ended.round, ended.wave) == (1, 2)


async def test_a_wave_that_crosses_a_yes_asks_nobody(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.answer(smiles, "claim")
    await district.wave(referral, bus)
    assert bus.agency not in district.offers


async def test_a_wave_that_comes_twice_or_of_an_older_round_asks_nobody(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.wave(referral, bus)
    await district.wave(referral, bus)
    assert len(await district.told("OfferingOpened")) == 2
    await district.offer(smiles, referral=referral, round=2)
    await district.wave(referral, bus, wave=3)
    assert len(await district.told("OfferingOpened")) == 3


async def test_whoever_cannot_be_asked_when_the_hour_comes_is_passed_over(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles)
    await district.wave(referral, bus, opens_in=TOMORROW)
    body = {"name": "Bus", "contacts": []}
    left = await district.put(f"/v1/agencies/{bus.agency}", body, if_match='"1"')
    assert left.status_code == 200, left.text
    district.clock.advance(timedelta(days=2))
    await district.sweep()
    await district.sweep()
    (declined,) = await district.told("OfferDeclined")
    assert (declined.agency, declined.last) == (bus.agency, True)


async def test_one_wave_that_fails_does_not_hold_up_the_others(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    rows = district.service.chassis.database[Offering.COLLECTION]
    broken = new_id()
    later = timedelta(hours=1)
    for referral in (broken, new_id()):
        await district.offer(smiles, referral=referral)
        await district.wave(referral, bus, opens_in=later)
    await rows.update_one({"_id": broken}, {"$set": {"offers": "none"}})
    district.clock.advance(later)
    await district.sweep()
    await district.learn_offers()
    assert await states(district, bus) == ["open"]


async def test_halfway_an_agency_is_reminded_once_and_only_if_it_is_silent(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus", seats=0)
    referral = await district.offer(smiles, bus)
    await district.answer(bus, "waitlist")
    district.clock.advance(TOMORROW - timedelta(minutes=1))
    await district.sweep()
    assert await district.told("OfferReminded") == []
    district.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        await district.sweep()
    (reminded,) = await district.told("OfferReminded")
    assert reminded.agency == smiles.agency
    shown = (await offering(district, referral))["offers"]
    assert [each["reminded_at"] is not None for each in shown] == [True, False]


async def test_nobody_is_reminded_of_what_is_over(district: District) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    district.clock.advance(timedelta(days=3))
    await district.sweep()
    assert await district.told("OfferReminded") == []


class TestWithdrawing:
    async def withdraw(
        self, district: District, referral: str, provider: Provider, who: str = "rosa"
    ) -> tuple[int, str]:
        offer = district.offers[provider.agency].offer
        seen = await offering(district, referral)
        answer = await district.http.post(
            f"/v1/offerings/{referral}/offers/{offer}/withdraw",
            headers={**district.service.as_(who), "If-Match": f'"{seen["version"]}"'},
        )
        return answer.status_code, answer.json().get("type", "").rsplit("/")[-1]

    async def test_one_agency_is_asked_no_more_and_the_others_are(self, district: District) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles, bus)
        for _ in range(2):  # the same again changes nothing
            assert await self.withdraw(district, referral, smiles) == (200, "")
        assert await states(district, smiles, bus) == ["withdrawn", "open"]
        assert (await district.post(smiles, "claim")).json()["type"].endswith("offer-closed")
        (told,) = await district.told("OfferWithdrawn")
        assert (told.reason, told.agency, told.service, told.last) == (
            "not-needed",
            smiles.agency,
            smiles.service,
            False,
        )

    async def test_of_the_last_one_it_is_told_that_nobody_is_left(self, district: District) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles, bus)
        await district.answer(bus, "decline", {"reason": "no-capacity"})
        await self.withdraw(district, referral, smiles)
        assert [each.last for each in await district.told("OfferWithdrawn")] == [True]
        district.clock.advance(timedelta(days=3))
        await district.sweep()
        assert await district.told("OfferingExpired") == []

    async def test_the_next_wave_is_asked_in_its_place(self, district: District) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles)
        await district.wave(referral, bus, opens_in=TOMORROW)
        await self.withdraw(district, referral, smiles)
        assert [each.last for each in await district.told("OfferWithdrawn")] == [False]
        await district.sweep()
        await district.learn_offers()
        assert await states(district, bus) == ["open"]

    async def test_one_that_waits_gives_up_its_place(self, district: District) -> None:
        smiles = await district.provider("Smiles", seats=0)
        referral = await district.offer(smiles)
        await district.answer(smiles, "waitlist")
        await self.withdraw(district, referral, smiles)
        seats = {"unit": "seats", "maximum": 1, "available": 1}
        seen = f'"{(await district.show(smiles))["seats"]["version"]}"'
        told = await district.put(f"/v1/capacities/{smiles.service}/{SITE}", seats, if_match=seen)
        assert told.status_code == 200, told.text
        assert await district.told("OfferPromoted") == []

    async def test_a_yes_is_not_withdrawn_and_what_is_over_is_not_either(
        self, district: District
    ) -> None:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles, bus)
        await district.answer(bus, "decline", {"reason": "no-capacity"})
        assert await self.withdraw(district, referral, bus) == (409, "offer-closed")
        await district.answer(smiles, "claim")
        assert await self.withdraw(district, referral, smiles) == (409, "offer-claimed")

    async def test_another_school_may_not(self, district: District) -> None:
        smiles = await district.provider("Smiles")
        referral = await district.offer(smiles)
        assert (await self.withdraw(district, referral, smiles, "denise"))[0] == 404
        assert await states(district, smiles) == ["open"]


class TestTakingAPlanBack:
    async def take_back(
        self, district: District, referral: str, wave: int = 2, who: str = "rosa"
    ) -> tuple[int, str]:
        seen = await offering(district, referral)
        answer = await district.http.post(
            f"/v1/offerings/{referral}/waves/{wave}/take-back",
            headers={**district.service.as_(who), "If-Match": f'"{seen["version"]}"'},
        )
        return answer.status_code, answer.json().get("type", "").rsplit("/")[-1]

    async def planned(self, district: District) -> tuple[str, Provider, Provider]:
        smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
        referral = await district.offer(smiles)
        await district.wave(referral, bus, opens_in=TOMORROW)
        return referral, smiles, bus

    async def test_its_agencies_are_never_asked_and_referral_is_told(
        self, district: District
    ) -> None:
        referral, smiles, bus = await self.planned(district)
        for _ in range(2):  # the same again changes nothing
            assert await self.take_back(district, referral) == (200, "")
        assert (await offering(district, referral))["planned"] == []
        (told,) = await district.told("OfferingWaveDropped")
        assert [each.agency for each in told.candidates] == [bus.agency]
        assert (told.round, told.wave, told.latest, told.last) == (1, 2, 2, False)
        district.clock.advance(TOMORROW)
        await district.sweep()
        assert len(await district.told("OfferingOpened")) == 1
        assert await states(district, smiles) == ["open"]

    async def test_the_other_waves_stay_planned(self, district: District) -> None:
        referral, _, _ = await self.planned(district)
        roots = await district.provider("Roots")
        await district.wave(referral, roots, wave=3, opens_in=TOMORROW)
        await self.take_back(district, referral)
        assert [each["wave"] for each in (await offering(district, referral))["planned"]] == [3]

    async def test_once_it_was_asked_there_is_nothing_to_take_back(
        self, district: District
    ) -> None:
        referral, _, _ = await self.planned(district)
        district.clock.advance(TOMORROW)
        await district.sweep()
        for wave in (1, 2):
            assert await self.take_back(district, referral, wave) == (409, "wave-asked")
        assert await self.take_back(district, referral, 9) == (404, "not-found")

    async def test_the_round_ends_where_only_the_plan_kept_it_open(
        self, district: District
    ) -> None:
        waits, smiles = await district.provider("Waits", seats=0), await district.provider("Smiles")
        bus = await district.provider("Bus")
        referral = await district.offer(waits, smiles)
        await district.wave(referral, bus, opens_in=timedelta(days=5))
        await district.answer(waits, "waitlist")
        district.clock.advance(timedelta(days=3))
        await district.sweep()
        assert await district.told("OfferingExpired") == [], "the plan is still to come"
        await self.take_back(district, referral)
        (ended,) = await district.told("OfferingExpired")
        assert (ended.round, ended.wave) == (1, 2)
        assert await states(district, waits) == ["waitlisted"]

    async def test_a_plan_and_its_end_that_cross_the_hour_ask_each_agency_once_or_never(
        self, district: District
    ) -> None:
        referral, _, bus = await self.planned(district)
        district.clock.advance(TOMORROW)
        (status, slug), _ = await asyncio.gather(
            self.take_back(district, referral), district.sweep()
        )
        await district.learn_offers()
        dropped = await district.told("OfferingWaveDropped")
        asked = bus.agency in district.offers
        assert asked is not bool(dropped)
        assert (status, slug) in {(200, ""), (409, "wave-asked"), (412, "stale-version")}

    async def test_another_school_may_not_take_it_back(self, district: District) -> None:
        referral, _, _ = await self.planned(district)
        assert (await self.take_back(district, referral, who="denise"))[0] == 404
        assert len((await offering(district, referral))["planned"]) == 1


async def test_nobody_further_is_asked_once_referral_says_so_and_who_was_asked_may_answer(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    roots = await district.provider("Roots")
    referral = await district.offer(smiles)
    await district.wave(referral, bus, opens_in=TOMORROW)
    await district.wave(referral, roots, wave=3, opens_in=TOMORROW * 2)
    await district.happened(referral, "ReferralWavesStopped", round=0)
    assert len((await offering(district, referral))["planned"]) == 2, "of an older round"
    for _ in range(2):
        await district.happened(referral, "ReferralWavesStopped", round=1)
    assert [each.wave for each in await district.told("OfferingWaveDropped")] == [2, 3]
    district.clock.advance(TOMORROW * 2 - timedelta(minutes=1))
    await district.sweep()
    assert len(await district.told("OfferingOpened")) == 1
    assert (await district.answer(smiles, "claim"))["state"] == "claimed"
