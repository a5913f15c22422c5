"""Whatever is written down is warned of where it should never be kept, on every form alike."""

from typing import Any

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import REQUEST, referral_id
from tests.portal.samples_parts import CONSENT, FOLLOW_UP, NOTE, short_follow_ups
from tests.portal.samples_records import OPENING, RECEIPT, REPORT
from tests.portal.test_consent_pages import form as consent_form
from tests.portal.test_hand_off import GIVEN

LUIS = f"/referrals/{referral_id(2)}"
DANIEL = f"/referrals/{referral_id(4)}"
WARNING = {"en": "Take the number out.", "es": "Quite el número."}

FORMS: dict[str, tuple[str, dict[str, Any], str]] = {
    "hand-off": (f"{DANIEL}/hand-off", {**GIVEN, "seen": "3"}, f"{DANIEL}?done=hand"),
    "correction": (
        f"{DANIEL}/correct",
        {"seen": "3", "category": "dental", "urgency": "soon", "need": "123-45-6789"},
        f"{DANIEL}?done=correct",
    ),
    "follow-up": (
        f"{LUIS}/follow-ups/{FOLLOW_UP}/done",
        {"seen": "3", "words": "123-45-6789"},
        f"{LUIS}/follow-ups?done=follow-done",
    ),
    "note": (
        f"{LUIS}/notes",
        {"note": NOTE, "words": "123-45-6789", "visibility": "care-team"},
        f"{LUIS}/notes?done=note",
    ),
    "changed note": (
        f"{LUIS}/notes/{NOTE}/edit",
        {"seen": "1", "words": "123-45-6789", "visibility": "care-team"},
        f"{LUIS}/notes?done=note-changed",
    ),
    "consent": (
        f"{LUIS}/consent",
        {**consent_form(witness="123-45-6789"), "agreed": "yes"},
        f"{LUIS}/consent?done=consent",
    ),
    "taking back": (
        f"{LUIS}/consent/{CONSENT}/take-back",
        {"by": "school", "reason": "other", "words": "123-45-6789"},
        f"{LUIS}/consent?done=taken-back",
    ),
    "request": (
        f"/asked/{REQUEST}/handled",
        {"seen": "1", "words": "123-45-6789"},
        "/?done=handled",
    ),
    "receipt": (f"/receipts/{RECEIPT}", {"told_by": "123-45-6789"}, "/?done=settled"),
    "review": (
        f"/openings/{OPENING}",
        {"justified": "yes", "words": "123-45-6789"},
        "/?done=settled",
    ),
    "report": (
        f"/protection/{REPORT}/called",
        {"at": "2026-11-24T09:30", "reference": "123-45-6789"},
        f"/protection/{REPORT}?done=reported",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_should_never_be_kept_is_said_before_the_page_goes_on(
    name: str, rosa: httpx2.Client, portal: Portal
) -> None:
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"follow_ups": short_follow_ups(), "coordinator": "coordinator-01"}
    path, typed, onward = FORMS[name]
    done = rosa.post(path, data=typed, headers=OWN)
    assert (done.status_code, done.headers.get("location")) == (303, onward), done.text

    portal.services.warnings = [WARNING]
    for language, said in WARNING.items():
        warned = rosa.post(f"{path}?lang={language}", data=typed, headers=OWN)
        assert warned.status_code == 200, warned.text
        assert said in warned.text
        assert f'href="{onward}"' in warned.text
