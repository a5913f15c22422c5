"""What calls for somebody besides referrals: from when, until when, and in which order. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.referral.model.attempts import AttemptKind, ContactAttempt, Interpreter
from services.referral.model.deletion import DeletionRequest, DeletionState
from services.referral.model.glass import GlassOpening, Review
from services.referral.model.meeting import Meeting, Task, TaskState
from services.referral.model.protection import ProtectionReport
from services.referral.model.referral import State
from services.referral.model.rules import Rules
from services.referral.model.today import queue
from services.referral.model.today_records import (
    MOVED_FOR,
    ChildsCall,
    of_attempts,
    of_deletions,
    of_meetings,
    of_openings,
    of_promotions,
    of_reports,
)
from services.referral.model.today_rows import NextStep, Reason
from tests.referral.build import NOW, SEALED, referral

ZONE = "America/Los_Angeles"
SITE: dict[str, Any] = {"student": "stu-1", "site": "site-01"}


def request(**changes: Any) -> DeletionRequest:
    fields: dict[str, Any] = {
        **SITE,
        "id": "req-1",
        "consent": "con-1",
        "family": "fam-1",
        "zone": ZONE,
        "agency": "agy-smiles",
        "referrals": ("ref-1",),
        "restricted": False,
        "asked_at": NOW,
        "due_on": date(2026, 10, 12),
        "state": DeletionState.OVERDUE,
    }
    return DeletionRequest(**{**fields, **changes})


def report(**changes: Any) -> ProtectionReport:
    fields: dict[str, Any] = {
        **SITE,
        "id": "rep-1",
        "reporter": "nurse",
        "words": SEALED,
        "fingerprint": "f",
        "created_at": NOW,
    }
    return ProtectionReport(**{**fields, **changes})


def opening(**changes: Any) -> GlassOpening:
    fields: dict[str, Any] = {
        **SITE,
        "id": "ope-1",
        "by": "denise",
        "referral": None,
        "reason": SEALED,
        "opened_at": NOW,
        "closes_at": NOW + timedelta(hours=1),
        "fingerprint": "f",
    }
    return GlassOpening(**{**fields, **changes})


def meeting(*tasks: tuple[str, date, TaskState]) -> Meeting:
    made = [
        Task(id=id, what=SEALED, owner="rosa", due_on=due, state=state, fingerprint="f")
        for id, due, state in tasks
    ]
    return Meeting(
        **SITE,
        id="mee-1",
        family="fam-1",
        zone=ZONE,
        held_on=date(2026, 10, 1),
        participants=(),
        decided=SEALED,
        tasks=tuple(made),
        by="rosa",
        recorded_at=NOW,
        fingerprint="f",
    )


def attempt(id: str, days_ago: int, **changes: Any) -> ContactAttempt:
    fields: dict[str, Any] = {
        **SITE,
        "id": id,
        "family": "fam-1",
        "referral": None,
        "person": None,
        "kind": AttemptKind.CALL,
        "reached": False,
        "happened_at": NOW - timedelta(days=days_ago),
        "language": None,
        "interpreter": Interpreter.NONE,
        "words": None,
        "next_step": SEALED,
        "next_on": None,
        "by": "rosa",
        "recorded_at": NOW,
        "fingerprint": "f",
    }
    return ContactAttempt(**{"owner": None, **fields, **changes})


def told(calls: Any) -> list[tuple[str, str, str | None]]:
    return [
        (each.call.reason.value, each.call.step.value, each.call.task or each.call.record)
        for each in calls
    ]


def test_an_agency_that_has_not_confirmed_in_time_is_to_be_called() -> None:
    (found,) = of_deletions([request(), request(state=DeletionState.OPEN)])
    assert (found.call.reason, found.call.step) == (Reason.RECEIPT_MISSING, NextStep.CALL_AGENCY)
    assert (found.call.agencies, found.call.referral) == (("agy-smiles",), "ref-1")
    assert found.call.since == datetime(2026, 10, 13, 7, tzinfo=UTC), "the day after, local"


def test_a_report_calls_until_it_is_filed_first_for_the_hotline_then_by_its_deadline() -> None:
    written = report()
    called = written.called(NOW, None, NOW, Rules(), "rosa")
    filed = called.filed(NOW, NOW, "rosa")
    first, second = of_reports([written, called, filed])
    assert (first.call.step, first.call.deadline) == (NextStep.CALL_HOTLINE, None)
    assert (second.call.step, second.call.deadline) == (
        NextStep.FILE_REPORT,
        NOW + timedelta(hours=36),
    )


def test_an_opening_is_here_until_somebody_has_reviewed_it() -> None:
    review = Review(at=NOW, by="rosa", justified=True)
    assert told(of_openings([opening(), opening(review=review)])) == [
        ("glass-broken", "review-opening", "ope-1")
    ]


def test_a_task_is_here_from_the_morning_after_its_date_until_it_is_done() -> None:
    held = meeting(
        ("late", date(2026, 10, 12), TaskState.OPEN),
        ("known", date(2026, 10, 1), TaskState.OVERDUE),
        ("done", date(2026, 10, 1), TaskState.DONE),
        ("today", date(2026, 10, 13), TaskState.OPEN),
    )
    found = told(of_meetings([held], NOW))
    assert found == [("overdue-task", "do-task", "late"), ("overdue-task", "do-task", "known")]
    seven = datetime(2026, 10, 13, 14, tzinfo=UTC)
    assert told(of_meetings([held], seven - timedelta(seconds=1))) == found[1:]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], ["a-1"]),
        ([attempt("a-2", 1)], []),
        ([attempt("a-2", 1, referral="ref-1")], ["a-1"]),
        ([attempt("a-0", 9)], ["a-1"]),
        ([attempt("a-2", 2, next_on=date(2026, 10, 11))], ["a-2"]),
    ],
)
def test_a_next_step_is_here_until_a_later_attempt_takes_its_place(
    later: list[ContactAttempt], expected: list[str]
) -> None:
    promised = attempt("a-1", 5, next_on=date(2026, 10, 12))
    found = queue((), (), NOW, consent_days=30, besides=of_attempts([*later, promised], ZONE))
    assert [each.record for row in found for each in row.calls] == expected


def test_a_next_step_waits_for_its_day_and_is_let_go_after_thirty() -> None:
    calls = list(of_attempts([attempt("a-1", 5, next_on=date(2026, 10, 13))], ZONE))

    def at(now: datetime) -> int:
        return len(queue((), (), now, consent_days=30, besides=calls))

    assert [at(NOW), at(NOW + timedelta(days=1)), at(NOW + timedelta(days=31))] == [0, 1, 0]


def test_a_seat_that_came_free_is_told_until_the_agency_says_how_it_goes() -> None:
    taken = referral(state=State.ACCEPTED)
    moved = {"ref-1": NOW - timedelta(days=1), "ref-2": NOW}
    started = referral(id="ref-2", state=State.IN_PROGRESS)
    (found,) = of_promotions([taken, started], moved)
    assert (found.call.referral, found.call.step) == ("ref-1", NextStep.CALL_FAMILY)
    assert found.call.until - found.call.since == MOVED_FOR


def test_they_stand_in_the_childs_one_row_in_the_published_order() -> None:
    now = NOW + timedelta(days=1)
    besides: list[ChildsCall] = [
        *of_openings([opening()]),
        *of_deletions([request()]),
        *of_meetings([meeting(("late", date(2026, 10, 1), TaskState.OVERDUE))], now),
        *of_reports([report()]),
        *of_openings([opening(id="ope-2", student="stu-2")]),
    ]
    found = queue([referral()], (), now, consent_days=30, besides=besides)
    assert [row.student for row in found] == ["stu-1", "stu-2"]
    assert [each.reason.value for each in found[0].calls] == [
        "protection-report",
        "receipt-missing",
        "overdue-task",
        "glass-broken",
        "not-sent",
    ]


def test_the_order_of_the_reasons_is_the_published_one() -> None:
    assert [each.value for each in Reason] == [
        "crisis-texted",
        "crisis-unclaimed",
        "protection-report",
        "family-said-no",
        "asked-for-help",
        "family-wrote",
        "offer-ending",
        "awaiting-consent",
        "scan-missing",
        "consent-in-doubt",
        "overdue-follow-up",
        "no-coordinator",
        "answer-contested",
        "nobody-took-it",
        "no-help-came",
        "agency-silent",
        "waitlist-moved",
        "receipt-missing",
        "another-channel",
        "wrong-number",
        "message-failed",
        "message-unknown",
        "overdue-task",
        "due-follow-up",
        "consent-expiring",
        "glass-broken",
        "told-without-consent",
        "not-sent",
    ]
