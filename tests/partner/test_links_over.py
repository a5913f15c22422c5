"""Links that worked once: taken back, run out, or of who has left. Each says what to do next."""

from datetime import timedelta

import httpx2
import pytest

from contracts.codes import OfferReply
from contracts.messages import BatchReplied
from services.chassis.ids import new_id
from tests.partner.district import District
from tests.partner.test_batches import Page, asked
from tests.partner.test_entries import due, link

OVER = (404, "link-over")


def said(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"].rsplit("/")[-1])


async def revoke(
    district: District, referral: str, offer: str, who: str = "rosa"
) -> httpx2.Response:
    path = f"/v1/offerings/{referral}/offers/{offer}/revoke-links"
    return await district.http.post(path, headers=district.service.as_(who))


@pytest.mark.parametrize("how", ["revoked", "expired", "left"])
async def test_a_link_that_works_no_longer_says_so_and_what_to_do(
    district: District, how: str
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    assert (await district.shown(smiles)).status_code == 200
    if how == "revoked":
        await revoke(district, referral, district.offers[smiles.agency].offer)
    elif how == "expired":
        district.clock.advance(timedelta(days=181))
    else:
        path = f"/v1/agencies/{smiles.agency}"
        assert (await district.put(path, {"name": "Smiles"}, if_match='"1"')).status_code == 200
    for answer in (await district.shown(smiles), await district.post(smiles, "claim")):
        assert said(answer) == OVER
        assert "call the school" in answer.json()["detail"]
        assert "llame a la escuela" in answer.json()["detail_es"]
    assert await district.told("OfferClaimed") == []


async def test_one_that_was_never_ours_is_no_page(district: District) -> None:
    for path in ("answers", "batch-answers", "entries-answers", "deletion-answers"):
        made_up = {"X-Enlace-Link": "A" * 22}
        answer = await district.http.get(f"/v1/{path}", headers=made_up)
        assert said(answer) == (404, "not-found")


async def test_a_message_about_many_that_went_astray_is_taken_back_whole(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=9)
    batch, (first, *_) = await asked(district, smiles, 3)
    page = await Page.told(district)
    opened = await district.http.get("/v1/batch-answers", headers=page.link)
    assert opened.status_code == 200, opened.text
    offer = opened.json()["rows"][0]["offer"]
    referral = next(
        row["_id"]
        for row in await district.rows("offerings")
        if offer in {each["id"] for each in row["offers"]}
    )
    assert first in {row["_id"] for row in await district.rows("offerings")}
    assert (await revoke(district, referral, offer)).json() == {"revoked": 2}
    assert said(await district.http.get("/v1/batch-answers", headers=page.link)) == OVER
    taken = await district.http.post(
        "/v1/batch-answers/take", json={"take": 3, "turn": 0}, headers=page.link
    )
    assert said(taken) == OVER
    told = (await district.told("OffersBatched"))[-1]
    reply = BatchReplied(
        conversation="con-sms",
        person=told.contact,
        batch=batch,
        reply=OfferReply.YES,
        take=3,
        inbound=new_id(),
    )
    await district.apply(reply)
    await district.sweep()
    assert await district.told("OfferClaimed") == [], "a text holds as long as the link"


async def test_the_link_to_an_agencys_entries_is_taken_back(district: District) -> None:
    smiles = await due(district)
    header = await link(district)
    path = f"/v1/agencies/{smiles.agency}/entries/revoke-links"
    for who, status in (("denise", 403), ("carla", 403), ("rosa", 200)):
        answer = await district.http.post(path, json={}, headers=district.service.as_(who))
        assert answer.status_code == status, who
    assert answer.json() == {"revoked": 1}
    assert said(await district.http.get("/v1/entries-answers", headers=header)) == OVER
    confirm = await district.http.post("/v1/entries-answers/confirm", json={}, headers=header)
    assert said(confirm) == OVER
    assert await district.told("EntriesConfirmed") == []
