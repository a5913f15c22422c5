"""An agency without mail or cell is asked by telephone, on the real database."""

from datetime import timedelta

from contracts.codes import DeclineReason
from contracts.referrals import Bands, Candidate
from services.chassis.auth import ServiceIdentity
from services.chassis.ids import new_id
from tests.partner.build import SITE
from tests.partner.district import District, Provider
from tests.partner.test_by_hand import YES, record


async def unreachable(
    district: District, name: str, *, seats: int | None = None, until: str = "2027-06-30"
) -> Provider:
    """Enter an agency with a person who has neither mail nor cell."""
    made = await district.provider(name, seats=seats, until=until)
    nobody = {"name": name, "contacts": [{"id": new_id(), "name": "Marked Person"}]}
    answer = await district.put(f"/v1/agencies/{made.agency}", nobody, if_match='"1"')
    assert answer.status_code == 200, answer.text
    return made


async def ask(district: District, *providers: Provider, by_phone: bool = True) -> str:
    """Let referral ask these, the first of them by telephone."""
    referral = new_id()
    await district.happened(
        referral,
        "ReferralOffered",
        round=1,
        site=SITE,
        category="dental",
        urgency="routine",
        bands=Bands(age="7-9", language="es"),
        candidates=tuple(
            Candidate(service=each.service, agency=each.agency, by_phone=by_phone and n == 0)
            for n, each in enumerate(providers)
        ),
        answer_by=district.clock.now() + timedelta(days=2),
    )
    await district.learn_offers()
    return referral


async def test_who_is_asked_by_telephone_gets_no_message_and_is_to_be_called(
    district: District,
) -> None:
    hall, smiles = await unreachable(district, "Hall"), await district.provider("Smiles")
    referral = await ask(district, hall, smiles)
    (opened,) = await district.told("OfferingOpened")
    by_phone = {each.agency: each.by_phone for each in opened.offers}
    assert by_phone == {hall.agency: True, smiles.agency: False}
    shown = (await district.get(f"/v1/offerings/{referral}")).json()["offers"]
    assert {each["agency_name"]: each["by_phone"] for each in shown} == {
        "Hall": True,
        "Smiles": False,
    }
    assert len(await district.rows("links")) == 1, "nobody there holds a link"
    district.clock.advance(timedelta(hours=30))
    await district.sweep()
    reminded = [each.agency for each in await district.told("OfferReminded")]
    assert reminded == [smiles.agency]


async def test_a_yes_by_telephone_is_the_same_claim_with_its_seat(district: District) -> None:
    hall, smiles = await unreachable(district, "Hall", seats=1), await district.provider("Smiles")
    referral = await ask(district, hall, smiles)
    answer = await record(district, referral, hall, YES)
    assert answer.status_code == 200, answer.text
    (claimed,) = await district.told("OfferClaimed")
    assert (claimed.agency, claimed.recorded_by) == (hall.agency, "rosa")
    seats = (await district.told("PartnerCapacityChanged"))[-1]
    assert (seats.available, seats.held) == (0, 1)
    assert (await district.show(smiles))["state"] == "taken"
    await district.accept(referral)


async def test_without_an_agreement_nobody_is_asked_by_telephone_either(
    district: District,
) -> None:
    hall = await unreachable(district, "Hall", until="2026-08-31")
    await ask(district, hall)
    (declined,) = await district.told("OfferDeclined")
    assert declined.reason is DeclineReason.OTHER


async def test_who_cannot_be_written_to_is_not_asked_by_a_message(district: District) -> None:
    hall = await unreachable(district, "Hall")
    await ask(district, hall, by_phone=False)
    assert await district.told("OfferingOpened") == []
    asked = {"service": hall.service, "agency": hall.agency}
    checks = {"site": SITE, "candidates": [asked]}
    token = ServiceIdentity("referral", district.service.chassis.settings.keys_dir)
    headers = {"Authorization": f"Bearer {token.token('partner')}"}
    found = await district.http.post("/v1/offer-checks", json=checks, headers=headers)
    assert [each["reason"]["code"] for each in found.json()] == ["nobody-to-ask"]
    checks = {"site": SITE, "candidates": [{**asked, "by_phone": True}]}
    found = await district.http.post("/v1/offer-checks", json=checks, headers=headers)
    assert found.json() == []
