"""Agencies that take part no longer, or not for now: no child goes to them."""

from contracts.codes import OfferReply, OfferReplyResult
from contracts.messages import BatchReplied
from services.chassis.ids import new_id
from tests.partner.district import District, Provider
from tests.partner.test_batches import Page, asked
from tests.partner.test_links_over import OVER, said
from tests.partner.test_replies import results, text
from tests.partner.waitlist.test_waitlists_api import seats, waiting


async def retire(district: District, provider: Provider) -> None:
    path = f"/v1/agencies/{provider.agency}"
    known = await district.get(path)
    (contact,) = (await district.rows("agencies"))[0]["contacts"]
    people = [{"id": contact["id"], "name": "Marked Person", "email": "marked@example.org"}]
    body = {"name": provider.name, "contacts": people, "retired": True}
    answer = await district.put(path, body, if_match=known.headers["ETag"])
    assert answer.status_code == 200, answer.text


async def test_an_agency_that_was_retired_takes_nobody_by_link_or_text(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    await retire(district, smiles)
    assert said(await district.shown(smiles)) == OVER
    assert said(await district.post(smiles, "claim")) == OVER
    await text(district, referral, smiles, OfferReply.YES)
    assert await results(district) == [OfferReplyResult.NOT_DONE]
    assert await district.told("OfferClaimed") == []


async def test_nor_of_many_that_were_asked_at_once(district: District) -> None:
    smiles = await district.provider("Smiles", seats=9)
    batch, _ = await asked(district, smiles, 2)
    page = await Page.told(district)
    told = (await district.told("OffersBatched"))[-1]
    await retire(district, smiles)
    taken = await district.http.post(
        "/v1/batch-answers/take", json={"take": 2, "turn": 0}, headers=page.link
    )
    assert said(taken) == OVER
    reply = BatchReplied(
        conversation="con-sms",
        person=told.contact,
        batch=batch,
        reply=OfferReply.YES,
        take=2,
        inbound=new_id(),
    )
    await district.apply(reply)
    await district.sweep()
    assert await district.told("OfferClaimed") == []


async def test_a_freed_seat_goes_to_nobody_while_the_agreement_is_not_live(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=0)
    first, _ = await waiting(district, smiles)
    signed = {"agency": smiles.agency, "sites": ["site-01"], "from": "2026-08-01"}
    path = f"/v1/agreements/{smiles.agreement}"

    async def sign(**more: object) -> None:
        known = await district.get(path)
        body = {**signed, "status": "active", "until": "2027-06-30", **more}
        answer = await district.put(path, body, "admin", known.headers["ETag"])
        assert answer.status_code == 200, answer.text

    await sign(requires=["insurance"])
    await seats(district, smiles, 1)
    assert await district.told("OfferPromoted") == [], "its insurance is missing"
    assert (await district.show(smiles))["state"] == "waitlisted"
    await sign()
    await seats(district, smiles, 2)
    assert [each.referral for each in await district.told("OfferPromoted")] == [first]
