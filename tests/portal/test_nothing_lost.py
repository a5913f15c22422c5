"""No word that was typed is lost, whatever a form is refused with."""

import re
from html import unescape
from typing import Any

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import REQUEST, TOKEN, referral_id
from tests.portal.samples_parts import CONSENT, FOLLOW_UP, NOTE, short_follow_ups
from tests.portal.samples_records import OPENING, RECEIPT, REPORT
from tests.portal.test_consent_pages import form as consent_form
from tests.portal.test_hand_off import GIVEN
from tests.portal.test_new import FORM
from tests.portal.test_parts import contact
from tests.portal.test_phone import SAID

LUIS = f"/referrals/{referral_id(2)}"
DANIEL = f"/referrals/{referral_id(4)}"
ASKED = f"/referrals/{referral_id(8)}"
WORDS = "Señora Peña <said> “Thursday” & wept"
REFUSALS = [(409, "of-a-later-release"), (412, "stale-version"), (422, "malformed"), (503, "away")]

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "need": ("/referrals/new", {**FORM, "id": referral_id(70), "need": WORDS}),
    "correction": (
        f"{DANIEL}/correct",
        {"seen": "3", "category": "dental", "urgency": "soon", "need": WORDS},
    ),
    "contact": (f"{LUIS}/contacts", contact(words=WORDS)),
    "follow-up": (f"{LUIS}/follow-ups/{FOLLOW_UP}/done", {"seen": "3", "words": WORDS}),
    "note": (f"{LUIS}/notes", {"note": NOTE, "words": WORDS, "visibility": "care-team"}),
    "changed note": (
        f"{LUIS}/notes/{NOTE}/edit",
        {"seen": "1", "words": WORDS, "visibility": "care-team"},
    ),
    "consent": (f"{LUIS}/consent", {**consent_form(witness=WORDS), "agreed": "yes"}),
    "taking back": (
        f"{LUIS}/consent/{CONSENT}/take-back",
        {"by": "school", "reason": "other", "words": WORDS},
    ),
    "hand-off": (f"{DANIEL}/hand-off", {**GIVEN, "seen": "3", "to": WORDS}),
    "telephone": (f"{ASKED}/phone", {**SAID, "said_by": WORDS}),
    "request": (f"/asked/{REQUEST}/handled", {"seen": "1", "words": WORDS}),
    "receipt": (f"/receipts/{RECEIPT}", {"told_by": WORDS}),
    "review": (f"/openings/{OPENING}", {"justified": "yes", "words": WORDS}),
    "call": (f"/protection/{REPORT}/called", {"at": "2026-11-24T09:30", "reference": WORDS}),
    "decline": (f"/a/{TOKEN}/decline", {"reason": "other", "words": WORDS}),
}


def ready(portal: Portal) -> None:
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"follow_ups": short_follow_ups(), "coordinator": "coordinator-01"}


@pytest.mark.parametrize(("status", "slug"), REFUSALS)
@pytest.mark.parametrize("name", FORMS)
def test_what_was_typed_is_still_there(
    name: str, status: int, slug: str, rosa: httpx2.Client, portal: Portal
) -> None:
    ready(portal)
    portal.services.refuse = (status, slug)
    path, typed = FORMS[name]
    answer = rosa.post(path, data=typed, headers=OWN)
    assert answer.is_error, answer.text
    assert WORDS in unescape(answer.text)


def again(page: str) -> tuple[str, list[tuple[str, str]]]:
    """Return where the form of a page of errors goes, and what it sends."""
    form = re.search(r'<form method="post" action="(/[^"]+)">(.*?)</form>', page, re.DOTALL)
    assert form is not None, page
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[2])
    return unescape(form[1]), [(name, unescape(value)) for name, value in hidden]


def test_what_met_a_part_that_does_not_answer_is_sent_again_in_one_press(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path, typed = FORMS["hand-off"]
    portal.services.refuse = (503, "unavailable")
    page = rosa.post(path, data=typed, headers=OWN)
    assert "Send it again" in page.text
    to, held = again(page.text)
    assert to == path
    portal.services.refuse = None

    data = {name: [value for each, value in held if each == name] for name, _ in held}
    done = rosa.post(to, data=data, headers=OWN)

    assert done.status_code == 303
    (_, first), (_, second) = portal.services.posted
    assert second | {"hand_off": ""} == first | {"hand_off": ""}


def test_whoever_was_signed_out_meanwhile_signs_in_and_sends_it_again(
    rosa: httpx2.Client, portal: Portal
) -> None:
    ready(portal)
    path, typed = FORMS["note"]
    kept = rosa.cookies["enlace"]
    rosa.cookies.clear()

    page = rosa.post(path, data=typed, headers=OWN)

    assert page.status_code == 401
    assert "You were signed out" in page.text
    assert WORDS in unescape(page.text)
    assert portal.services.parts.puts == []
    rosa.cookies.set("enlace", kept)
    to, held = again(page.text)
    assert rosa.post(to, data=dict(held), headers=OWN).status_code == 303
    assert portal.services.parts.puts[0][1]["words"] == WORDS


def test_words_that_are_too_long_for_any_field_are_still_there(rosa: httpx2.Client) -> None:
    long = f"{WORDS} " * 500
    answer = rosa.post(
        f"{LUIS}/notes",
        data={"note": NOTE, "words": long, "visibility": "care-team"},
        headers=OWN,
    )
    assert answer.status_code == 422
    assert long.strip() in unescape(answer.text)


def test_an_agencys_words_stay_where_it_chose_no_reason(anybody: httpx2.Client) -> None:
    path = f"/a/{TOKEN}/decline"
    answer = anybody.post(path, data={"reason": "", "words": WORDS}, headers=OWN)
    assert answer.status_code == 422
    assert f">{WORDS}</textarea>" in unescape(answer.text)
