"""Whom no message asks is to be called: a row of today, until its answer is recorded."""

from datetime import timedelta

import pytest

from contracts.categories import Category
from contracts.codes import DeclineReason
from contracts.offerings import Offer, OfferDeclined, OfferingExpired, OfferingOpened
from contracts.referrals import Bands
from tests.referral.build import NOW
from tests.referral.test_questions import Office, office

__all__ = ["office"]

CALL = ("ask-by-phone", "call-agency")


async def opened(office: Office, *, by_phone: bool = True) -> None:
    offer = Offer(
        offer="off-1",
        service="svc-smiles",
        agency="agy-smiles",
        contact="",
        nonce="n",
        by_phone=by_phone,
    )
    event = OfferingOpened(
        referral=office.id,
        round=1,
        site="site-01",
        category=Category.DENTAL,
        bands=Bands(age="7-9", language="es"),
        offers=(offer,),
        answer_by=NOW + timedelta(days=2),
    )
    await office.tell(event)
    await office.tell(event)  # delivered twice


@pytest.mark.parametrize("end", ["no", "round"])
async def test_whom_no_message_asks_is_to_be_called_until_there_is_an_answer(
    office: Office, end: str
) -> None:
    await opened(office)
    (call,) = await office.today()
    assert (call["reason"], call["step"]) == CALL
    assert call["deadline"], "until when it can answer"
    if end == "no":
        await office.tell(
            OfferDeclined(
                referral=office.id,
                round=1,
                offer="off-1",
                agency="agy-smiles",
                reason=DeclineReason.NO_CAPACITY,
                last=False,
                recorded_by="rosa",
            )
        )
    else:
        await office.tell(OfferingExpired(referral=office.id, round=1))
    assert CALL not in await office.here()


async def test_whom_a_message_asks_is_not_to_be_called(office: Office) -> None:
    await opened(office, by_phone=False)
    assert await office.here() == []
