"""Whatever happens to a referral, in any order: once it is over, no seat is left with it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Outcome, Progress, RefusalReason
from services.chassis.errors import EnlaceError
from services.partner.model import answers, outcomes, progress
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity
from services.partner.model.offering import ClaimState, OfferState
from services.partner.model.opening import open_round
from services.partner.model.progress import Report
from tests.partner.build import DONE, FAILED, NOW, SITE, SMILES, Table, a_round, asked, capacity

ELSEWHERE = "site-other"
STEPS = (
    "ask",
    "claim",
    "accept",
    "await",
    "refuse",
    "scheduled",
    "completed",
    "no-show",
    "completed-told",
    "failed-told",
    "cancel",
    "move",
)
ENDS = {
    "scheduled": Report(Progress.SCHEDULED),
    "completed": Report(Progress.COMPLETED, outcome=Outcome.NEED_MET),
    "no-show": Report(Progress.NO_SHOW),
}


class Life:
    """One referral's offering with a seat at each of two schools."""

    def __init__(self) -> None:
        there = capacity(1).having(id=f"{SMILES.service}@{ELSEWHERE}", site=ELSEWHERE)
        self.table = Table(capacity(1), there)
        self.site = SITE
        self.round = self.claims = 0

    @property
    def seats(self) -> list[Capacity]:
        return [each for each in self.table.known.values() if isinstance(each, Capacity)]

    def do(self, what: str) -> None:
        if what == "move":
            self.site = ELSEWHERE if self.site == SITE else SITE
        elif not self.round and what != "ask":
            return
        board = self.table.board()
        try:
            self._steps()[what](board)
        except EnlaceError:
            return  # refused, and nothing is kept
        self.table.keep(board)

    def _steps(self) -> dict[str, Callable[[Board], None]]:
        at, claim = self.table.at(), f"c{self.claims}"
        refused = RefusalReason.NO_CONSENT
        return {
            "ask": self._ask,
            "claim": self._claim,
            "accept": lambda board: outcomes.accept(board, "ref-1", claim, NOW),
            "await": lambda board: outcomes.await_consent(board, "ref-1", claim),
            "refuse": lambda board: outcomes.refuse(board, "ref-1", claim, refused, at),
            "completed-told": lambda b: outcomes.end(b, "ref-1", claim, DONE, at),
            "failed-told": lambda b: outcomes.end(b, "ref-1", claim, FAILED, at),
            "cancel": lambda board: outcomes.cancel(board, "ref-1", at),
            "move": lambda board: outcomes.move(board, "ref-1", self.site),
            **{name: self._reporting(said) for name, said in ENDS.items()},
        }

    def _ask(self, board: Board) -> None:
        self.round += 1
        wish = a_round(round=self.round, site=self.site, candidates=(SMILES,))
        open_round(board, wish, (asked(),), self.table.at())

    def _claim(self, board: Board) -> None:
        self.claims += 1
        answers.claim(board, "ref-1", self.table.offer_of(), f"c{self.claims}", NOW)

    def _reporting(self, said: Report) -> Callable[[Board], None]:
        return lambda board: progress.report(board, "ref-1", self.table.offer_of(), said, NOW)


@given(st.lists(st.sampled_from(STEPS), max_size=25))
def test_once_it_is_cancelled_no_seat_is_left_with_it_in_whatever_order(steps: list[str]) -> None:
    life = Life()
    life.do("ask")
    for each in steps:
        life.do(each)
        held = [claim for seats in life.seats for claim in (*seats.holds, *seats.used)]
        assert len(held) == len(set(held))
    life.do("cancel")
    assert [(each.site, each.available) for each in life.seats] == [(SITE, 1), (ELSEWHERE, 1)]


@pytest.mark.parametrize("end", ["completed", "no-show"])
def test_an_end_that_crosses_a_cancellation_frees_the_seat_and_stays_as_told(end: str) -> None:
    life = Life()
    for each in ("ask", "claim", "accept", end, "cancel"):
        life.do(each)
    assert [each.available for each in life.seats] == [1, 1]
    offering = life.table.offering()
    assert offering.offers[0].state in {OfferState.COMPLETED, OfferState.FAILED}
    assert offering.claims[0].state is ClaimState.ACCEPTED


def test_a_child_that_moved_leaves_the_seat_of_the_school_that_asked() -> None:
    life = Life()
    for each in ("ask", "claim", "move", "ask", "refuse"):
        life.do(each)
    assert [each.available for each in life.seats] == [1, 1]
    assert life.table.offering().site == ELSEWHERE
