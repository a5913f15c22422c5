"""An agency wants to know more before it answers, on the real database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import OfferReply, OfferReplyResult, QuestionTopic
from contracts.consents import FamilyErased
from contracts.messages import OfferReplied
from contracts.referrals import QuestionAnswer, ReferralQuestionAnswered
from services.chassis.ids import new_id
from tests.partner.district import District, Provider

AGE = {"topics": ["age"]}
WORDS = "Can he use stairs?"


async def asked(district: District) -> list[Any]:
    return await district.told("OfferQuestionAsked")


async def answer(
    district: District,
    referral: str,
    provider: Provider,
    question: str,
    *,
    more: timedelta | None = None,
    **said: Any,
) -> None:
    """Let referral's answer arrive."""
    until = (await district.show(provider))["answer_by"] if more else None
    await district.apply(
        ReferralQuestionAnswered(
            referral=referral,
            offer=district.offers[provider.agency].offer,
            agency=provider.agency,
            question=question,
            answer=QuestionAnswer.model_validate(said),
            answer_by=district.clock.now() + more if more and until else None,
            by="rosa",
        )
    )


async def test_a_question_leaves_the_offer_open_and_its_answer_stands_on_the_page(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    before = await district.show(smiles)
    assert "question" in before["next_actions"]
    card = await district.answer(smiles, "question", {"topics": ["age", "times"]})
    assert (card["state"], card["answer_by"]) == ("open", before["answer_by"])
    (told,) = await asked(district)
    assert (told.agency, told.topics) == (smiles.agency, ("age", "times"))
    (waits,) = card["questions"]
    assert (waits["topics"], waits["answer"]) == (["age", "times"], None)
    await answer(district, referral, smiles, told.question, age="7-9", times=["evening"])
    (known,) = (await district.show(smiles))["questions"]
    assert known["answer"]["age"] == "7-9"
    assert known["answer"]["times"] == ["evening"]
    assert (await district.show(bus))["questions"] == [], "it is told to whoever asked"
    assert (await district.answer(smiles, "claim"))["state"] == "claimed"


async def test_what_was_asked_already_is_not_asked_again(district: District) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    posts = [district.post(smiles, "question", AGE) for _ in range(4)]
    assert {each.status_code for each in await asyncio.gather(*posts)} == {200}
    await district.answer(smiles, "question", {"topics": ["age", "urgency"]})
    words = {"topics": [], "words": WORDS}
    for _ in range(2):
        await district.answer(smiles, "question", words)
    assert [each.topics for each in await asked(district)] == [("age",), ("urgency",), ("other",)]


async def test_words_are_sealed_and_read_by_the_school(district: District) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    await district.answer(smiles, "question", {"words": WORDS})
    found = (await district.get(f"/v1/offerings/{referral}")).json()
    assert found["offers"][0]["questions"][0]["words"] == WORDS
    assert "stairs" not in str(await district.rows("offerings"))
    assert "stairs" not in str(await district.rows("event_log"))


async def test_the_time_runs_on_unless_the_school_gives_more(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    for each in (smiles, bus):
        await district.answer(each, "question", AGE)
    first, _ = await asked(district)
    await answer(district, referral, smiles, first.question, more=timedelta(days=4), age="7-9")
    district.clock.advance(timedelta(days=3))
    await district.sweep()
    states = [(await district.show(each))["state"] for each in (smiles, bus)]
    assert states == ["open", "expired"]
    (late,) = await district.told("OfferExpired")
    assert late.agency == bus.agency
    assert await district.told("OfferReminded") == [], "whoever has asked is not silent"
    assert (await district.answer(smiles, "claim"))["state"] == "claimed"


@pytest.mark.parametrize("how", ["claim", "decline", "expiry", "withdrawal", "another"])
async def test_a_question_after_the_end_is_refused_with_what_to_do(
    district: District, how: str
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referral = await district.offer(smiles, bus)
    match how:
        case "claim":
            await district.answer(smiles, "claim")
        case "decline":
            await district.answer(smiles, "decline", {"reason": "no-capacity"})
        case "expiry":
            district.clock.advance(timedelta(days=3))
        case "withdrawal":
            await district.happened(referral, "ReferralCancelled", reason="other")
        case _:
            await district.answer(bus, "claim")
    refused = await district.post(smiles, "question", AGE)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("taken" if how == "another" else "offer-closed")
    assert refused.json()["detail_es"]
    assert "question" not in (await district.show(smiles))["next_actions"]
    assert await asked(district) == []


async def test_an_answer_that_comes_after_the_end_opens_nothing(district: District) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    await district.answer(smiles, "question", AGE)
    (told,) = await asked(district)
    district.clock.advance(timedelta(days=3))
    await district.sweep()
    await answer(district, referral, smiles, told.question, more=timedelta(days=3), age="7-9")
    assert (await district.show(smiles))["state"] == "expired"


async def test_too_much_is_asked_by_telephone(district: District) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    for n in range(5):
        await district.answer(smiles, "question", {"words": f"And number {n}?"})
    refused = await district.post(smiles, "question", AGE)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("too-many-questions")
    nothing = await district.post(smiles, "question", {"topics": [], "words": "  "})
    assert nothing.status_code == 422


async def test_by_text_it_is_the_same_question(district: District) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    offer = district.offers[smiles.agency]
    for _ in range(2):
        await district.apply(
            OfferReplied(
                conversation=f"{offer.contact}-sms",
                person=offer.contact,
                referral=referral,
                offer=offer.offer,
                reply=OfferReply.QUESTION,
                topics=(QuestionTopic.LANGUAGE,),
                at=district.clock.now(),
            )
        )
    (told,) = await asked(district)
    assert told.topics == ("language",)
    settled = await district.told("OfferReplySettled")
    assert [each.result for each in settled] == [OfferReplyResult.NOTED] * 2


async def test_where_codes_are_all_that_is_told_a_question_has_no_words(
    district: District,
) -> None:
    care = await district.provider("Care", category="mental-health")
    await district.offer(care)
    refused = await district.post(care, "question", {"words": WORDS})
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (409, "attendance-only")
    assert (await district.answer(care, "question", AGE))["questions"]


async def test_an_erasure_takes_the_words_and_the_answers(district: District) -> None:
    smiles = await district.provider("Smiles")
    referral = await district.offer(smiles)
    await district.answer(smiles, "question", {"topics": ["age"], "words": WORDS})
    (told,) = await asked(district)
    await answer(district, referral, smiles, told.question, age="7-9", word="yes")
    erased = FamilyErased(
        erasure=new_id(), family="fam-1", persons=("stu-1",), referrals=(referral,)
    )
    await district.apply(erased)
    (row,) = await district.rows("offerings")
    (kept,) = row["offers"][0]["questions"]
    assert (kept["words"], kept["answer"], kept["mark"]) == (None, None, "")
