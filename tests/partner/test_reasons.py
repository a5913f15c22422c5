"""Why an agency says no, by the reasons that the district has laid down, on the real database."""

from contracts.categories import Names
from contracts.rules import DistrictReason, ReasonedAct, ReasonsChanged
from services.chassis.reasons import REASONS_AS_SHIPPED
from tests.partner.district import District
from tests.partner.test_by_hand import NO, record, slug

WHY = {"reason": "bus-cut"}


async def lay_down(district: District, version: int, *, retired: bool = False) -> None:
    own = DistrictReason(
        act=ReasonedAct.DECLINE,
        code="bus-cut",
        names=Names(en="no bus comes here any more", es="ya no pasa el autobús"),
        retired=retired,
    )
    await district.lay_down(
        ReasonsChanged(part="reasons", version=version, reasons=(*REASONS_AS_SHIPPED, own))
    )


async def test_an_agency_says_no_with_a_reason_of_the_districts_own(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles, bus)
    early = await district.post(smiles, "decline", WHY)
    assert (early.status_code, slug(early)) == (422, "reason-unknown")
    await lay_down(district, 2)
    assert (await district.answer(smiles, "decline", WHY))["state"] == "declined"
    (declined,) = await district.told("OfferDeclined")
    assert declined.reason == "bus-cut"


async def test_a_reason_that_nobody_chooses_any_more_is_refused(district: District) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    await lay_down(district, 2, retired=True)
    late = await district.post(smiles, "decline", WHY)
    assert (late.status_code, slug(late)) == (409, "reason-retired")
    assert (await district.show(smiles))["state"] == "open", "nothing was changed"


async def test_a_no_by_telephone_goes_by_the_same_reasons(district: District) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    early = await record(district, referral, smiles, {**NO, **WHY})
    assert (early.status_code, slug(early)) == (422, "reason-unknown")
    await lay_down(district, 2)
    assert (await record(district, referral, smiles, {**NO, **WHY})).status_code == 200
