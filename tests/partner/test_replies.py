"""An agency's answers by text: the same decisions as behind its link, on the real database."""

from datetime import datetime, timedelta
from typing import Any

from contracts.codes import DeclineReason, OfferReply, OfferReplyResult, Progress
from contracts.messages import OfferReplied
from services.chassis.ids import new_id
from tests.partner.build import SITE
from tests.partner.district import District, Provider


async def text(
    district: District,
    referral: str,
    provider: Provider,
    reply: OfferReply,
    *,
    seats: int | None = None,
    at: datetime | None = None,
    person: str | None = None,
) -> None:
    """Let a text arrive as notify has read it."""
    offer = district.offers[provider.agency]
    person = person or offer.contact
    await district.apply(
        OfferReplied(
            conversation=f"{person}-sms",
            person=person,
            referral=referral,
            offer=offer.offer,
            reply=reply,
            seats=seats,
            at=at or district.clock.now(),
        )
    )


async def results(district: District) -> list[OfferReplyResult]:
    return [each.result for each in await district.told("OfferReplySettled")]


async def seats_of(district: District, provider: Provider) -> dict[str, Any]:
    found = await district.get(f"/v1/capacities/{provider.service}/{SITE}")
    seats: dict[str, Any] = found.json()
    return seats


async def test_a_yes_by_text_takes_the_child_with_a_seat_once(district: District) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    await text(district, referral, smiles, OfferReply.YES)
    await text(district, referral, smiles, OfferReply.YES)
    (claimed,) = await district.told("OfferClaimed")
    assert (claimed.agency, claimed.recorded_by) == (smiles.agency, None)
    assert (await seats_of(district, smiles))["held"] == 1
    assert await results(district) == [], "the claim itself tells the agency"


async def test_a_yes_that_comes_second_hears_that_the_child_is_taken(district: District) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    await district.answer(smiles, "claim")
    await text(district, referral, bus, OfferReply.YES)
    assert await results(district) == [OfferReplyResult.TAKEN]
    assert len(await district.told("OfferClaimed")) == 1


async def test_a_no_by_text_needs_no_reason(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    await text(district, referral, smiles, OfferReply.NO)
    (declined,) = await district.told("OfferDeclined")
    assert (declined.reason, declined.last) == (DeclineReason.NOT_SAID, True)
    await text(district, referral, smiles, OfferReply.YES)
    assert await results(district) == [OfferReplyResult.NOTED, OfferReplyResult.NOT_DONE]


async def test_without_a_seat_a_yes_says_so_and_one_may_wait(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    referral = await district.offer(smiles)
    await text(district, referral, smiles, OfferReply.YES)
    await text(district, referral, smiles, OfferReply.WAIT)
    assert await results(district) == [OfferReplyResult.NO_SEAT, OfferReplyResult.NOTED]
    assert (await seats_of(district, smiles))["waitlisted"] == 1
    await text(district, referral, smiles, OfferReply.SEATS, seats=1)
    (promoted,) = await district.told("OfferPromoted")
    assert promoted.referral == referral


async def test_the_end_of_the_help_is_told_by_text(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    await text(district, referral, smiles, OfferReply.YES)
    await text(district, referral, smiles, OfferReply.COMPLETED)
    assert await results(district) == [OfferReplyResult.NOT_DONE], "the school has not confirmed"
    await district.accept(referral)
    await text(district, referral, smiles, OfferReply.STARTED)
    await text(district, referral, smiles, OfferReply.COMPLETED)
    told = [each.progress for each in await district.told("ProgressReported")]
    assert told == [Progress.STARTED, Progress.COMPLETED]
    assert (await results(district))[1:] == [OfferReplyResult.NOTED] * 2


async def test_a_figure_is_true_as_of_when_it_was_texted(district: District) -> None:
    smiles = await district.provider("Smiles", seats=5)
    referral = await district.offer(smiles)
    texted = district.clock.now() + timedelta(minutes=1)
    district.clock.advance(timedelta(minutes=5))
    await district.answer(smiles, "claim")
    await text(district, referral, smiles, OfferReply.SEATS, seats=4, at=texted)
    seats = await seats_of(district, smiles)
    assert (seats["available"], seats["held"]) == (3, 1), "the claim since then stands"


async def test_a_figure_from_before_the_last_one_changes_nothing(district: District) -> None:
    smiles = await district.provider("Smiles", seats=5)
    referral = await district.offer(smiles)
    early = district.clock.now() + timedelta(minutes=1)
    district.clock.advance(timedelta(minutes=5))
    await text(district, referral, smiles, OfferReply.SEATS, seats=2)
    await text(district, referral, smiles, OfferReply.SEATS, seats=4, at=early)
    assert (await seats_of(district, smiles))["available"] == 2
    assert await results(district) == [OfferReplyResult.NOTED, OfferReplyResult.NOT_DONE]


async def test_a_text_holds_as_long_as_the_link(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    offer = district.offers[smiles.agency].offer
    path = f"/v1/offerings/{referral}/offers/{offer}/revoke-links"
    await district.http.post(path, headers=district.service.as_("rosa"))
    await text(district, referral, smiles, OfferReply.YES)
    assert not await district.told("OfferClaimed")
    assert await results(district) == [OfferReplyResult.NOT_DONE]


async def test_anothers_offer_is_answered_by_nobody_else(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    await text(district, referral, smiles, OfferReply.YES, person=new_id())
    assert not await district.told("OfferClaimed")
    assert await results(district) == []
