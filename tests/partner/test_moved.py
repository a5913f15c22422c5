"""A child that has moved to another school: the seats stay those of the school that asked."""

from contracts.codes import OfferReply
from tests.partner.build import SITE
from tests.partner.district import District
from tests.partner.test_own_offers import shelf, signed_in
from tests.partner.test_replies import seats_of, text


async def test_seats_are_told_for_the_school_whose_seats_the_offer_uses(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=5)
    who = signed_in(smiles)
    referral = await district.offer(smiles)
    await district.happened(referral, "ReferralTransferred", site="site-02", coordinator="denise")
    card = await district.show(smiles)
    assert card["site"] == SITE
    assert [each["site"] for each in await shelf(district, who, "open")] == [SITE]
    told = {"available": 4, "version": card["seats"]["version"]}
    assert (await district.answer(smiles, "seats", told))["seats"]["available"] == 4
    await text(district, referral, smiles, OfferReply.SEATS, seats=3)
    assert (await seats_of(district, smiles))["available"] == 3
    rows = await district.rows("capacities")
    assert [each["_id"] for each in rows] == [f"{smiles.service}@{SITE}"]
