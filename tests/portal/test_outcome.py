"""What came of a referral, and why it ended, on its page."""

from typing import Any

import httpx2
import pytest

from tests.portal.running import Portal
from tests.portal.samples import entry, referral_id

LUIS = f"/referrals/{referral_id(2)}"
TOMAS = f"/referrals/{referral_id(6)}"


def changed(portal: Portal, number: int, **changes: Any) -> None:
    known = portal.services.find(referral_id(number))
    assert known is not None
    known |= changes


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The agency reported: the child got part of what was needed."),
        ("es", "La agencia informó: el niño recibió una parte de lo que necesitaba."),
    ],
)
def test_the_agencys_outcome_is_a_sentence_beside_the_familys_answer(
    rosa: httpx2.Client, portal: Portal, language: str, sentence: str
) -> None:
    assert sentence not in rosa.get(f"{LUIS}?lang={language}").text
    changed(portal, 2, outcome="partly-met")
    page = rosa.get(f"{LUIS}?lang={language}").text
    assert sentence in page
    assert 'class="note standing warm"' in page, "what the family said stands where it stood"


@pytest.mark.parametrize(
    ("state", "reason", "english", "spanish"),
    [
        ("rejected", "no-capacity", "Why: they have no seats.", "Por qué: no tienen lugares."),
        (
            "cancelled",
            "moved-away",
            "Why: the family has moved away.",
            "Por qué: la familia se mudó.",
        ),
        ("on-hold", "school-break", "Why: the school is closed.", "Por qué: la escuela está "),
        (
            "entered-in-error",
            "entered-twice",
            "Why: it was written down twice.",
            "Por qué: se anotó dos veces.",
        ),
    ],
)
def test_why_it_ended_or_rests_is_a_sentence(
    rosa: httpx2.Client, portal: Portal, state: str, reason: str, english: str, spanish: str
) -> None:
    changed(portal, 6, state=state, reason=reason)
    assert english in rosa.get(f"{TOMAS}?lang=en").text
    assert spanish in rosa.get(f"{TOMAS}?lang=es").text


def test_a_hand_off_says_how_it_ended_there(rosa: httpx2.Client, portal: Portal) -> None:
    changed(portal, 6, state="failed", hand_off=referral_id(62), outcome="no-show")
    assert "How it ended there: the family did not come." in rosa.get(f"{TOMAS}?lang=en").text


def test_the_timeline_says_what_was_reported(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.timeline = [
        entry("e-1", "referral.completed", 5, outcome="referred-elsewhere"),
        entry("e-2", "referral.rejected", 2, reason="out-of-area"),
    ]
    page = rosa.get(f"{LUIS}?lang=en").text
    assert "The agency reported it done: they sent the family elsewhere." in page
    assert "Every place that was asked said no: the family lives too far." in page
