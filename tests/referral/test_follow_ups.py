"""Given a plan, when time passes, then each follow-up does its part once."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from contracts.categories import Category
from contracts.codes import ReplyCode, Urgency
from contracts.event import Event
from contracts.follow_ups import (
    EscalationLevel,
    FollowUpDue,
    FollowUpEnd,
    FollowUpEscalated,
    FollowUpKind,
    FollowUpScheduled,
)
from services.referral.model import commands
from services.referral.model.decide.planning import on_created
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import FollowUpState
from services.referral.model.follow_up_commands import FinishFollowUp
from services.referral.model.referral import BusinessStatus, State
from services.referral.model.rules import Rules
from tests.referral.build import NOW
from tests.referral.story import CLAIM, COMPLETED, OFFER, STARTED, Story, accepted

# The plan


@pytest.mark.parametrize(
    ("urgency", "dates"),
    [
        ("routine", [("agency-silent", "2026-10-23"), ("look-in", "2026-10-27")]),
        ("soon", [("agency-silent", "2026-10-19"), ("look-in", "2026-10-20")]),
        (
            "urgent",
            [("agency-silent", "2026-10-15"), ("look-in", "2026-10-15"), ("look-in", "2026-10-27")],
        ),
        (
            "crisis",
            [("agency-silent", "2026-10-14"), ("look-in", "2026-10-14"), ("look-in", "2026-10-20")],
        ),
    ],
)
def test_an_acceptance_begins_the_plan_of_its_urgency(
    urgency: str, dates: list[tuple[str, str]]
) -> None:
    story = accepted(urgency=Urgency(urgency))
    assert story.dates() == dates
    assert len({each.id for each in story.state.follow_ups}) == len(dates)


def crisis() -> Story:
    """Return a crisis as it was written down, of which no agency knows."""
    story = Story(urgency=Urgency.CRISIS)
    story.state = evolve_all(story.state, on_created(story.state, NOW, story.rules), NOW)
    return story


def test_a_crisis_begins_its_plan_when_it_is_written_down() -> None:
    assert crisis().dates() == [("look-in", "2026-10-14"), ("look-in", "2026-10-20")]
    for urgency in (Urgency.ROUTINE, Urgency.SOON, Urgency.URGENT):
        assert on_created(Story(urgency=urgency).state, NOW, Rules()) == ()


def test_a_crisis_that_stays_a_draft_goes_up_to_the_district() -> None:
    story = crisis()
    assert story.on("2026-10-14") == ["FollowUpDue"]
    assert story.on("2026-10-15") == ["FollowUpOverdue"]
    levels = [*story.on("2026-10-16"), *story.on("2026-10-17")]
    assert levels == ["FollowUpEscalated"] * 2
    assert story.state.follow_ups[0].level is EscalationLevel.DISTRICT


def test_an_agency_s_yes_to_a_crisis_keeps_the_days_that_run_already() -> None:
    story = crisis()
    story.run(OFFER)
    story.run(CLAIM)
    assert story.dates() == [
        ("look-in", "2026-10-14"),
        ("look-in", "2026-10-20"),
        ("agency-silent", "2026-10-14"),
    ]
    assert len({each.id for each in story.state.follow_ups}) == 3


def test_a_crisis_taken_after_all_was_seen_to_is_looked_in_on_again() -> None:
    story = crisis()
    for each in story.state.follow_ups:
        story.run(FinishFollowUp(each.id, "rosa"))
    story.run(OFFER)
    story.run(CLAIM)
    assert [each.due_on.isoformat() for each in story.find(FollowUpKind.LOOK_IN)][2:] == [
        "2026-10-14",
        "2026-10-20",
    ]


def test_a_category_may_have_a_plan_of_its_own() -> None:
    rules = Rules.model_validate({"overrides": [{"category": "vision", "look_in_days": [1]}]})
    assert accepted(rules=rules).dates()[-1] == ("look-in", "2026-10-27")
    story = accepted(rules=rules, category=Category.VISION)
    assert story.dates()[-1] == ("look-in", "2026-10-14")


def test_a_weekend_or_holiday_moves_to_the_next_school_day_except_in_a_crisis() -> None:
    break_ = {"name": "Fall break", "first": "2026-10-14", "last": "2026-10-21"}
    rules = Rules.model_validate({"holidays": [break_]})
    assert accepted(rules=rules, urgency=Urgency.SOON).dates() == [
        ("agency-silent", "2026-10-22"),
        ("look-in", "2026-10-22"),
    ]
    assert accepted(rules=rules, urgency=Urgency.CRISIS).dates()[0] == (
        "agency-silent",
        "2026-10-14",
    )


def test_it_falls_due_at_the_districts_morning_hour() -> None:
    story = accepted(rules=Rules(morning_hour=11))
    assert story.on("2026-10-23", 17) == []
    assert story.on("2026-10-23", 18) == ["FollowUpDue"]


def test_a_completion_ends_the_watch_and_asks_the_family_after_a_week() -> None:
    story = accepted()
    story.run(COMPLETED)
    assert [each.end for each in story.state.follow_ups] == [
        FollowUpEnd.NO_LONGER_APPLIES,
        FollowUpEnd.NO_LONGER_APPLIES,
        None,
    ]
    assert story.dates()[-1] == ("did-help-arrive", "2026-10-20")


# Overdue, and up


def test_nobody_acts_and_it_goes_up_to_the_site_lead_and_then_to_the_district_once_each() -> None:
    story = accepted()
    story.run(STARTED)  # only the look at the family is left
    assert story.on("2026-10-27") == ["FollowUpDue"]
    assert story.on("2026-10-29") == []
    assert story.on("2026-10-30") == ["FollowUpOverdue"]
    assert story.on("2026-11-03") == ["FollowUpEscalated"]
    assert story.on("2026-11-10") == ["FollowUpEscalated"]
    assert story.on("2027-06-01") == []
    levels = [each.level.value for each in story.told if isinstance(each, FollowUpEscalated)]
    assert levels == ["site-lead", "district"]


def test_after_two_weeks_in_which_everything_was_down_it_is_due_and_nobody_is_late_yet() -> None:
    story = accepted()
    assert story.on("2026-11-16") == ["FollowUpDue", "FollowUpDue"]
    assert {each.state for each in story.state.follow_ups} == {FollowUpState.DUE}


def test_a_change_of_rules_counts_from_the_next_step_on() -> None:
    story = accepted()
    story.run(STARTED)
    story.rules = Rules.model_validate({"plans": {"routine": {"overdue_days": 10}}})
    assert story.on("2026-10-27") == ["FollowUpDue"]
    assert story.on("2026-11-05") == []
    assert story.on("2026-11-06") == ["FollowUpOverdue"]


JUMPS = st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=20)), min_size=1, max_size=40)


@for_all(
    jumps=JUMPS,
    urgency=st.sampled_from(list(Urgency)),
    start=st.datetimes(datetime(2026, 8, 1), datetime(2027, 4, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    completed=st.booleans(),
)
@settings(deadline=None)
def test_however_the_clock_jumps_each_step_happens_once_on_a_school_morning(
    jumps: list[timedelta], urgency: Urgency, start: datetime, *, completed: bool
) -> None:
    rules = Rules.model_validate(
        {"holidays": [{"name": "Winter", "first": "2026-12-21", "last": "2027-01-08"}]}
    )
    story = Story(rules=rules, urgency=urgency)
    story.now = start
    offer = replace(OFFER, answer_by=start + timedelta(days=2))
    for command in (offer, CLAIM, *((COMPLETED,) if completed else ())):
        story.run(command)
    for jump in jumps:
        story.until(story.now + jump)
    steps = Counter((type(each).__name__, *_step(each)) for each in story.told)
    steps.pop(("ReferralOffered",), None)
    assert set(steps.values()) <= {1}
    for each in story.told:
        if isinstance(each, FollowUpScheduled) and urgency is not Urgency.CRISIS:
            assert rules.calendar.is_school_day(each.due_on)
    asked = [
        each
        for each in story.told
        if isinstance(each, FollowUpDue) and each.kind is FollowUpKind.DID_HELP_ARRIVE
    ]
    assert len(asked) <= rules.plans.of(urgency).ask_at_most
    assert story.state.next_due is None or story.state.next_due > story.now


def _step(event: Event) -> tuple[str, ...]:
    fields = (getattr(event, name, None) for name in ("follow_up", "level"))
    return tuple(str(each) for each in fields if each is not None)


@pytest.mark.parametrize(
    ("accepted_at", "due_at"),
    [
        # Pacific time falls back on 1 November 2026 and springs forward on 14 March 2027.
        ("2026-10-26T19:00:00+00:00", "2026-11-02T17:00:00+00:00"),
        ("2027-03-10T19:00:00+00:00", "2027-03-17T16:00:00+00:00"),
    ],
)
def test_a_change_of_clocks_between_makes_it_due_once_at_nine(
    accepted_at: str, due_at: str
) -> None:
    story = Story(OFFER, urgency=Urgency.SOON)
    story.now = datetime.fromisoformat(accepted_at)
    story.run(CLAIM)
    story.run(STARTED)
    due = datetime.fromisoformat(due_at)
    assert story.until(due - timedelta(seconds=1)) == []
    assert story.until(due) == ["FollowUpDue"]
    assert story.until(due + timedelta(hours=2)) == []


# The family's answer


def asked_at_last() -> Story:
    """Return a completed referral whose family was asked three times in vain."""
    story = Story(OFFER, CLAIM, COMPLETED)
    for day in ("2026-10-20", "2026-10-23", "2026-10-27", "2026-10-30"):
        story.on(day)
    return story


def test_without_an_answer_the_family_is_asked_again_a_week_later() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    assert story.on("2026-10-20") == ["FollowUpDue"]
    assert story.on("2026-10-23") == ["FollowUpOverdue"]
    assert story.on("2026-10-27") == ["FollowUpDone", "FollowUpScheduled", "FollowUpDue"]
    assert [each.tries for each in story.find(FollowUpKind.DID_HELP_ARRIVE)] == [1, 2]


def test_after_the_agreed_number_of_tries_it_stays_closed_and_not_verified() -> None:
    story = asked_at_last()
    assert story.on("2026-11-03") == ["FollowUpDone", "FollowUpScheduled", "FollowUpDue"]
    assert story.on("2026-11-06") == ["FollowUpOverdue"]
    assert story.on("2026-11-10") == ["FollowUpDone"]
    assert (story.state.state, story.state.business) == (
        State.COMPLETED,
        BusinessStatus.NOT_VERIFIED,
    )
    assert story.on("2027-06-01") == [], "no more questions"


def test_a_family_that_answers_late_still_has_the_last_word() -> None:
    for reply, business in (
        (ReplyCode.YES, BusinessStatus.FAMILY_VERIFIED),
        (ReplyCode.NO, BusinessStatus.DISPUTED),
    ):
        story = asked_at_last()
        story.on("2026-11-03")
        story.on("2026-11-06")
        story.on("2026-11-20")
        assert story.state.business is BusinessStatus.NOT_VERIFIED
        story.run(commands.Answer(reply))
        assert story.state.business is business


def test_an_answer_between_two_askings_counts_and_the_second_is_not_sent() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.on("2026-10-20")
    story.rules = Rules.model_validate(
        {"holidays": [{"name": "Fall break", "first": "2026-10-26", "last": "2026-10-30"}]}
    )
    story.on("2026-10-23")
    story.on("2026-11-02", 16)  # the asking is again: on Monday at nine
    assert story.run(commands.Answer(ReplyCode.YES)) == ["ReferralVerified", "FollowUpDone"]
    assert story.on("2027-06-01") == []


def test_the_same_no_again_changes_nothing_and_a_later_yes_verifies() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.on("2026-10-20")
    assert story.run(commands.Answer(ReplyCode.NO)) == ["ReferralDisputed", "FollowUpDone"]
    assert story.run(commands.Answer(ReplyCode.NO)) == []
    assert story.run(commands.Answer(ReplyCode.YES)) == ["ReferralVerified"]
    assert story.run(commands.Answer(ReplyCode.YES)) == []
