"""Given a plan, when time passes or somebody acts, then each follow-up does its part once."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from contracts.categories import Category
from contracts.codes import DeclineReason, Outcome, Progress, ReplyCode, Urgency
from contracts.event import Event
from contracts.follow_ups import (
    FollowUpCause,
    FollowUpDue,
    FollowUpEnd,
    FollowUpEscalated,
    FollowUpKind,
    FollowUpScheduled,
    SnoozeReason,
)
from services.chassis.errors import EnlaceError
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import FollowUp, FollowUpState
from services.referral.model.follow_up_commands import (
    AskForCall,
    CallNotNeeded,
    FinishFollowUp,
    ReassignFollowUp,
    SnoozeFollowUp,
)
from services.referral.model.referral import BusinessStatus, Referral, State
from services.referral.model.rules import Rules
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS, referral

RULES = Rules()
TICK = commands.Tick()
OFFER = commands.Offer((SMILES, TOOTH_BUS), BANDS, NOW + timedelta(days=2))
CLAIM = commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=True)
STARTED = commands.Report("clm-1", Progress.STARTED)
COMPLETED = commands.Report("clm-1", Progress.COMPLETED, outcome=Outcome.NEED_MET)
WEEK = timedelta(days=7)


class Story:
    """A referral with its history, moved on by commands and by time."""

    def __init__(self, *history: commands.Command, rules: Rules = RULES, **start: Any) -> None:
        self.rules = rules
        self.now = NOW
        self.state: Referral = referral(**start)
        self.told: list[Event] = []
        for each in history:
            self.run(each)

    def run(self, command: commands.Command) -> list[str]:
        happened = decide(self.state, command, self.now, self.rules)
        if happened:
            self.state = evolve_all(self.state, happened, self.now)
        self.told += happened
        return [type(event).__name__ for event in happened]

    def until(self, then: datetime) -> list[str]:
        """Let time pass at once, as after a stop, and sweep until all is at rest."""
        self.now = max(self.now, then)
        told: list[str] = []
        for _ in range(20):
            if self.state.next_due is None or self.state.next_due > self.now:
                return told
            told += self.run(TICK)
        raise AssertionError("the sweep finds no rest")

    def on(self, day: str, hour: int = 17) -> list[str]:
        """Let time pass until an hour (UTC) of a day."""
        return self.until(datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00"))

    def find(self, kind: FollowUpKind) -> list[FollowUp]:
        return [each for each in self.state.follow_ups if each.kind is kind]

    def dates(self) -> list[tuple[str, str]]:
        return [(each.kind.value, each.due_on.isoformat()) for each in self.state.follow_ups]


def accepted(**start: Any) -> Story:
    return Story(OFFER, CLAIM, **start)


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
    for command in (OFFER, CLAIM, *((COMPLETED,) if completed else ())):
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


# Seen to, put off, given away


def due_look() -> tuple[Story, str]:
    story = accepted()
    story.run(STARTED)
    story.on("2026-10-27")
    return story, story.find(FollowUpKind.LOOK_IN)[0].id


def test_one_that_was_seen_to_goes_no_further() -> None:
    story, id = due_look()
    assert story.run(FinishFollowUp(id, "rosa")) == ["FollowUpDone"]
    assert story.run(FinishFollowUp(id, "rosa")) == [], "its effect already holds"
    assert story.on("2027-06-01") == []


def test_the_family_answers_on_the_telephone() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.on("2026-10-20")
    question = story.find(FollowUpKind.DID_HELP_ARRIVE)[0].id
    assert story.run(FinishFollowUp(question, "rosa", ReplyCode.YES)) == [
        "ReferralVerified",
        "FollowUpDone",
    ]
    assert story.run(FinishFollowUp(question, "rosa", ReplyCode.YES)) == []


def test_a_question_that_is_given_up_by_hand_verifies_nothing() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.run(FinishFollowUp(story.find(FollowUpKind.DID_HELP_ARRIVE)[0].id, "rosa"))
    assert story.state.business is BusinessStatus.NOT_VERIFIED


def test_a_reply_to_what_asks_nothing_is_refused() -> None:
    story, id = due_look()
    with pytest.raises(EnlaceError, match="no-question"):
        story.run(FinishFollowUp(id, "rosa", ReplyCode.YES))


def snooze(id: str, day: str) -> SnoozeFollowUp:
    return SnoozeFollowUp(id, date.fromisoformat(day), SnoozeReason.FAMILY_ASKED, "rosa")


def test_one_that_is_put_off_falls_due_again_on_its_new_date() -> None:
    story, id = due_look()
    assert story.run(snooze(id, "2026-11-05")) == ["FollowUpSnoozed"]
    assert story.run(snooze(id, "2026-11-05")) == []
    assert story.on("2026-11-04") == []
    assert story.on("2026-11-05") == ["FollowUpDue"]
    assert story.on("2026-11-06") == [], "its days begin anew"


def test_a_snooze_to_a_saturday_is_for_monday() -> None:
    story, id = due_look()
    story.run(snooze(id, "2026-11-07"))
    assert story.find(FollowUpKind.LOOK_IN)[0].due_on == date(2026, 11, 9)


@pytest.mark.parametrize("day", ["2026-10-26", "2026-10-27", "2026-11-27"])
def test_a_snooze_to_a_day_that_cannot_be_says_which_can(day: str) -> None:
    story, id = due_look()
    with pytest.raises(EnlaceError, match="from tomorrow until 2026-11-26"):
        story.run(snooze(id, day))


def test_one_that_went_up_comes_down_when_it_is_put_off() -> None:
    story, id = due_look()
    story.on("2026-10-30")
    story.on("2026-11-03")
    story.run(snooze(id, "2026-11-10"))
    look = story.find(FollowUpKind.LOOK_IN)[0]
    assert (look.state, look.level) == (FollowUpState.PENDING, None)


def test_it_is_given_to_somebody_else_once() -> None:
    story, id = due_look()
    give = ReassignFollowUp(id, "nurse", "rosa")
    assert story.run(give) == ["FollowUpReassigned"]
    assert story.run(give) == []
    assert story.find(FollowUpKind.LOOK_IN)[0].owner == "nurse"


def test_what_is_over_cannot_be_put_off_or_given_away() -> None:
    story, id = due_look()
    story.run(FinishFollowUp(id, "rosa"))
    for command in (snooze(id, "2026-11-05"), ReassignFollowUp(id, "nurse", "rosa")):
        with pytest.raises(EnlaceError, match="follow-up-over"):
            story.run(command)
    with pytest.raises(EnlaceError, match="not-found"):
        story.run(FinishFollowUp("fol-nobodys", "rosa"))


# Silence, and messages that did not arrive


def test_offers_that_expired_twice_make_a_call_to_the_agency_once() -> None:
    story = Story(OFFER)
    assert story.run(commands.Expire(1)) == ["ReferralExpired"]
    story.run(commands.Offer((TOOTH_BUS,), BANDS, NOW + timedelta(days=4)))
    assert story.run(commands.Expire(2)) == ["ReferralExpired", "FollowUpScheduled"]
    call = story.find(FollowUpKind.CALL_AGENCY)[0]
    assert (call.because, call.due_on) == (FollowUpCause.OFFERS_EXPIRED, date(2026, 10, 13))
    story.run(commands.Offer((SMILES,), BANDS, NOW + timedelta(days=6)))
    assert story.run(commands.Expire(3)) == ["ReferralExpired"], "the call still waits"


def test_an_agency_that_takes_it_need_not_be_called_any_more() -> None:
    story = Story(OFFER, commands.Expire(1))
    story.run(commands.Offer((TOOTH_BUS,), BANDS, NOW + timedelta(days=4)))
    story.run(commands.Expire(2))
    story.run(commands.Request(SMILES, BANDS, NOW + timedelta(days=6)))
    story.run(commands.Claim("clm-3", "svc-smiles", "agy-smiles", round=3, consented=True))
    assert not story.find(FollowUpKind.CALL_AGENCY)[0].waits


def test_an_agency_without_a_word_after_its_yes_is_to_be_called() -> None:
    story = accepted()
    assert story.on("2026-10-22") == []
    assert story.on("2026-10-23") == ["FollowUpDue"]
    assert isinstance(story.told[-1], FollowUpDue)
    assert story.told[-1].kind is FollowUpKind.AGENCY_SILENT


def test_a_need_that_nobody_takes_leaves_nothing_waiting() -> None:
    story = Story(OFFER, AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.ANOTHER_CHANNEL))
    story.run(commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY))
    assert not any(each.waits for each in story.state.follow_ups)


STOPPED = AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.ANOTHER_CHANNEL)


def test_a_family_that_wants_no_texts_is_to_be_called_once_until_it_wants_them_again() -> None:
    story = accepted()
    assert story.run(STOPPED) == ["FollowUpScheduled"]
    assert story.run(STOPPED) == []
    assert story.run(CallNotNeeded(FollowUpCause.ANOTHER_CHANNEL)) == ["FollowUpDone"]
    assert story.run(CallNotNeeded(FollowUpCause.ANOTHER_CHANNEL)) == []
    assert story.run(STOPPED) == ["FollowUpScheduled"]


def test_nobody_is_called_about_a_referral_that_is_over() -> None:
    endings: Sequence[Sequence[commands.Command]] = (
        (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
        (commands.EnterInError(),),
        (OFFER, CLAIM, commands.Report("clm-1", Progress.NO_SHOW)),
    )
    for history in endings:
        assert Story(*history).run(STOPPED) == []
