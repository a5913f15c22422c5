"""Every reason of the queue leads to where it is settled."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.portal.model.queue import GROUPS, Call, TodayRow
from services.portal.model.referral import Referral
from services.portal.model.situation import Row, situation
from services.portal.pages.lines import line_of, today_line
from services.portal.when import When
from services.portal.words import words_in
from services.referral.model.today_rows import Reason
from tests.portal.samples import ago, referral_id
from tests.portal.samples import referral as sample

HOME = f"/referrals/{referral_id(1)}"
RECORD = referral_id(33)
LEADS: dict[str, tuple[str, dict[str, Any], str]] = {
    "crisis-unclaimed": ("follow-emergency-procedure", {}, HOME),
    "protection-report": (
        "call-hotline",
        {"referral": None, "record": RECORD},
        f"/protection/{RECORD}",
    ),
    "crisis-texted": (
        "look-at-request",
        {"referral": None, "help_request": RECORD},
        f"/asked/{RECORD}",
    ),
    "family-wrote": ("answer-family", {"follow_up": "c-1"}, f"{HOME}/reply"),
    "wrong-number": ("call-family", {"follow_up": "c-1"}, f"{HOME}/follow-ups#f-c-1"),
    "family-said-no": ("call-family", {}, HOME),
    "asked-for-help": (
        "look-at-request",
        {"referral": None, "help_request": RECORD},
        f"/asked/{RECORD}",
    ),
    "offer-ending": ("call-agency", {}, f"{HOME}/offers"),
    "awaiting-consent": ("get-consent", {}, f"{HOME}/consent"),
    "overdue-follow-up": (
        "call-family",
        {"follow_up": "call-family-1"},
        f"{HOME}/follow-ups#f-call-family-1",
    ),
    "no-coordinator": ("take-over", {}, f"{HOME}/do/hand-over"),
    "answer-contested": (
        "call-agency",
        {"follow_up": "call-agency-1"},
        f"{HOME}/follow-ups#f-call-agency-1",
    ),
    "nobody-took-it": ("ask-another-agency", {}, HOME),
    "no-help-came": ("ask-another-agency", {}, HOME),
    "agency-silent": (
        "call-agency",
        {"follow_up": "agency-silent-1"},
        f"{HOME}/follow-ups#f-agency-silent-1",
    ),
    "waitlist-moved": ("call-family", {}, HOME),
    "receipt-missing": ("call-agency", {"record": RECORD}, f"/receipts/{RECORD}"),
    "another-channel": ("call-family", {"follow_up": "c-1"}, f"{HOME}/follow-ups#f-c-1"),
    "message-failed": ("call-agency", {"follow_up": "c-1"}, f"{HOME}/follow-ups#f-c-1"),
    "message-unknown": ("call-family", {"follow_up": "c-1"}, f"{HOME}/follow-ups#f-c-1"),
    "overdue-task": (
        "do-task",
        {"referral": None, "record": RECORD, "task": referral_id(35)},
        f"/meetings/{RECORD}/tasks/{referral_id(35)}",
    ),
    "due-follow-up": ("look-in", {"follow_up": "look-in-1"}, f"{HOME}/follow-ups#f-look-in-1"),
    "consent-expiring": ("renew-consent", {}, f"{HOME}/consent"),
    "told-without-consent": ("review-disclosure", {"record": RECORD}, f"{HOME}/hand-off"),
    "scan-missing": ("store-scan", {}, f"{HOME}/consent"),
    "consent-in-doubt": ("get-consent", {}, f"{HOME}/consent"),
    "glass-broken": ("review-opening", {"record": RECORD}, f"/openings/{RECORD}"),
    "not-sent": ("send", {}, f"{HOME}/ask"),
}


def test_no_reason_is_forgotten() -> None:
    assert set(LEADS) == {each.value for each in Reason} == set(GROUPS)


@pytest.mark.parametrize("reason", LEADS)
def test_a_reason_leads_to_where_it_is_settled(reason: str) -> None:
    step, fields, path = LEADS[reason]
    call = Call(
        **{
            "reason": reason,
            "step": step,
            "since": datetime(2026, 11, 24, tzinfo=UTC),
            "referral": referral_id(1),
            **fields,
        }
    )
    assert call.path == path


def test_an_attempts_next_step_is_taken_where_it_was_logged() -> None:
    call = Call(
        reason="overdue-task",
        step="take-next-step",
        since=datetime(2026, 11, 24, tzinfo=UTC),
        record=RECORD,
    )
    assert call.path == f"/next-steps/{RECORD}"


def test_what_its_reader_may_not_see_leads_to_no_page_of_it() -> None:
    withheld: dict[str, Any] = {"since": datetime(2026, 11, 24, tzinfo=UTC), "withheld": True}
    call = Call(reason="overdue-follow-up", step="call-school", referral=referral_id(1), **withheld)
    assert (call.path, call.home) == ("", "")
    told = Call(
        reason="told-without-consent",
        step="review-disclosure",
        referral=referral_id(1),
        record=RECORD,
        **withheld,
    )
    assert (told.path, told.home) == (f"{HOME}/hand-off", ""), "without child and need there"


@pytest.mark.parametrize(
    ("language", "who", "text"),
    [
        ("en", "A need that you may not see", "Call whoever sees to it"),
        ("es", "Una necesidad que usted no puede ver", "Llame a quien la atiende"),
    ],
)
def test_of_what_its_reader_may_not_see_it_is_said_whom_to_call(
    language: str, who: str, text: str
) -> None:
    at, words = datetime(2026, 11, 24, tzinfo=UTC), words_in(language)
    row = TodayRow(
        reason="overdue-follow-up",
        step="call-school",
        since=at,
        referral=referral_id(1),
        name="-",
        withheld=True,
    )
    line = today_line(row, {}, words, When(words, at, "America/Los_Angeles"))
    assert (line.who, line.what, line.path, line.more) == (who, "", "", ())
    assert text in line.text


def test_a_referral_whose_follow_up_fell_due_stands_so_since_that_day() -> None:
    at = datetime(2026, 11, 24, 17, tzinfo=UTC)
    due = {"id": "look-in-1", "kind": "look-in", "due_on": "2026-11-19", "state": "due"}
    known = Referral.model_validate(
        {
            **sample(4, "Daniel O."),
            "state": "in-progress",
            "since": ago(days=40),
            "follow_ups": [due],
        }
    )
    for language, since in (("en", "since Thursday"), ("es", "desde el jueves")):
        words = words_in(language)
        line = line_of(
            Row(known, situation(known)), {}, words, When(words, at, "America/Los_Angeles")
        )
        assert since in line.why
