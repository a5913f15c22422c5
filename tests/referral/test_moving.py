"""Taking back, resting and handing over: given a state, when staff ask for it, then this."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.codes import Audience, HoldReason, Progress, Template
from contracts.event import Event
from contracts.referrals import ReferralClaimRefused, ReferralOnHold
from services.chassis.errors import EnlaceError
from services.referral.model import commands
from services.referral.model.calendar import Holiday
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules
from services.referral.model.telling import Telling, refusal
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS, family
from tests.referral.test_decide import CLAIM, COMPLETED, OFFER, RULES, STARTED, STATES, given

RECALL = commands.Recall(acted=False)
THANKS = Holiday(name="Thanksgiving", first=date(2026, 11, 23), last=date(2026, 11, 27))
HOLD = commands.Hold(HoldReason.SCHOOL_BREAK, date(2026, 10, 20))


def after(state: Referral, *wishes: commands.Command, at: datetime = NOW) -> Referral:
    for wish in wishes:
        state = evolve_all(state, decide(state, wish, at, RULES), at)
    return state


def happens(state: Referral, wish: commands.Command, at: datetime = NOW) -> Sequence[Event]:
    return decide(state, wish, at, RULES)


def refused(state: Referral, wish: commands.Command, at: datetime = NOW) -> str:
    with pytest.raises(EnlaceError) as error:
        decide(state, wish, at, RULES)
    return error.value.slug


def due() -> Referral:
    """Return one that has follow-ups."""
    found = STATES["completed"]
    assert found.follow_ups
    return found


class TestRecall:
    def test_brings_back_the_draft_so_that_others_can_be_asked(self) -> None:
        back = after(STATES["requested"], RECALL)
        assert (back.state, back.candidates) == (State.DRAFT, ())
        asked = after(back, commands.Request(SMILES, BANDS, NOW + timedelta(days=1)))
        assert (asked.state, asked.round) == (State.REQUESTED, 2)

    def test_of_the_asking_that_was_undone_the_family_hears_nothing(self) -> None:
        back = after(STATES["requested"], RECALL)
        asked = after(back, commands.Request(SMILES, BANDS, NOW + timedelta(days=1)))
        told = asked.having(audience=Audience.GUARDIAN)

        def why_not(round: int) -> str | None:
            return refusal(told, family(), Telling(Template.FAMILY_ASKED, "per-mother", round))

        assert (why_not(1), why_not(2)) == ("cause-gone", None)

    def test_sent_again_is_no_second_event(self) -> None:
        assert list(happens(after(STATES["requested"], RECALL), RECALL)) == []

    def test_works_for_ten_minutes(self) -> None:
        sent = STATES["requested"]
        assert happens(sent, RECALL, NOW + timedelta(minutes=10))
        late = NOW + timedelta(minutes=10, seconds=1)
        assert refused(sent, RECALL, late) == "too-late-to-undo"

    def test_of_a_second_asking_works_for_ten_minutes_too(self) -> None:
        expired, again = NOW + timedelta(days=2), NOW + timedelta(days=3)
        one = commands.Request(SMILES, BANDS, expired)
        unanswered = after(after(STATES["draft"], one), commands.Expire(1), at=expired)
        assert unanswered.since == expired
        other = commands.Request(TOOTH_BUS, BANDS, again + timedelta(days=2))
        asked = after(unanswered, other, at=again)
        assert (asked.round, asked.since) == (2, again)
        assert happens(asked, RECALL, again + timedelta(minutes=10))

    def test_is_refused_once_an_agency_has_answered(self) -> None:
        assert refused(STATES["requested"], commands.Recall(acted=True)) == "already-acted-on"
        assert refused(STATES["awaiting consent"], RECALL) == "already-acted-on"

    @pytest.mark.parametrize("name", ["draft", "accepted", "completed", "cancelled"])
    def test_is_refused_where_nothing_was_just_sent(self, name: str) -> None:
        assert refused(STATES[name], RECALL) == "wrong-state"

    def test_a_claim_that_crosses_it_is_refused_as_cancelled(self) -> None:
        (answer,) = happens(after(STATES["requested"], RECALL), CLAIM)
        assert isinstance(answer, ReferralClaimRefused)
        assert answer.reason == "cancelled"


class TestHold:
    def test_rests_and_wakes_on_the_morning_after_its_last_day(self) -> None:
        resting = after(STATES["accepted"], HOLD)
        assert (resting.state, resting.reason) == (State.ON_HOLD, HoldReason.SCHOOL_BREAK)
        wakes = datetime(2026, 10, 21, 16, 0, tzinfo=UTC)  # nine in the morning in Los Angeles
        assert resting.next_due == wakes
        assert list(happens(resting, commands.Tick(), wakes - timedelta(seconds=1))) == []
        woken = after(resting, commands.Tick(), at=wakes)
        assert (woken.state, woken.held_until) == (State.IN_PROGRESS, None)
        assert list(happens(woken, commands.Tick(), wakes)) == []

    def test_wakes_at_nine_also_when_the_clocks_have_changed_meanwhile(self) -> None:
        resting = after(
            STATES["accepted"], commands.Hold(HoldReason.FAMILY_ASKED, date(2026, 11, 1))
        )
        due = [each.due_at for each in resting.follow_ups]
        wakes = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)  # an hour later in UTC than in summer
        assert resting.next_due == min([*due, wakes])
        assert after(resting, commands.Tick(), at=wakes).state is State.IN_PROGRESS

    @pytest.mark.parametrize(
        ("rules", "wakes"),
        [
            (Rules(), datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),  # a Monday
            (Rules(morning_hour=10), datetime(2026, 11, 23, 18, 0, tzinfo=UTC)),
            (Rules(holidays=(THANKS,)), datetime(2026, 11, 30, 17, 0, tzinfo=UTC)),
        ],
    )
    def test_wakes_on_a_morning_with_school(self, rules: Rules, wakes: datetime) -> None:
        friday = commands.Hold(HoldReason.FAMILY_ASKED, date(2026, 11, 20))
        taken = STATES["accepted"].having(follow_ups=())
        resting = evolve_all(taken, decide(taken, friday, NOW, rules), NOW)
        assert (resting.wakes_at, resting.next_due) == (wakes, wakes)
        weekend = wakes - timedelta(seconds=1)
        assert list(decide(resting, commands.Tick(), weekend, rules)) == []
        woken = evolve_all(resting, decide(resting, commands.Tick(), wakes, rules), wakes)
        assert (woken.state, woken.wakes_at) == (State.IN_PROGRESS, None)

    def test_without_a_day_it_rests_until_told(self) -> None:
        resting = after(STATES["accepted"], commands.Hold(HoldReason.FAMILY_ASKED))
        later = NOW + timedelta(days=200)
        assert after(resting, commands.Tick(), at=later).state is State.ON_HOLD
        assert after(resting, commands.Resume()).state is State.IN_PROGRESS

    def test_another_last_day_moves_it(self) -> None:
        resting = after(STATES["accepted"], HOLD)
        (moved,) = happens(resting, commands.Hold(HoldReason.SCHOOL_BREAK, date(2026, 10, 27)))
        assert isinstance(moved, ReferralOnHold)
        assert list(happens(resting, HOLD)) == []

    def test_a_day_that_has_passed_is_refused(self) -> None:
        past = commands.Hold(HoldReason.OTHER, date(2026, 10, 12))
        assert refused(STATES["accepted"], past) == "date-has-passed"

    @pytest.mark.parametrize("name", ["draft", "requested", "completed", "cancelled"])
    def test_only_what_an_agency_has_taken_can_rest(self, name: str) -> None:
        assert refused(STATES[name], HOLD) == "wrong-state"

    def test_the_agency_may_go_on_meanwhile(self) -> None:
        resting = after(STATES["accepted"], HOLD)
        going = after(resting, STARTED)
        assert going.state is State.IN_PROGRESS
        assert after(resting, COMPLETED).state is State.COMPLETED

    def test_resume_needs_a_rest(self) -> None:
        assert list(happens(STATES["accepted"], commands.Resume())) == []
        assert refused(STATES["requested"], commands.Resume()) == "wrong-state"


class TestTransfer:
    def test_changes_owner_and_school_and_nothing_else(self) -> None:
        before = given(OFFER)
        moved = after(before, commands.Transfer("hugo", "site-02"))
        assert (moved.coordinator, moved.site) == ("hugo", "site-02")
        assert (moved.state, moved.candidates, moved.since) == (
            before.state,
            before.candidates,
            before.since,
        )

    def test_at_another_school_nobody_of_the_old_one_owns_a_follow_up(self) -> None:
        hers = tuple(each.model_copy(update={"owner": "nurse"}) for each in due().follow_ups)
        before = due().having(follow_ups=hers)
        there = after(before, commands.Transfer("hugo", "site-02"))
        assert {each.owner for each in there.follow_ups} == {None}
        beside = after(before, commands.Transfer("hugo", "site-01"))
        assert {each.owner for each in beside.follow_ups} == {"nurse"}

    def test_to_the_same_hands_is_no_event(self) -> None:
        assert list(happens(given(), commands.Transfer("rosa", "site-01"))) == []

    @pytest.mark.parametrize("name", ["cancelled"])
    def test_what_has_ended_stays_where_it_was(self, name: str) -> None:
        assert refused(STATES[name], commands.Transfer("hugo", "site-01")) == "wrong-state"

    @pytest.mark.parametrize("name", ["completed", "failed", "rejected"])
    def test_what_still_calls_for_somebody_goes_with_the_rest(self, name: str) -> None:
        there = after(STATES[name], commands.Transfer("hugo", "site-01"))
        assert (there.coordinator, there.state) == ("hugo", STATES[name].state)


def test_a_claim_on_hold_can_still_fail() -> None:
    resting = after(STATES["accepted"], HOLD)
    gone = after(resting, commands.Report("clm-1", Progress.COULD_NOT_CONTACT))
    assert gone.state is State.FAILED
