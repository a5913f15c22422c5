"""Any life that a referral can have: random commands, and rules that hold whatever comes."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.categories import Category
from contracts.codes import (
    CancelReason,
    DeclineReason,
    HoldReason,
    Outcome,
    Progress,
    ReplyCode,
    Urgency,
)
from contracts.event import Event
from contracts.follow_ups import (
    FollowUpDone,
    FollowUpDue,
    FollowUpKind,
    FollowUpOverdue,
    SnoozeReason,
)
from contracts.referrals import (
    Candidate,
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralClaimRefused,
    ReferralUnmet,
    ReferralVerified,
)
from services.chassis.errors import EnlaceError
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import FollowUp, FollowUpState, local_date
from services.referral.model.follow_up_commands import (
    FinishFollowUp,
    ReassignFollowUp,
    SnoozeFollowUp,
)
from services.referral.model.referral import OPEN, Referral, State
from services.referral.model.rules import Rules
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS, referral

RULES = Rules()
S = State
AFTER: dict[State, set[State]] = {
    S.DRAFT: {S.REQUESTED, S.CANCELLED},
    S.REQUESTED: {S.ACCEPTED, S.REJECTED, S.CANCELLED, S.DRAFT},
    S.ACCEPTED: {S.IN_PROGRESS, S.ON_HOLD, S.COMPLETED, S.FAILED, S.CANCELLED},
    S.IN_PROGRESS: {S.ON_HOLD, S.COMPLETED, S.FAILED, S.CANCELLED},
    S.ON_HOLD: {S.IN_PROGRESS, S.COMPLETED, S.FAILED, S.CANCELLED},
    S.COMPLETED: set(),
    S.FAILED: set(),
    S.REJECTED: set(),
    S.CANCELLED: set(),
    S.ENTERED_IN_ERROR: set(),
}
"""HL7 Gravity's table, and from *requested* back to *draft*: a sending that was undone."""

CLAIMS = st.sampled_from(["clm-1", "clm-2", "clm-3"])
ROUNDS = st.integers(1, 4)
REASONS = st.sampled_from(list(DeclineReason))
FURTHER = [Candidate(service=f"svc-more-{n}", agency=f"agy-more-{n}") for n in range(3)]
OUTCOMES = st.sampled_from(list(Outcome))
PLACES = st.integers(0, 7)
STAFF = st.sampled_from(["rosa", "hugo", "nora"])
HELPED = {Outcome.NEED_MET, Outcome.PARTLY_MET}
WITH_AGENCY = {S.ACCEPTED, S.IN_PROGRESS, S.ON_HOLD}
LOOK_IN = FollowUpKind.LOOK_IN


class Life(RuleBasedStateMachine):
    """One referral under commands of everybody who can send one, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.state = referral(category=Category.DENTAL)
        self.now = NOW
        self.sent = NOW
        self.events: list[Event] = []
        self.put_off: Counter[str] = Counter()
        self.plans: dict[tuple[int, int], Candidate] = {}

    @initialize(stage=st.sampled_from(["draft", "asked", "accepted", "accepted", "outside"]))
    def begins(self, stage: str) -> None:
        """Far enough on the way that chance finds what comes late; by the same rules."""
        if stage in {"asked", "accepted"}:
            self.staff_ask(several=False)
        if stage == "accepted":
            self.an_agency_claims("clm-1", round=1, consented=True)
        if stage == "outside":
            self.staff_bring_them_elsewhere()

    def run(self, wish: commands.Command) -> Sequence[Event]:
        before = self.state
        events = decide_or_none(before, wish, self)
        self.state = evolve_all(before, events, self.now)
        self.events += events
        after = self.state.state
        allowed = AFTER[before.state] | {before.state, S.ENTERED_IN_ERROR}
        if isinstance(wish, commands.HandOver) and before.state is S.DRAFT:
            allowed |= {S.ACCEPTED}  # nobody is asked: the family was brought there
        assert after in allowed, f"{before.state} to {after} by {wish}"
        # An event is handled once: its claim or answer never comes a second time.
        if not isinstance(wish, commands.Answer | commands.Claim):
            again = decide_or_none(self.state, wish, self)
            assert not again, f"{wish} has its effect twice: {again}"
        return events

    @rule(minutes=st.sampled_from([1, 9, 11, 60, 24 * 60, 8 * 24 * 60, 40 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.run(commands.Tick())

    @rule(several=st.booleans())
    def staff_ask(self, several: bool) -> None:  # noqa: FBT001 - drawn by name
        by = self.now + timedelta(days=2)
        wish: commands.Command = commands.Request(SMILES, BANDS, by)
        if several:
            wish = commands.Offer((SMILES, TOOTH_BUS), BANDS, by)
        if self.run(wish):
            self.sent = self.now

    @rule(place=st.sampled_from(FURTHER), later=st.booleans())
    def staff_ask_one_more(self, place: Candidate, later: bool) -> None:  # noqa: FBT001 - drawn by name
        """Of a round that is open, each place once; a plan is one until its hour or its end."""
        before = self.state
        at = self.now + timedelta(days=1) if later else None
        wish = commands.AskMore((place,), self.now + timedelta(days=2), at)
        asked = bool(self.run(wish))
        assert asked == (asks_now(before) and not before.asks(place))
        if asked:
            assert self.state.candidates == (*before.candidates, place)
            assert self.state.wave == before.wave + 1
            self.plans |= {(self.state.round, self.state.wave): place} if later else {}

    @rule(last=st.booleans())
    def a_plan_is_taken_back(self, last: bool) -> None:  # noqa: FBT001 - drawn by name
        """Once; of the present round, while nobody has it: its place is asked no more."""
        if not self.plans:
            return
        (round, wave), place = self.plans.popitem()
        before = self.state
        wish = commands.DropWave((place,), round, wave, latest=before.wave, last=last)
        dropped = bool(self.run(wish))
        assert dropped == (asks_now(before) and round == before.round and before.asks(place))
        if dropped:
            left = tuple(each for each in before.candidates if each != place)
            assert self.state.candidates == (() if last else left)

    @rule()
    def all_consents_fall_into_doubt(self) -> None:
        """Nobody further is asked; who was, may answer. Partner says what becomes of the plan."""
        before = self.state
        stopped = bool(self.run(commands.StopWaves()))
        assert stopped == (asks_now(before) and bool(before.planned))
        assert self.state.candidates == before.candidates

    @rule(place=st.sampled_from([SMILES, TOOTH_BUS, *FURTHER]))
    def staff_ask_one_no_more(self, place: Candidate) -> None:
        before = self.state
        wish = commands.WithdrawOffer(place, before.round, before.wave, last=False)
        gone = bool(self.run(wish))
        assert gone == (asks_now(before) and before.asks(place))
        assert not (gone and self.state.asks(place))

    @rule(claim=CLAIMS, round=ROUNDS, consented=st.booleans())
    def an_agency_claims(self, claim: str, round: int, consented: bool) -> None:  # noqa: FBT001 - drawn by name
        answered = any(getattr(each, "claim", None) == claim for each in self.events)
        wish = commands.Claim(claim, "svc", "agy", round, consented)
        if not answered:  # partner makes each claim's id once
            self.run(wish)

    @rule(round=ROUNDS, reason=REASONS, crossed=st.booleans())
    def all_decline(self, round: int, reason: DeclineReason, crossed: bool) -> None:  # noqa: FBT001 - drawn by name
        """An end that a wave has crossed is none: it knew of fewer."""
        before, wave = self.state, self.state.wave - crossed
        ended = bool(self.run(commands.NobodyTookIt(round, reason, wave)))
        assert ended == (asks_now(before) and round == before.round and not crossed)

    @rule(round=ROUNDS, crossed=st.booleans())
    def nobody_answers(self, round: int, crossed: bool) -> None:  # noqa: FBT001 - drawn by name
        before, wave = self.state, self.state.wave - crossed
        ended = bool(self.run(commands.Expire(round, wave)))
        assert ended == (asks_now(before) and round == before.round and not crossed)

    @rule()
    def the_family_consents(self) -> None:
        self.run(commands.HonourConsent())

    @rule()
    def the_family_takes_its_consent_back(self) -> None:
        self.run(commands.LoseConsent())
        assert self.state.claim is None or self.state.state not in OPEN

    @rule(claim=CLAIMS, progress=st.sampled_from(list(Progress)), how=OUTCOMES, dated=st.booleans())
    def the_agency_reports(
        self,
        claim: str,
        progress: Progress,
        how: Outcome,
        dated: bool,  # noqa: FBT001 - drawn by name
    ) -> None:
        date = self.now + timedelta(days=3) if dated else None
        before = self.state
        if self.run(commands.Report(claim, progress, date, how)) and progress is Progress.COMPLETED:
            assert before.state in WITH_AGENCY
            assert self.state.state is (S.COMPLETED if how in HELPED else S.FAILED)

    @rule(urgency=st.sampled_from(list(Urgency)))
    def staff_put_it_right(self, urgency: Urgency) -> None:
        """While nobody was asked; a crisis is looked at from then on, and what is none, no more."""
        before = self.state
        wish = commands.Correct(before.category, urgency, before.audience, reworded=False)
        put_right = bool(self.run(wish))
        assert put_right == (before.state is S.DRAFT and before.urgency is not urgency)
        assert self.state.urgency is (urgency if put_right else before.urgency)
        if put_right:
            looks = any(each.waits and each.kind is LOOK_IN for each in self.state.follow_ups)
            assert looks == (urgency is Urgency.CRISIS)

    @rule()
    def staff_bring_them_elsewhere(self) -> None:
        """Of what no agency is asked for; once."""
        before = self.state
        handed = bool(self.run(commands.HandOver("out-1")))
        free = before.state is S.DRAFT or (
            before.state is S.REQUESTED and not before.candidates and not before.claim
        )
        assert handed == free
        if handed:
            assert self.state.state is S.ACCEPTED
            assert self.state.handed_off

    @rule(how=OUTCOMES)
    def staff_hear_how_it_ended_there(self, how: Outcome) -> None:
        """By the same rule as of an agency; of what was handed over, while it is there."""
        before = self.state
        closed = bool(self.run(commands.CloseHandOff(how)))
        assert closed == (before.handed_off and before.state in WITH_AGENCY)
        if closed:
            assert self.state.outcome is how
            assert self.state.state is (S.COMPLETED if how in HELPED else S.FAILED)

    @rule(place=PLACES, by=STAFF)
    def staff_see_to_a_follow_up(self, place: int, by: str) -> None:
        """One that waits is done, by whoever saw to it; the others stay as they are."""
        before = self.state.follow_ups
        each = self.follow_up(place)
        if each is None:
            return
        done = bool(self.run(FinishFollowUp(each.id, by)))
        assert done == each.waits
        after = self.follow_up(place)
        assert after is not None
        assert not after.waits
        if done:
            assert after.done_by == by
        assert [x for x in self.state.follow_ups if x.id != each.id] == [
            x for x in before if x.id != each.id
        ]

    @rule(place=PLACES, days=st.integers(-1, 40))
    def staff_put_one_off(self, place: int, days: int) -> None:
        """To a day from tomorrow on that the plan allows, or the next school day."""
        each = self.follow_up(place)
        if each is None:
            return
        day = local_date(self.now, self.state.zone) + timedelta(days=days)
        most = RULES.plan(self.state.category, self.state.urgency).snooze_at_most_days
        if self.run(SnoozeFollowUp(each.id, day, SnoozeReason.FAMILY_ASKED, "rosa")):
            self.put_off[each.id] += 1
        after = self.follow_up(place)
        assert after is not None
        if each.waits and 1 <= days <= most:
            assert day <= after.due_on <= day + timedelta(days=21), "a holiday at the longest"
            assert after.state is FollowUpState.PENDING
        else:
            assert after == each

    @rule(place=PLACES, to=STAFF)
    def staff_give_one_to_somebody(self, place: int, to: str) -> None:
        """Whose it is sees to it; its coordinator's goes with the referral."""
        each = self.follow_up(place)
        if each is None:
            return
        self.run(ReassignFollowUp(each.id, to, "rosa"))
        after = self.follow_up(place)
        assert after is not None
        if each.waits:
            assert (after.owner or self.state.coordinator) == to
        else:
            assert after == each

    def follow_up(self, place: int) -> FollowUp | None:
        """Return one of those that there are, by chance."""
        there = self.state.follow_ups
        return there[place % len(there)] if there else None

    @rule(reply=st.sampled_from(list(ReplyCode)))
    def the_family_answers(self, reply: ReplyCode) -> None:
        self.run(commands.Answer(reply))

    @rule(acted=st.booleans())
    def staff_undo(self, acted: bool) -> None:  # noqa: FBT001 - drawn by name
        before, young = self.state, self.now - self.sent <= timedelta(minutes=10)
        asked = before.state is S.REQUESTED and before.candidates and before.claim is None
        undone = bool(self.run(commands.Recall(acted)))
        assert undone == bool(asked and young and not acted)

    @rule(days=st.none() | st.integers(-2, 30))
    def staff_rest(self, days: int | None) -> None:
        until = None if days is None else self.now.date() + timedelta(days=days)
        self.run(commands.Hold(HoldReason.OTHER, until))

    @rule()
    def staff_go_on(self) -> None:
        self.run(commands.Resume())

    @rule(to=st.sampled_from(["rosa", "hugo"]))
    def staff_hand_over(self, to: str) -> None:
        self.run(commands.Transfer(to, "site-01"))

    @rule()
    def staff_cancel(self) -> None:
        self.run(commands.Cancel(CancelReason.MOVED_AWAY))

    @rule()
    def it_was_an_error(self) -> None:
        if self.state.state not in OPEN:  # seldom, and only at the end: it ends every life
            self.run(commands.EnterInError())

    @invariant()
    def a_claim_is_answered_once_and_one_stands_at_most(self) -> None:
        standing: str | None = None
        refused: set[str] = set()
        for event in self.events:
            match event:
                case ReferralAwaitingConsent() | ReferralAccepted():
                    assert standing in {None, event.claim}
                    assert event.claim not in refused
                    standing = event.claim
                case ReferralClaimRefused():
                    assert event.claim not in refused, "refused twice"
                    refused.add(event.claim)
                    if standing == event.claim:
                        standing = None
                case _:
                    pass

    @invariant()
    def each_follow_up_is_due_once_and_done_once(self) -> None:
        """Once more for each time that it was put off."""
        for kind in (FollowUpDue, FollowUpOverdue, FollowUpDone):
            seen = Counter(each.follow_up for each in self.events if isinstance(each, kind))
            more = Counter() if kind is FollowUpDone else self.put_off
            often = [id for id, times in seen.items() if times > 1 + more[id]]
            assert not often, f"{kind.__name__} came too often"

    @invariant()
    def what_has_ended_waits_for_nobody_but_the_family(self) -> None:
        waits = {each.kind.value for each in self.state.follow_ups if each.waits}
        if self.state.state in {S.CANCELLED, S.ENTERED_IN_ERROR}:
            assert not waits
            assert self.state.next_due is None
        if self.state.state is S.COMPLETED:
            assert waits <= {"did-help-arrive"}

    @invariant()
    def only_what_the_partner_closed_is_verified(self) -> None:
        names = [type(each).__name__ for each in self.events]
        if any(isinstance(each, ReferralVerified) for each in self.events):
            assert "ReferralCompleted" in names

    @invariant()
    def an_unmet_need_counts_once(self) -> None:
        assert sum(isinstance(each, ReferralUnmet) for each in self.events) <= 1


def asks_now(state: Referral) -> bool:
    """Tell whether somebody is asked, and nobody has said yes."""
    return state.state is S.REQUESTED and state.claim is None and bool(state.candidates)


def decide_or_none(state: Any, wish: commands.Command, life: Life) -> Sequence[Event]:
    """What the same command again would do; a refusal does nothing either."""
    try:
        return decide(state, wish, life.now, RULES)
    except EnlaceError:
        return ()


Life.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
