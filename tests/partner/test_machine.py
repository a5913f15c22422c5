"""Several services, waves, questions and claimants at once, whatever happens in whatever order.

What is decided at the same instant is decided on the same state; the store lets the first one be
saved, and has every other one decided again on what has become of it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.codes import DeclineReason, QuestionTopic, RefusalReason
from contracts.offerings import OfferClaimed, OfferingOpened, OfferPromoted, OfferQuestionAsked
from contracts.referrals import Candidate, QuestionAnswer, ReferralQuestionAnswered
from services.chassis.errors import EnlaceError
from services.partner.model import answers, outcomes, passing, questions, waves, withdrawing
from services.partner.model.board import Board
from services.partner.model.offering import (
    PENDING,
    STANDING,
    ClaimState,
    Offer,
    Offering,
    OfferState,
    Planned,
)
from services.partner.model.opening import open_round
from services.partner.model.seats import promote
from tests.partner.build import (
    DONE,
    NOW,
    SITE,
    SMILES,
    TOOTH_BUS,
    Table,
    a_round,
    agency,
    agreement,
    asked,
    capacity,
    service,
)

MOLARS = Candidate(service="svc-molars", agency="agy-molars")
PLACES = (SMILES, TOOTH_BUS, MOLARS)
SEATS = {SMILES.service: 1, TOOTH_BUS.service: 2}
"""The third one has never told its seats: its word is enough."""

CHILDREN = [f"ref-{n}" for n in range(4)]
child = st.sampled_from(CHILDREN)
place = st.sampled_from(PLACES)
places = st.lists(place, min_size=1, max_size=3, unique=True)
AN_ANSWER = QuestionAnswer(age="7-9")

Decision = Callable[[Board], object]


class Network(RuleBasedStateMachine):
    """Four children, three services, and a school that asks them in rounds and waves."""

    def __init__(self) -> None:
        super().__init__()
        seats = [capacity(SEATS[each.service], each) for each in PLACES if each.service in SEATS]
        self.table = Table(*seats)
        known = cast("dict[str, Any]", self.table.known)
        for each in PLACES:
            known |= {each.service: service(each), each.agency: agency(each)}
            self.table.signed.append(agreement(each))
        self.now = NOW
        self.rounds = dict.fromkeys(CHILDREN, 0)
        self.made = 0
        self.granted: dict[str, Any] = {}

    @initialize()
    def each_child_is_asked_for(self) -> None:
        for each in CHILDREN:
            self.ask(each, [SMILES, TOOTH_BUS])

    def at_once(self, decisions: Sequence[Decision]) -> None:
        """Let several things happen at the same instant; what is refused leaves no trace."""
        boards = [self._decided(each) for each in decisions]
        touched: set[str] = set()
        for decision, board in zip(decisions, boards, strict=True):
            read = {ref.id for ref in board._loaded}
            last = self._decided(decision) if read & touched else board
            touched |= {each.id for each in last.save}
            self.table.keep(last)

    def _decided(self, decision: Decision) -> Board:
        board = self.table.board()
        try:
            decision(board)
        except EnlaceError:
            return self.table.board()
        return board

    def do(self, decision: Decision) -> None:
        self.at_once([decision])

    def next_id(self) -> str:
        self.made += 1
        return f"made-{self.made}"

    def offer(self, who: str, where: Candidate) -> Offer | None:
        """Return the last offer of a place for a child."""
        found = [x for x in self.offering(who).offers if x.service == where.service]
        return found[-1] if found else None

    def offering(self, who: str) -> Offering:
        return self.table.offering(who)

    @property
    def offerings(self) -> list[Offering]:
        return [each for each in self.table.known.values() if isinstance(each, Offering)]

    @rule(who=child, where=places)
    def ask(self, who: str, where: list[Candidate]) -> None:
        known = self.table.known.get(who)
        if isinstance(known, Offering) and (known.standing or not known.over):
            return  # referral begins no other round before this one is over
        self.rounds[who] += 1
        wish = a_round(
            who,
            self.rounds[who],
            candidates=tuple(where),
            answer_by=self.now + timedelta(days=2),
        )
        could = [asked(each) for each in where]
        self.do(lambda board: open_round(board, wish, could, self.table.at(self.now)))

    @rule(who=child, where=place, later=st.sampled_from([0, 6, 30]))
    def ask_more(self, who: str, where: Candidate, later: int) -> None:
        offering = self.offering(who)
        here = [x for x in offering.offers if x.round == offering.round]
        coming = [x for wave in offering.planned for x in wave.candidates]
        if where.service in {*(x.service for x in here), *(x.service for x in coming)}:
            return  # referral asks nobody twice in a round
        opens = self.now + timedelta(hours=later)
        wave = Planned(
            wave=offering.wave + 1,
            candidates=(where,),
            opens_at=opens,
            answer_by=opens + timedelta(days=2),
        )
        at = self.table.at(self.now)
        self.do(lambda board: waves.add(board, who, offering.round, wave, at))

    @rule(who=child, where=places, twice=st.booleans())
    def claim(self, who: str, where: list[Candidate], *, twice: bool) -> None:
        """Several agencies say yes at the same instant, some of them twice."""
        self.at_once([self._yes(who, each) for each in (where * 2 if twice else where)])

    @rule(who=st.lists(child, min_size=2, max_size=4, unique=True), where=place)
    def claim_many(self, who: list[str], where: Candidate) -> None:
        """One agency says yes to several at the same instant: its seats are few."""
        self.at_once([self._yes(each, where) for each in who])

    def _yes(self, who: str, where: Candidate) -> Decision:
        offer, made = self.offer(who, where), self.next_id()
        return lambda board: answers.claim(board, who, offer.id if offer else "", made, self.now)

    @rule(who=child, where=place, topic=st.sampled_from(list(QuestionTopic)), twice=st.booleans())
    def ask_back(self, who: str, where: Candidate, topic: QuestionTopic, *, twice: bool) -> None:
        offer = self.offer(who, where)

        def wish(board: Board) -> None:
            asked_for = questions.Wish(self.next_id(), (topic,))
            questions.ask(board, who, offer.id if offer else "", asked_for, self.now)

        self.at_once([wish] * (2 if twice else 1))

    @rule(who=child, where=place, more=st.sampled_from([None, 1, 4]))
    def answer_back(self, who: str, where: Candidate, more: int | None) -> None:
        offer = self.offer(who, where)
        waits = [x for x in offer.questions if x.answer is None] if offer else []
        if offer is None or not waits:
            return
        until = self.now + timedelta(days=more) if more else None
        event = ReferralQuestionAnswered(
            referral=who,
            offer=offer.id,
            agency=where.agency,
            question=waits[0].id,
            answer=AN_ANSWER,
            answer_by=until,
            by="rosa",
        )
        if until and offer.state is OfferState.OPEN and not offer.is_late(self.now):
            self.granted[offer.id] = max(until, offer.answer_by)
        self.do(lambda board: questions.settle(board, event, self.now))

    @rule(who=child, where=place, what=st.sampled_from(["wait", "decline", "withdraw"]))
    def other_answers(self, who: str, where: Candidate, what: str) -> None:
        offer = self.offer(who, where)
        id = offer.id if offer else ""
        no = answers.No(DeclineReason.NO_CAPACITY)
        done: dict[str, Decision] = {
            "wait": lambda board: answers.wait(board, who, id, self.now),
            "decline": lambda board: answers.decline(board, who, id, no, self.now),
            "withdraw": lambda board: withdrawing.withdraw_one(board, who, id, self.now),
        }
        self.do(done[what])

    @rule(
        who=child,
        what=st.sampled_from(["accept", "await", "refuse", "end", "cancel"]),
        meanwhile=place,
    )
    def hear_of_referral(self, who: str, what: str, meanwhile: Candidate) -> None:
        """Referral's word, at the same instant as another yes."""
        claims, at = self.offering(who).claims, self.table.at(self.now)
        claim = claims[-1].id if claims else "none"
        done: dict[str, Decision] = {
            "accept": lambda board: outcomes.accept(board, who, claim, self.now),
            "await": lambda board: outcomes.await_consent(board, who, claim),
            "refuse": lambda b: outcomes.refuse(b, who, claim, RefusalReason.NO_CONSENT, at),
            "end": lambda board: outcomes.end(board, who, claim, DONE, at),
            "cancel": lambda board: outcomes.cancel(board, who, at),
        }
        self.at_once([done[what], self._yes(who, meanwhile)])

    @rule(where=st.sampled_from([SMILES, TOOTH_BUS]), available=st.integers(0, 2))
    def tell_seats(self, where: Candidate, available: int) -> None:
        def told(board: Board) -> None:
            seats = board.capacity(self.table.seats(where).id)
            assert seats is not None
            board.put(seats.report(available=available, seen=seats.version, now=self.now))
            promote(board, seats.id, self.table.at(self.now))

        self.do(told)

    @rule(hours=st.sampled_from([1, 7, 30, 60]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for each in CHILDREN:
            self.do(partial(passing.tick, referral=each, now=self.now))
            self.do(partial(waves.open_due, referral=each, at=self.table.at(self.now)))

    @invariant()
    def a_child_has_one_place_and_its_others_are_told(self) -> None:
        for each in self.offerings:
            assert len(each.standing) <= 1
            live = [x for x in each.claims if x.state is not ClaimState.REFUSED]
            held = any(x.state in STANDING for x in live)
            if held:
                assert not each.pending
                assert not each.planned

    @invariant()
    def a_seat_is_held_by_one_standing_claim_of_its_own_service(self) -> None:
        standing = {
            claim.id: offer.service for each in self.offerings for claim, offer in each.standing
        }
        for where in SEATS:
            seats = self.table.seats(Candidate(service=where, agency=""))
            held = [*seats.holds, *seats.used]
            assert len(held) == len(set(held)) <= seats.maximum
            assert 0 <= seats.available <= seats.maximum
            assert {standing.get(each) for each in held} <= {where}
            assert not (seats.free and seats.waitlist)
            waits = [
                x.id
                for each in self.offerings
                for x in each.offers
                if x.state is OfferState.WAITLISTED and x.service == where
            ]
            assert sorted(x.offer for x in seats.waitlist) == sorted(waits)

    @invariant()
    def nobody_is_asked_twice_in_a_round(self) -> None:
        for each in self.offerings:
            counted = Counter((x.round, x.service) for x in each.offers)
            assert set(counted.values()) <= {1}

    @invariant()
    def nothing_is_asked_back_twice_and_only_while_the_offer_was_open(self) -> None:
        told = [x for x in self.table.told if isinstance(x, OfferQuestionAsked)]
        once = Counter((x.offer, topic) for x in told for topic in x.topics)
        assert set(once.values()) <= {1}
        kept = {q.id for each in self.offerings for x in each.offers for q in x.questions}
        assert kept == {x.question for x in told}

    @invariant()
    def who_was_given_more_time_is_not_late_before(self) -> None:
        for each in self.offerings:
            for offer in each.offers:
                until = self.granted.get(offer.id)
                if until is not None and self.now < until:
                    assert offer.state is not OfferState.EXPIRED

    @invariant()
    def what_is_told_is_what_stands(self) -> None:
        yes = [x.claim for x in self.table.told if isinstance(x, OfferClaimed | OfferPromoted)]
        assert len(yes) == len(set(yes))
        assert set(yes) == {x.id for each in self.offerings for x in each.claims}
        opened = [
            x.offer for e in self.table.told if isinstance(e, OfferingOpened) for x in e.offers
        ]
        assert len(opened) == len(set(opened))
        asked_now = {x.id for e in self.offerings for x in e.offers if x.state in PENDING}
        assert asked_now <= set(opened)
        assert {x.site for x in self.table.known.values() if isinstance(x, Offering)} == {SITE}


TestNetwork: Any = Network.TestCase
TestNetwork.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
