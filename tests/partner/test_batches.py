"""Many children asked of one service at once: one message, and so many taken by number."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2

from contracts.codes import DeclineReason, LinkPurpose, OfferReply
from contracts.messages import BatchReplied
from contracts.referrals import Bands, Candidate, Waits
from services.chassis.ids import new_id
from services.chassis.links import derive_token, read_link_key
from tests.partner.build import SITE
from tests.partner.district import District, Provider

MINUTES = timedelta(minutes=1)


async def asked(
    district: District, provider: Provider, count: int, **facts: Any
) -> tuple[str, list[str]]:
    """Let one command ask for so many children; returns the batch and the referrals."""
    batch = new_id()
    referrals = []
    for n in range(count):
        referral = new_id()
        referrals.append(referral)
        await district.happened(
            referral,
            "ReferralRequested",
            round=1,
            site=SITE,
            category="dental",
            urgency="routine",
            bands=Bands(age="7-9", language="es"),
            candidate=Candidate(service=provider.service, agency=provider.agency),
            answer_by=district.clock.now() + timedelta(days=2),
            batch=batch,
            **{"priority": 3, **{name: value[n] for name, value in facts.items()}},
        )
    return batch, referrals


class Page:
    """The page behind the link of the last message on many."""

    def __init__(self, district: District, link: dict[str, str]) -> None:
        self.district, self.link = district, link

    @classmethod
    async def told(cls, district: District) -> "Page":
        """Let the agency be told, and open what it was told."""
        district.clock.advance(3 * MINUTES)
        await district.sweep()
        event = (await district.told("OffersBatched"))[-1]
        token = derive_token(
            read_link_key(district.service.chassis.settings.keys_dir),
            purpose=LinkPurpose.AGENCY_BATCH,
            subject=event.batch,
            recipient=event.contact,
            nonce=event.nonce,
        )
        return cls(district, {"X-Enlace-Link": token})

    async def get(self) -> dict[str, Any]:
        answer = await self.district.http.get("/v1/batch-answers", headers=self.link)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, what: str, **body: Any) -> httpx2.Response:
        return await self.district.http.post(
            f"/v1/batch-answers/{what}", json=body, headers=self.link
        )


async def text(
    district: District,
    batch: str,
    reply: OfferReply = OfferReply.YES,
    take: int | None = None,
    reason: DeclineReason | None = None,
) -> None:
    """Let the agency's text arrive, as notify has read it, and be carried out."""
    told = (await district.told("OffersBatched"))[-1]
    await district.apply(
        BatchReplied(
            conversation=f"{told.contact}-sms",
            person=told.contact,
            batch=batch,
            reply=reply,
            take=take,
            reason=reason,
            inbound=new_id(),
        )
    )
    await district.sweep()


async def taken(district: District) -> list[str]:
    return [each.referral for each in await district.told("OfferClaimed")]


async def test_thirty_offers_are_told_once_and_twenty_are_taken_in_order(
    district: District,
) -> None:
    clinic = await district.provider("Clinic")
    urgent = [1 if n >= 25 else 3 for n in range(30)]
    batch, referrals = await asked(district, clinic, 30, priority=urgent)
    assert await district.told("OffersBatched") == [], "it is gathered first"
    page = await Page.told(district)
    (told,) = await district.told("OffersBatched")
    assert (told.batch, told.count, told.site) == (batch, 30, SITE)
    await district.sweep()
    assert len(await district.told("OffersBatched")) == 1
    shown = await page.get()
    assert (shown["open"], shown["taken"], shown["turn"]) == (30, 0, 0)
    after = await page.post("take", take=20, turn=shown["turn"])
    assert after.status_code == 200, after.text
    assert (after.json()["open"], after.json()["taken"]) == (10, 20)
    got = await taken(district)
    assert set(got[:5]) == set(referrals[25:]), "those who wait least go first"
    assert len(set(got)) == 20
    (end,) = await district.told("OffersTaken")
    assert (end.asked, end.taken, end.left, end.result) == (20, 20, 10, "done")


async def test_a_word_counts_once_and_on_what_was_seen(district: District) -> None:
    clinic = await district.provider("Clinic")
    await asked(district, clinic, 6)
    page = await Page.told(district)
    both = await asyncio.gather(*[page.post("take", take=2, turn=0) for _ in range(4)])
    assert {each.status_code for each in both} <= {200, 409}
    assert len(await taken(district)) == 2
    stale = await page.post("take", take=3, turn=0)
    assert stale.status_code == 409
    assert stale.json()["type"].endswith("said-meanwhile")
    assert (await page.post("take", take=3, turn=1)).status_code == 200
    assert len(await taken(district)) == 5


async def test_where_seats_run_out_what_was_taken_stays_and_it_is_told(
    district: District,
) -> None:
    clinic = await district.provider("Clinic", seats=4)
    await asked(district, clinic, 6)
    page = await Page.told(district)
    after = (await page.post("take", take=6, turn=0)).json()
    assert (after["open"], after["taken"], after["last"]) == (2, 4, {"wants": 6, "got": 4})
    (end,) = await district.told("OffersTaken")
    assert (end.asked, end.taken, end.left, end.result) == (6, 4, 2, "no-seat")
    seats = (await district.told("PartnerCapacityChanged"))[-1]
    assert (seats.available, seats.held) == (0, 4)


async def test_a_text_takes_so_many_and_no_declines_the_rest(district: District) -> None:
    clinic = await district.provider("Clinic")
    batch, _ = await asked(district, clinic, 5)
    page = await Page.told(district)
    await text(district, batch, take=3)
    assert len(await taken(district)) == 3
    await text(district, batch, OfferReply.NO)
    shown = await page.get()
    assert (shown["open"], shown["taken"]) == (0, 3)
    assert len(await district.told("OfferDeclined")) == 2
    results = [each.result for each in await district.told("OffersTaken")]
    assert results == ["done", "declined"]
    await text(district, batch, take=2)
    assert (await district.told("OffersTaken"))[-1].result == "none-left"


async def test_what_was_withdrawn_or_is_too_late_is_passed_over(district: District) -> None:
    clinic = await district.provider("Clinic")
    batch, referrals = await asked(district, clinic, 4)
    page = await Page.told(district)
    await district.happened(referrals[0], "ReferralCancelled", reason="other")
    after = (await page.post("take", take=4, turn=0)).json()
    assert (after["open"], after["taken"]) == (0, 3)
    assert sorted(await taken(district)) == sorted(referrals[1:])
    later = await asked(district, clinic, 2)
    late = await Page.told(district)
    district.clock.advance(timedelta(days=3))
    shown = await late.get()
    assert (shown["open"], {each["state"] for each in shown["rows"]}) == (0, {"expired"})
    assert later[0] != batch


async def test_the_page_shows_no_child_and_opens_those_that_were_taken(
    district: District,
) -> None:
    clinic = await district.provider("Clinic")
    facts = [Waits(tier=3), Waits()]
    _, referrals = await asked(district, clinic, 2, waits=facts)
    page = await Page.told(district)
    await page.post("take", take=1, turn=0)
    shown = await page.get()
    assert not any(each in str(shown) for each in referrals)
    assert "tier" not in str(shown)
    opened, closed = (
        [each["token"] for each in shown["rows"] if each["token"]],
        [each for each in shown["rows"] if each["token"] is None],
    )
    assert (len(opened), len(closed)) == (1, 1)
    card = await district.http.get("/v1/answers", headers={"X-Enlace-Link": opened[0]})
    assert (card.status_code, card.json()["state"]) == (200, "claimed")


async def test_what_was_taken_back_before_anybody_was_told_is_not_counted(
    district: District,
) -> None:
    clinic = await district.provider("Clinic")
    _, referrals = await asked(district, clinic, 4)
    await district.happened(referrals[0], "ReferralRecalled", round=1)
    await Page.told(district)
    (told,) = await district.told("OffersBatched")
    assert told.count == 3
    _, both = await asked(district, clinic, 2)
    for each in both:
        await district.happened(each, "ReferralRecalled", round=1)
    district.clock.advance(3 * MINUTES)
    await district.sweep()
    assert len(await district.told("OffersBatched")) == 1


async def test_a_guessed_link_or_a_strangers_text_changes_nothing(district: District) -> None:
    clinic = await district.provider("Clinic")
    batch, _ = await asked(district, clinic, 2)
    page = await Page.told(district)
    guessed = Page(district, {"X-Enlace-Link": "A" * 22})
    assert (await guessed.post("take", take=2, turn=0)).status_code == 404
    stranger = BatchReplied(
        conversation="con-x-sms",
        person="con-x",
        batch=batch,
        reply=OfferReply.YES,
        take=2,
        inbound=new_id(),
    )
    await district.apply(stranger)
    await district.sweep()
    assert await taken(district) == []
    assert (await page.post("take", take=0, turn=0)).status_code == 422
    assert (await page.post("take", take=101, turn=0)).status_code == 422


async def test_what_breaks_off_is_taken_up_again_and_never_takes_more(
    district: District,
) -> None:
    clinic = await district.provider("Clinic")
    await asked(district, clinic, 5)
    await Page.told(district)
    rows = district.service.chassis.database["batches"]
    word = {"id": "page-0", "wants": 3, "got": 0, "done": False}
    await rows.update_one({}, {"$set": {"takes": [word], "pending": True}, "$inc": {"version": 1}})
    await asyncio.gather(*[district.sweep() for _ in range(3)])
    assert len(await taken(district)) == 3
    assert len(await district.told("OffersTaken")) == 1


async def reasons(district: District) -> list[str]:
    return [str(each.reason) for each in await district.told("OfferDeclined")]


async def test_a_no_to_all_has_its_reason_for_each_of_them(district: District) -> None:
    clinic = await district.provider("Clinic")
    await asked(district, clinic, 3)
    page = await Page.told(district)
    assert (await page.post("decline", turn=0)).status_code == 422
    early = await page.post("decline", turn=0, reason="bus-cut")
    assert early.status_code == 422
    for _ in range(2):
        after = await page.post("decline", turn=0, reason="no-capacity")
    assert (after.status_code, after.json()["open"]) == (200, 0)
    assert await reasons(district) == ["no-capacity"] * 3


async def test_words_go_with_another_reason_and_are_sealed(district: District) -> None:
    clinic = await district.provider("Clinic")
    await asked(district, clinic, 2)
    page = await Page.told(district)
    assert (await page.post("decline", turn=0, reason="other")).status_code == 422
    said = await page.post("decline", turn=0, reason="other", words="Marked words")
    assert said.status_code == 200, said.text
    assert await reasons(district) == ["other"] * 2
    kept = str(await district.rows("offerings")) + str(await district.rows("batches"))
    assert "Marked" not in kept


async def test_a_no_by_text_names_its_reason(district: District) -> None:
    clinic = await district.provider("Clinic")
    batch, _ = await asked(district, clinic, 2)
    await Page.told(district)
    await text(district, batch, OfferReply.NO, reason=DeclineReason.OUT_OF_AREA)
    assert await reasons(district) == ["out-of-area"] * 2


async def test_a_no_by_text_without_a_reason_has_none(district: District) -> None:
    clinic = await district.provider("Clinic")
    batch, _ = await asked(district, clinic, 2)
    await Page.told(district)
    await text(district, batch, OfferReply.NO)
    assert await reasons(district) == ["not-said"] * 2


async def test_of_a_restricted_need_many_are_declined_without_words(district: District) -> None:
    calm = await district.provider("Calm", category="mental-health")
    await asked(district, calm, 2)
    page = await Page.told(district)
    assert (await page.get())["codes_alone"] is True
    refused = await page.post("decline", turn=0, reason="other", words="Marked words")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("attendance-only")
    assert (await page.post("decline", turn=0, reason="no-capacity")).status_code == 200
