"""Agencies that read under a consent taken back are asked to delete, and say behind a link that
they have."""

from datetime import date
from typing import Any

import httpx2

from contracts.codes import LinkPurpose
from contracts.consents import (
    DeletionConfirmed,
    DeletionOverdue,
    DeletionRequested,
    ReceiptMethod,
)
from services.chassis.ids import new_id
from services.chassis.links import derive_token, read_link_key
from tests.partner.build import SITE
from tests.partner.district import District, Provider

FAMILY = new_id()


async def read_by(district: District, provider: Provider) -> str:
    """Let an agency take a child; returns the referral."""
    referral = await district.offer(provider)
    await district.answer(provider, "claim")
    await district.accept(referral)
    return referral


async def asked(district: District, provider: Provider, referral: str) -> str:
    request = new_id()
    event = DeletionRequested(
        request=request,
        family=FAMILY,
        consent=new_id(),
        agency=provider.agency,
        referrals=(referral,),
        due_on=date(2026, 11, 12),
    )
    await district.apply(event)
    return request


async def page(district: District, *, post: bool = False, number: int = -1) -> httpx2.Response:
    """Open the page as its link was sent the last time, or earlier."""
    sent = (await district.told("DeletionAsked"))[number]
    token = derive_token(
        read_link_key(district.service.chassis.settings.keys_dir),
        purpose=LinkPurpose.AGENCY_DELETION,
        subject=sent.request,
        recipient=sent.contact,
        nonce=sent.nonce,
    )
    headers = {"X-Enlace-Link": token}
    if post:
        path = "/v1/deletion-answers/confirm"
        return await district.http.post(path, json={}, headers=headers)
    return await district.http.get("/v1/deletion-answers", headers=headers)


def about(request: str, provider: Provider) -> dict[str, Any]:
    consent = new_id()
    return {"request": request, "family": FAMILY, "consent": consent, "agency": provider.agency}


async def test_an_agency_is_asked_by_a_link_that_names_nobody(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await read_by(district, smiles)
    request = await asked(district, smiles, referral)

    shown = await page(district)

    assert shown.status_code == 200, shown.text
    told = shown.json()
    assert (told["agency_name"], told["confirmed_at"]) == ("Smiles", None)
    (read,) = told["referrals"]
    assert (read["referral"], read["service_name"]) == (referral, "Smiles")
    assert read["taken_at"] is not None
    assert told["due_on"] == "2026-11-12"
    (sent,) = await district.told("DeletionAsked")
    assert (sent.referral, sent.request, sent.again) == (referral, request, False)
    assert FAMILY not in shown.text


async def test_opening_the_link_confirms_nothing_and_the_button_does_once(
    district: District,
) -> None:
    smiles = await district.provider("Smiles")
    request = await asked(district, smiles, await read_by(district, smiles))

    await page(district)
    assert await district.told("DeletionReported") == []
    first, second = await page(district, post=True), await page(district, post=True)

    assert first.status_code == second.status_code == 200
    assert first.json()["confirmed_at"] == second.json()["confirmed_at"]
    (done,) = await district.told("DeletionReported")
    assert (done.request, done.agency) == (request, smiles.agency)


async def test_one_that_is_overdue_is_asked_once_more_and_both_links_work(
    district: District,
) -> None:
    smiles = await district.provider("Smiles")
    request = await asked(district, smiles, await read_by(district, smiles))

    await district.apply(DeletionOverdue(**about(request, smiles)))

    assert [each.again for each in await district.told("DeletionAsked")] == [False, True]
    assert (await page(district, number=0)).status_code == 200
    assert (await page(district, number=1, post=True)).status_code == 200


async def test_what_staff_were_told_is_on_the_page_and_nobody_is_reminded(
    district: District,
) -> None:
    smiles = await district.provider("Smiles")
    request = await asked(district, smiles, await read_by(district, smiles))

    receipt = ReceiptMethod.TOLD_STAFF
    await district.apply(DeletionConfirmed(**about(request, smiles), receipt=receipt))
    await district.apply(DeletionOverdue(**about(request, smiles)))

    assert (await page(district)).json()["confirmed_at"] is not None
    assert len(await district.told("DeletionAsked")) == 1
    assert await district.told("DeletionReported") == []


async def test_an_agency_that_nobody_can_be_reached_at_is_asked_at_the_reminder(
    district: District,
) -> None:
    smiles = await district.provider("Smiles")
    referral = await read_by(district, smiles)
    path = f"/v1/agencies/{smiles.agency}"
    seen = await district.get(path, "admin")
    gone = await district.put(
        path, {"name": "Smiles", "contacts": []}, if_match=seen.headers["etag"]
    )
    assert gone.status_code == 200, gone.text
    request = await asked(district, smiles, referral)
    assert await district.told("DeletionAsked") == []

    contact = {"id": new_id(), "name": "New Person", "email": "new@example.org"}
    seen = await district.get(path, "admin")
    body = {"name": "Smiles", "contacts": [contact]}
    await district.put(path, body, if_match=seen.headers["etag"])
    await district.apply(DeletionOverdue(**about(request, smiles)))

    (sent,) = await district.told("DeletionAsked")
    assert (sent.contact, sent.again) == (contact["id"], False)


async def test_a_link_of_somebody_who_left_the_agency_opens_nothing(district: District) -> None:
    smiles = await district.provider("Smiles")
    await asked(district, smiles, await read_by(district, smiles))
    path = f"/v1/agencies/{smiles.agency}"
    seen = await district.get(path, "admin")
    body = {"name": "Smiles", "contacts": []}
    await district.put(path, body, if_match=seen.headers["etag"])

    assert (await page(district)).status_code == 404
    unknown = await district.http.get("/v1/deletion-answers", headers={"X-Enlace-Link": "x" * 22})
    assert unknown.status_code == 404


async def test_the_message_speaks_for_the_school(district: District) -> None:
    smiles = await district.provider("Smiles")
    await asked(district, smiles, await read_by(district, smiles))
    rows = [
        row["site"]
        async for row in district.service.chassis.database["event_log"].find(
            {"type": "org.enlace.offering.deletion-asked.v1"}
        )
    ]
    assert rows == [SITE]
