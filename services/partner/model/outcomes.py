"""What becomes of an offering when referral answers. Pure.

Each takes what it is told and does it once: a repeat, or an answer to a claim that no longer
stands, changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.codes import Outcome, RefusalReason
from contracts.offerings import WithdrawalReason
from services.partner.model.board import Board
from services.partner.model.offering import (
    ENDED,
    STANDING,
    WITH_CHILD,
    Claim,
    ClaimState,
    Offer,
    Offering,
    OfferState,
)
from services.partner.model.seats import Moment, finish, release, withdraw

_TOLD = {
    RefusalReason.TAKEN: WithdrawalReason.TAKEN,
    RefusalReason.CANCELLED: WithdrawalReason.CANCELLED,
}


def accept(board: Board, referral: str, claim_id: str, now: datetime) -> None:
    """Make a held seat a used one."""
    found = _claim(board, referral, claim_id)
    if found is None or found[1].state not in STANDING:
        return
    offering, claim, offer = found
    seats = board.capacity(offering.seats_of(offer))
    if seats is not None:
        board.put(seats.confirm(claim.id))
    accepted = claim.accepted_at or now
    after = offering.with_claim(claim.id, state=ClaimState.ACCEPTED, accepted_at=accepted)
    if offer.state is OfferState.CLAIMED:
        after = after.with_offer(offer.id, state=OfferState.ACCEPTED)
    board.put(after)


def await_consent(board: Board, referral: str, claim_id: str) -> None:
    """Keep a seat while the school asks for the family's consent."""
    found = _claim(board, referral, claim_id)
    if found is not None and found[1].state is ClaimState.PENDING:
        board.put(found[0].with_claim(claim_id, state=ClaimState.AWAITING_CONSENT))


def refuse(board: Board, referral: str, claim_id: str, reason: RefusalReason, at: Moment) -> None:
    """Give the seat back and tell the agency. Whoever is asked next is asked in a new round.

    The losers of the round were told when the claim was made; referral asks nobody of that round
    any more.
    """
    found = _claim(board, referral, claim_id)
    if found is None or found[1].state not in STANDING:
        return
    offering, claim, offer = found
    after = offering.with_claim(claim.id, state=ClaimState.REFUSED)
    told = _TOLD.get(reason, WithdrawalReason.OTHER)
    withdraw(board, after, (offer,), told)
    release(board, offering.seats_of(offer), claim.id, at)


def cancel(board: Board, referral: str, at: Moment) -> None:
    """Nobody need answer any more; a seat that the child held is free.

    Where the agency has told its end meanwhile, referral does not take that up any more: what the
    agency told stays as it is, and the seat goes as it does at an end.
    """
    offering = board.offering(referral)
    if offering is None:
        return
    offering = offering.planning()
    offering = withdraw(board, offering, offering.pending, WithdrawalReason.CANCELLED)
    for claim, offer in offering.standing:
        if offer.state in ENDED:
            finish(board, offering.seats_of(offer), claim.id, at)
        else:
            after = offering.with_claim(claim.id, state=ClaimState.CANCELLED)
            offering = withdraw(board, after, (offer,), WithdrawalReason.CANCELLED)
            release(board, offering.seats_of(offer), claim.id, at)


def move(board: Board, referral: str, site: str) -> None:
    """Let the child's new school see it; what was asked keeps the seats it was asked for."""
    offering = board.offering(referral)
    if offering is not None and offering.site != site:
        board.put(offering.having(site=site))


@dataclass(frozen=True, slots=True)
class End:
    """How the help ended: well (`completed`) or not (`failed`), and as what."""

    state: OfferState
    outcome: Outcome


def end(board: Board, referral: str, claim_id: str, how: End, at: Moment) -> None:
    """The help has ended: the seat may be free."""
    found = _claim(board, referral, claim_id)
    if found is None:
        return
    offering, claim, offer = found
    if how.state is OfferState.COMPLETED:
        offering = offering.with_claim(claim.id, completed_at=claim.completed_at or at.now)
    elif how.outcome is Outcome.NO_SHOW:
        offering = offering.with_claim(claim.id, no_show_at=claim.no_show_at or at.now)
    if offer.state in {*WITH_CHILD, OfferState.CLAIMED}:
        offering = offering.with_offer(offer.id, state=how.state)
    board.put(offering)
    finish(board, offering.seats_of(offer), claim.id, at)


def verify(board: Board, referral: str, now: datetime | None) -> None:
    """The family says that the help arrived, or, with None, that it did not."""
    offering = board.offering(referral)
    done = [each for each in offering.claims if each.completed_at] if offering else []
    if offering is not None and done:
        board.put(offering.with_claim(done[-1].id, verified_at=now))


def set_aside(board: Board, referral: str) -> None:
    """It should never have been: no number counts it."""
    offering = board.offering(referral)
    if offering is not None:
        board.put(offering.having(in_error=True))


def _claim(board: Board, referral: str, id: str) -> tuple[Offering, Claim, Offer] | None:
    offering = board.offering(referral)
    claim = offering.claim(id) if offering else None
    offer = offering.offer(claim.offer) if offering and claim else None
    return (offering, claim, offer) if offering and claim and offer else None
