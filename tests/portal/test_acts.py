"""What else a coordinator does: with a referral, and with what calls besides the referrals."""

import re
from html import unescape

import httpx2
import pytest

from tests.portal.running import Portal
from tests.portal.samples import referral_id
from tests.portal.samples_parts import ATTEMPT
from tests.portal.samples_records import MEETING, OPENING, RECEIPT, TASK
from tests.portal.test_parts import LUIS, luis, post

__all__ = ["luis"]


def text_of(answer: httpx2.Response) -> str:
    return unescape(re.sub(r"<[^>]+>", "", answer.text))


# what else is done with a referral


@pytest.mark.parametrize(
    ("act", "fields", "path", "body"),
    [
        ("hold", {"reason": "school-break"}, "hold", {"reason": "school-break"}),
        (
            "hold",
            {"reason": "other", "until": "2026-12-01"},
            "hold",
            {"reason": "other", "until": "2026-12-01"},
        ),
        ("wake", {}, "resume", {}),
        ("cancel", {"reason": "moved-away"}, "cancel", {"reason": "moved-away"}),
        ("in-error", {"reason": "wrong-child"}, "enter-in-error", {"reason": "wrong-child"}),
        (
            "hand-over",
            {"coordinator": "coordinator-02"},
            "transfer",
            {"coordinator": "coordinator-02"},
        ),
    ],
)
def test_a_referral_is_moved_on_the_version_that_was_seen(
    act: str,
    fields: dict[str, str],
    path: str,
    body: dict[str, str],
    rosa: httpx2.Client,
    portal: Portal,
) -> None:
    home = f"/referrals/{referral_id(9)}"
    done = post(rosa, f"{home}/do/{act}", seen="3", **fields)
    assert done.status_code == 303
    assert rosa.get(done.headers["location"]).status_code == 200
    moved = f"/v1{home}/{path}"
    assert portal.services.posted == [(moved, body)]
    assert portal.services.parts.seen == [(moved, '"3"')]


def test_what_cannot_be_done_now_is_not_offered(rosa: httpx2.Client) -> None:
    page = rosa.get(f"/referrals/{referral_id(4)}").text
    assert "/do/cancel" in page
    assert "/do/hold" not in page
    assert "/do/wake" not in page
    assert (
        "This cannot be done as it stands now."
        in rosa.get(f"/referrals/{referral_id(4)}/do/hold").text
    )


def test_why_a_duplicate_was_wanted_and_what_it_follows_is_shown(
    rosa: httpx2.Client, luis: dict[str, object]
) -> None:
    luis |= {
        "duplicate_of": referral_id(1),
        "despite_duplicate": "Another tooth",
        "re_referral_of": referral_id(6),
    }
    page = rosa.get(LUIS).text
    assert "Another tooth" in page
    assert f'href="/referrals/{referral_id(1)}"' in page
    assert f'href="/referrals/{referral_id(6)}"' in page


def test_the_care_team_reads_and_notes_and_leads_nothing(portal: Portal) -> None:
    with portal.client() as nurse:
        portal.sign_in(nurse, "nurse-01")
        page = nurse.get(LUIS)
        assert page.status_code == 200
        assert "/do/" not in page.text
        assert nurse.get(f"{LUIS}/notes").status_code == 200
        assert nurse.get(f"{LUIS}/do/cancel").status_code == 403
        consent = nurse.get(f"{LUIS}/consent").text
        assert "take-back" not in consent
        assert "consent/read" not in consent


# what calls besides the referrals


def test_who_confirmed_a_deletion_is_recorded(rosa: httpx2.Client, portal: Portal) -> None:
    path = f"/receipts/{RECEIPT}"
    assert "Riverbend Family Dental" in rosa.get(path).text
    assert post(rosa, path, told_by=" ").status_code == 422
    assert post(rosa, path, told_by="Dana Frost").headers["location"] == "/?done=settled"
    assert portal.services.posted == [
        (f"/v1/deletion-requests/{RECEIPT}/confirm", {"told_by": "Dana Frost"})
    ]


def test_a_meetings_task_is_done(rosa: httpx2.Client, portal: Portal) -> None:
    path = f"/meetings/{MEETING}/tasks/{TASK}"
    assert "a stop nearer to the home" in rosa.get(path).text
    assert post(rosa, path, seen="2").status_code == 303
    assert portal.services.parts.seen == [(f"/v1{path}/done", '"2"')]


def test_an_emergency_opening_is_reviewed(rosa: httpx2.Client, portal: Portal) -> None:
    path = f"/openings/{OPENING}"
    page = text_of(rosa.get(path))
    assert "allergic shock" in page
    assert "María Quiroga" in page
    assert post(rosa, path).status_code == 422
    assert post(rosa, path, justified="no", words="Call me first").status_code == 303
    assert portal.services.posted == [
        (f"/v1/break-glass/{OPENING}/review", {"justified": False, "words": "Call me first"})
    ]


def test_a_next_step_is_taken_on_its_referral(rosa: httpx2.Client) -> None:
    assert rosa.get(f"/next-steps/{ATTEMPT}").headers["location"] == f"{LUIS}/contacts"
