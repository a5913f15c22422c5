"""Seats, a waitlist and offers together, whatever happens in whatever order.

Held beside a few lines by hand: whose turn it is by each policy, and who has a seat.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.codes import DeclineReason, RefusalReason
from contracts.offerings import OfferPromoted
from contracts.referrals import Waits
from services.chassis.errors import EnlaceError
from services.partner.model import answers, outcomes, passing
from services.partner.model.board import Board
from services.partner.model.offering import STANDING, Offering, OfferState
from services.partner.model.opening import open_round
from services.partner.model.seats import promote
from services.partner.model.waitlist import Waiting, WaitlistPolicy
from tests.partner.build import DONE, NOW, SMILES, Table, a_round, agreement, asked, capacity

CHILDREN = [f"ref-{n}" for n in range(6)]
SEATS = 2
child = st.sampled_from(CHILDREN)


def ranks(waiting: Waiting, policy: WaitlistPolicy) -> tuple[object, ...]:
    """Return a key by which a smaller one goes first, written down from the promise."""
    first: dict[WaitlistPolicy, object] = {
        WaitlistPolicy.FIRST_COME: 0,
        WaitlistPolicy.URGENCY: waiting.priority,
        WaitlistPolicy.TIER: 3 - (waiting.tier or 0),
        WaitlistPolicy.SIBLING: not waiting.sibling,
    }
    return first[policy], waiting.since


class Clinic(RuleBasedStateMachine):
    """One service with two seats, and six children who are offered to it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(capacity(SEATS))
        self.now = NOW
        self.rounds = dict.fromkeys(CHILDREN, 0)
        self.own: WaitlistPolicy | None = None
        self.agreed: WaitlistPolicy | None = None
        self.claims = 0

    @property
    def policy(self) -> WaitlistPolicy:
        return self.agreed or self.own or WaitlistPolicy.URGENCY

    @initialize()
    def everybody_is_asked_for(self) -> None:
        for n, each in enumerate(CHILDREN):
            self.ask(each, n % 4, n % 3 + 1, sibling=n % 2 == 0)
        # As on any day: the seats are taken, and some wait.
        self.claim(CHILDREN[:SEATS])
        for each in CHILDREN[SEATS:-1]:
            self.now += timedelta(minutes=1)
            self.wait(each)

    def do(self, what: Callable[[Board], object]) -> None:
        """Let something happen; what is refused leaves no trace."""
        before = {each.offer: each for each in self.table.seats().waitlist}
        board = self.table.board()
        told = len(self.table.told)
        try:
            what(board)
        except EnlaceError:
            return
        self.table.keep(board)
        fresh = [each for each in self.table.told[told:] if isinstance(each, OfferPromoted)]
        left = [each for each in self.table.seats().waitlist if each.offer in before]
        for promoted in fresh:
            mine = ranks(before[promoted.offer], self.policy)
            assert all(mine <= ranks(each, self.policy) for each in left)
            assert promoted.answer_by == self.now + timedelta(days=2)

    def offer_of(self, referral: str) -> str:
        return self.table.offer_of(SMILES, referral)

    def last_claim(self, referral: str) -> str:
        claims = self.table.offering(referral).claims
        return claims[-1].id if claims else "none"

    @rule(
        who=child,
        priority=st.integers(0, 3),
        tier=st.sampled_from([None, 1, 2, 3]),
        sibling=st.booleans(),
    )
    def ask(self, who: str, priority: int, tier: int | None, *, sibling: bool) -> None:
        known = self.table.known.get(who)
        if isinstance(known, Offering) and (known.standing or known.pending):
            return  # referral asks nobody while a claim stands, or before all have answered
        self.rounds[who] += 1
        waits = Waits(tier=tier, siblings=(SMILES.service,) if sibling else ())
        wish = a_round(
            who,
            self.rounds[who],
            priority=priority,
            waits=waits,
            candidates=(SMILES,),
            answer_by=self.now + timedelta(days=2),
        )
        self.do(lambda board: open_round(board, wish, (asked(),), self.table.at(self.now)))

    @rule(who=st.lists(child, min_size=1, max_size=6, unique=True))
    def claim(self, who: list[str]) -> None:
        """Several at the same instant: each decides on what stands when its turn comes."""
        for each in who:
            self.claims += 1
            made = f"c{self.claims}"
            self.do(partial(self._claim, who=each, claim=made))

    def _claim(self, board: Board, who: str, claim: str) -> None:
        answers.claim(board, who, self.offer_of(who), claim, self.now)

    @rule(who=child)
    def wait(self, who: str) -> None:
        self.do(lambda board: answers.wait(board, who, self.offer_of(who), self.now))

    @rule(who=child)
    def decline(self, who: str) -> None:
        no = answers.No(DeclineReason.NO_CAPACITY)
        self.do(lambda board: answers.decline(board, who, self.offer_of(who), no, self.now))

    @rule(who=child, what=st.sampled_from(["accept", "await", "refuse", "end", "cancel"]))
    def hear_of_referral(self, who: str, what: str) -> None:
        claim, at = self.last_claim(who), self.table.at(self.now)
        done: dict[str, Callable[[Board], object]] = {
            "accept": lambda board: outcomes.accept(board, who, claim, self.now),
            "await": lambda board: outcomes.await_consent(board, who, claim),
            "refuse": lambda b: outcomes.refuse(b, who, claim, RefusalReason.NO_CONSENT, at),
            "end": lambda board: outcomes.end(board, who, claim, DONE, at),
            "cancel": lambda board: outcomes.cancel(board, who, at),
        }
        self.do(done[what])

    @rule(available=st.integers(0, SEATS))
    def tell_seats(self, available: int) -> None:
        def told(board: Board) -> None:
            seats = board.capacity(self.table.seats().id)
            assert seats is not None
            seen = seats.version
            board.put(seats.report(available=available, seen=seen, now=self.now))
            promote(board, seats.id, self.table.at(self.now))

        self.do(told)

    @rule(policy=st.sampled_from([None, *WaitlistPolicy]))
    def choose(self, policy: WaitlistPolicy | None) -> None:
        self.own = policy
        seats = self.table.seats()
        self.table.known[seats.id] = seats.having(policy=policy)

    @rule(policy=st.sampled_from([None, *WaitlistPolicy]))
    def agree(self, policy: WaitlistPolicy | None) -> None:
        self.agreed = policy
        self.table.signed = [agreement(waitlist=policy)]

    @rule(hours=st.integers(1, 8))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for each in CHILDREN:
            self.do(partial(passing.tick, referral=each, now=self.now))

    @property
    def offerings(self) -> list[Offering]:
        return [each for each in self.table.known.values() if isinstance(each, Offering)]

    @invariant()
    def no_seat_is_booked_twice_and_none_is_below_zero(self) -> None:
        seats = self.table.seats()
        held = [*seats.holds, *seats.used]
        assert len(held) == len(set(held))
        assert len(held) <= seats.maximum
        assert 0 <= seats.available <= seats.maximum

    @invariant()
    def who_holds_a_seat_has_the_claim_and_no_child_has_two(self) -> None:
        seats = self.table.seats()
        held = {*seats.holds, *seats.used}
        standing = {
            claim.id: each.id
            for each in self.offerings
            for claim in each.claims
            if claim.state in STANDING
        }
        assert held <= set(standing)
        having = [standing[each] for each in held]
        assert len(having) == len(set(having))

    @invariant()
    def no_seat_is_free_while_somebody_waits(self) -> None:
        seats = self.table.seats()
        assert not (seats.free and seats.waitlist)

    @invariant()
    def who_waits_is_on_the_waitlist_once_and_nobody_else_is(self) -> None:
        waiting = sorted(
            offer.id
            for each in self.offerings
            for offer in each.offers
            if offer.state is OfferState.WAITLISTED
        )
        assert sorted(each.offer for each in self.table.seats().waitlist) == waiting


TestClinic: Any = Clinic.TestCase
TestClinic.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
