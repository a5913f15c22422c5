"""Further agencies while a round is open: at once, or at an hour that a claim overtakes. Pure.

Earlier offers stay open, and the first valid claim wins over all waves: a round is one offering,
and its claim, its seat and the end of whatever was planned are one transaction.
"""

from contracts.referrals import Candidate, Waits
from services.chassis.aggregate import Ref
from services.partner.model.agency import Agency
from services.partner.model.board import Board
from services.partner.model.offering import Offer, Offering, Planned
from services.partner.model.opening import Asked, Round, ask
from services.partner.model.seats import Moment
from services.partner.model.service import Service


def add(board: Board, referral: str, round: int, wave: Planned, at: Moment) -> tuple[Offer, ...]:
    """Take up a further wave; returns the offers that go out now.

    One that comes after a claim asks nobody: the child has a place.
    """
    offering = board.offering(referral)
    if offering is None or offering.round != round or wave.wave <= offering.wave:
        return ()
    after = offering.having(
        wave=wave.wave, answer_by=max(offering.answer_by, wave.answer_by), expired=False
    )
    if after.standing:
        board.put(after)
        return ()
    if wave.opens_at <= at.now:
        return _open(board, after, wave, at)
    board.put(after.planning(*after.planned, wave).hurried(at.now))
    return ()


def open_due(board: Board, referral: str, at: Moment) -> tuple[Offer, ...]:
    """Ask the waves whose hour has come; returns the offers that go out."""
    going: tuple[Offer, ...] = ()
    while True:
        offering = board.offering(referral)
        if offering is None or offering.waves_due is None or offering.waves_due > at.now:
            return going
        first, *others = offering.planned
        # Asked late, since everything was down, they have as long to answer as was meant.
        answer_by = max(first.answer_by, at.now + (first.answer_by - first.opens_at))
        wave = first.model_copy(update={"answer_by": answer_by})
        after = offering.planning(*others)
        after = after.having(answer_by=max(after.answer_by, answer_by))
        going = (*going, *_open(board, after, wave, at))


def _open(board: Board, offering: Offering, wave: Planned, at: Moment) -> tuple[Offer, ...]:
    wish = Round(
        referral=offering.id,
        round=offering.round,
        site=offering.site,
        category=offering.category,
        bands=offering.bands,
        priority=offering.priority,
        candidates=wave.candidates,
        answer_by=wave.answer_by,
        waits=Waits(siblings=wave.siblings),
        wave=wave.wave,
    )
    return ask(board, offering, wish, [_asked(board, each) for each in wave.candidates], at)


def _asked(board: Board, candidate: Candidate) -> Asked:
    """Return a candidate with what is known of it as of now: an agreement may have ended since."""
    service, agency = Ref(Service, candidate.service), Ref(Agency, candidate.agency)
    board.need([service, agency])
    return Asked(
        candidate=candidate,
        service=board.read(service),
        agency=board.read(agency),
        agreements=board.agreements(candidate.agency),
    )
