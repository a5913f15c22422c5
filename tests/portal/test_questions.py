"""An agency asks for more behind its link, and the coordinator answers without naming the child."""

import httpx2

from tests.portal.running import OWN, Portal
from tests.portal.samples import TOKEN, ago, referral_id, sample_card
from tests.portal.test_ask import text_of

CARD = f"/a/{TOKEN}"
PAGE = f"/referrals/{referral_id(8)}/questions"
QUESTION = {
    "question": referral_id(75),
    "topics": ["age", "other"],
    "words": "Can they come by bus?",
    "asked_at": ago(hours=2),
    "answer": None,
    "answered_at": None,
}
TOLD = {"age": "7-9", "grade": None, "times": ["evening"], "word": "school-calls"}


def test_an_agency_says_what_it_needs_to_know_and_opening_the_form_asks_nothing(
    anybody: httpx2.Client, portal: Portal
) -> None:
    assert f'href="{CARD}/ask"' in anybody.get(CARD).text
    page = anybody.get(f"{CARD}/ask")
    assert "without telling who the child is" in text_of(page)
    assert "Please no names" in text_of(page)
    assert "Sin nombres" in text_of(anybody.get(f"{CARD}/ask?lang=es"))
    assert portal.services.posted == []
    form = {"topic": ["age", "insurance"], "words": "Can they come by bus?"}
    done = anybody.post(f"{CARD}/ask", data=form, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, f"{CARD}?done=question")
    assert portal.services.posted == [
        (
            "/v1/answers/question",
            {"topics": ["age", "insurance"], "words": "Can they come by bus?"},
        )
    ]
    assert "the school has your question" in text_of(anybody.get(f"{CARD}?done=question&lang=en"))


def test_a_question_about_nothing_is_asked_again_with_what_was_typed(
    anybody: httpx2.Client, portal: Portal
) -> None:
    for form in ({}, {"topic": "no-such", "words": "  "}, {"words": "x" * 301}):
        page = anybody.post(f"{CARD}/ask", data=form, headers=OWN)
        assert page.status_code == 422
        assert "Choose what you need to know" in text_of(page)
    assert "x" * 301 in page.text, "nothing typed is lost"
    assert portal.services.posted == []


def test_the_answer_stands_on_the_agencys_page_in_its_language(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.services.card = sample_card(questions=[QUESTION])
    assert "The school has not answered yet" in text_of(anybody.get(CARD))
    portal.services.card = sample_card(questions=[{**QUESTION, "answer": TOLD}])
    page = text_of(anybody.get(CARD))
    assert "The school answers:" in page
    assert "Aged 7–9 · best time: evenings · the school will call you" in page  # noqa: RUF001
    assert "la escuela les llama" in text_of(anybody.get(f"{CARD}?lang=es"))


def test_after_the_end_the_form_says_where_the_offer_stands(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.services.card = sample_card(state="expired", next_actions=[])
    page = text_of(anybody.get(f"{CARD}/ask"))
    assert "The time to answer has passed." in page
    assert "<button" not in anybody.get(f"{CARD}/ask").text.split("<main")[1]
    portal.services.refuse = (409, "offer-closed")
    late = anybody.post(f"{CARD}/ask", data={"topic": "age"}, headers=OWN)
    assert late.status_code == 409
    assert "Nothing was changed" in text_of(late)


def test_where_codes_are_all_that_is_told_no_words_are_asked_for(
    anybody: httpx2.Client, portal: Portal
) -> None:
    assert "<textarea" in anybody.get(f"{CARD}/ask").text
    portal.services.card = sample_card(codes_alone=True)
    assert "<textarea" not in anybody.get(f"{CARD}/ask").text


def test_the_coordinator_answers_in_bands_with_what_is_known_filled_in(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.get(PAGE)
    shown = text_of(page)
    assert "never who the child is" in shown
    assert "Can they come by bus?" in shown
    assert "INFO 4821 does he walk?" in shown, "what was texted, with the offer that it is about"
    assert '<option value="7-9" selected>' in page.text
    assert 'value="evening" checked' in page.text
    assert "<textarea" not in page.text.split("<article")[1], "no words but those that are ready"
    assert '<option value="soon"' not in page.text, "nobody asked how soon"
    form = {
        "seen": "4",
        "question": referral_id(75),
        "age": "7-9",
        "times": ["evening"],
        "insurance": "public",
        "word": "",
        "more": "2026-11-27T17:00:00+00:00",
    }
    done = rosa.post(PAGE, data=form, headers=OWN)
    assert done.headers["location"] == f"{PAGE}?done=answered"
    path = f"/v1/referrals/{referral_id(8)}/questions/{referral_id(75)}/answer"
    assert portal.services.posted == [
        (
            path,
            {
                "age": "7-9",
                "times": ["evening"],
                "insurance": "public",
                "answer_by": "2026-11-27T17:00:00+00:00",
            },
        )
    ]
    assert portal.services.parts.seen == [(path, '"4"')]


def test_a_refused_answer_keeps_what_was_chosen(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.refuse = (409, "answer-incomplete")
    form = {"seen": "4", "question": referral_id(75), "age": "10-12", "insurance": "private"}
    page = rosa.post(PAGE, data=form, headers=OWN)
    assert page.status_code == 409
    assert '<option value="10-12" selected>' in page.text
    assert '<option value="private" selected>' in page.text


def test_the_offers_lead_to_the_question(rosa: httpx2.Client) -> None:
    assert f'href="{PAGE}"' in rosa.get(f"/referrals/{referral_id(8)}/offers").text


def test_who_may_not_answer_sees_the_question_alone(portal: Portal) -> None:
    with portal.client() as client:
        portal.sign_in(client, "counselor-01")
        page = client.get(PAGE)
    assert page.status_code == 200
    assert "Can they come by bus?" in text_of(page)
    assert "Send the answer" not in text_of(page)
