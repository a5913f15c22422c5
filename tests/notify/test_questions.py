"""An agency asks for more by text, and hears the school's answer by its channel."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.codes import OfferReply, QuestionTopic
from contracts.offerings import OfferDeclined
from contracts.referrals import QuestionAnswer, ReferralQuestionAnswered
from services.notify.model.offer_texts import read_offer_text
from tests.notify.build import NOW
from tests.notify.test_agencies import link
from tests.notify.test_offer_reminders import declined
from tests.notify.test_offer_texts import REF, many_by_text, offered_by_text
from tests.notify.world import World


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("INFO 4821", ["other"]),
        ("info 4821 which language?", ["language"]),
        ("Más 4821: ¿qué edad y qué horario?", ["age", "times"]),
        ("PREGUNTA 4821 ¿tiene seguro?", ["insurance"]),
        ("más información 4821 es urgente?", ["urgency"]),
        ("4821 info does he walk?", ["other"]),
        ("MORE4821 how old", ["age"]),
    ],
)
def test_a_text_that_asks_names_the_number_and_says_what_in_free_words(
    text: str, topics: Sequence[str]
) -> None:
    found = read_offer_text(text)
    assert found is not None
    assert (found.reply, found.code) == (OfferReply.QUESTION, "4821")
    assert list(found.topics) == topics


@pytest.mark.parametrize("text", ["INFO", "more 48", "info 482100", "informal 4821", "mas tarde"])
def test_what_names_no_number_asks_nothing(text: str) -> None:
    assert read_offer_text(text) is None


def answered(answer: QuestionAnswer, more: timedelta | None = None) -> ReferralQuestionAnswered:
    return ReferralQuestionAnswered(
        referral=REF,
        offer=f"offer-1-{REF}",
        agency="agy-1",
        question="q-1",
        answer=answer,
        answer_by=NOW + more if more else None,
        by="rosa",
    )


async def test_a_question_by_text_goes_out_as_codes_and_its_words_stay_here(
    notify: World,
) -> None:
    _, number = await offered_by_text(notify)
    await notify.answers(f"INFO {number} which language? Marked words")
    (told,) = await notify.events("message.offer-replied")
    assert (told["reply"], told["topics"]) == ("question", ["language"])
    assert "Marked" not in str(await notify.events("message.offer-replied"))
    row = await notify.chassis.database["replies"].find_one({})
    assert row is not None
    assert (row["referral"], row["offer"]) == (REF, f"offer-1-{REF}")
    assert "Marked" not in str(row), "sealed"


async def test_of_many_at_once_nothing_is_asked_by_their_one_number(notify: World) -> None:
    _, text, number = await many_by_text(notify)
    assert number in text
    await notify.answers(f"INFO {number}")
    await notify.work(2)
    assert not await notify.events("message.offer-replied")
    assert "Which family do you mean" in notify.texts()[-1]


async def test_the_answer_is_told_with_the_number_and_the_link_and_names_nobody(
    notify: World,
) -> None:
    contact, number = await offered_by_text(notify)
    said = QuestionAnswer.model_validate(
        {"age": "7-9", "times": ["evening"], "insurance": "public"}
    )
    event = answered(said, timedelta(days=4))
    await notify.happens(event)
    await notify.work()
    text = notify.texts()[-1]
    assert "Your question: age 7-9; evenings; public insurance." in text
    assert f"YES {number} or NO {number}?" in text
    assert link(notify, contact) in text
    assert notify.referral.asked[-1]["template"] == "agency-question-answered"
    assert len(notify.texts()) == 2


async def test_whoever_has_answered_meanwhile_is_told_nothing_more(notify: World) -> None:
    await offered_by_text(notify)
    gone: OfferDeclined = declined()
    await notify.happens(gone, answered(QuestionAnswer(age="7-9")))
    await notify.work(2)
    assert len(notify.texts()) == 1


def test_each_topic_has_words_of_its_own() -> None:
    for topic, word in (
        (QuestionTopic.AGE, "edad"),
        (QuestionTopic.TIMES, "horario"),
        (QuestionTopic.LANGUAGE, "idioma"),
        (QuestionTopic.INSURANCE, "seguro"),
        (QuestionTopic.URGENCY, "pronto"),
    ):
        found = read_offer_text(f"INFO 4821 {word}")
        assert found is not None
        assert found.topics == (topic,)
