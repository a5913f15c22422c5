"""What is read late, since everything was down, is not held against an agency."""

from datetime import timedelta

from contracts.codes import OfferReply, OfferReplyResult
from tests.partner.district import District
from tests.partner.test_replies import results, text

WEEKEND = timedelta(days=3)


async def test_a_round_that_is_opened_late_has_as_long_to_answer_as_was_meant(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    await district.offer(smiles, behind=WEEKEND)
    await district.sweep()
    assert await district.told("OfferExpired") == []
    (opened,) = await district.told("OfferingOpened")
    assert opened.answer_by == district.clock.now() + timedelta(days=2)
    district.clock.advance(timedelta(days=2) - timedelta(minutes=1))
    assert (await district.answer(smiles, "claim"))["state"] == "claimed"


async def test_one_that_is_opened_within_minutes_keeps_the_hour_that_was_chosen(
    district: District,
) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles, behind=timedelta(minutes=2))
    (opened,) = await district.told("OfferingOpened")
    assert opened.answer_by == district.clock.now() + timedelta(days=2, minutes=-2)


async def test_a_text_that_came_in_time_is_in_time_however_late_it_is_read(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    texted = district.clock.now() + timedelta(days=1)
    district.clock.advance(WEEKEND)
    await text(district, referral, smiles, OfferReply.YES, at=texted)
    (claimed,) = await district.told("OfferClaimed")
    assert claimed.agency == smiles.agency


async def test_one_that_came_too_late_is_refused(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    district.clock.advance(WEEKEND)
    await text(district, referral, smiles, OfferReply.YES)
    assert await district.told("OfferClaimed") == []
    assert await results(district) == [OfferReplyResult.NOT_DONE]
