"""What time does to an offering: an agency is reminded, then its offer expires. Pure."""

from datetime import datetime

from contracts.offerings import OfferExpired, OfferingExpired, OfferReminded
from services.partner.model.board import Board
from services.partner.model.offering import Offering, OfferState


def tick(board: Board, referral: str, now: datetime) -> None:
    """Let time pass. One that was down while both fell due reminds nobody of what is over."""
    offering = board.offering(referral)
    if offering is None or offering.next_due is None or offering.next_due > now:
        return
    _expire(board, offering, now)
    left = board.offering(referral)
    if left is not None:
        _remind(board, left, now)


def _expire(board: Board, offering: Offering, now: datetime) -> None:
    """Close what was not answered in time; one who waits for a seat goes on waiting."""
    late = [offer for offer in offering.offers if offer.is_late(now)]
    if not late:
        return
    after = offering
    for offer in late:
        after = after.with_offer(offer.id, state=OfferState.EXPIRED, remind_at=None)
    over = not after.planned and not any(each.state is OfferState.OPEN for each in after.offers)
    board.put(after.having(expired=over).hurried(now))
    if over:
        board.tell(OfferingExpired(referral=after.id, round=after.round, wave=after.wave))
        return
    for offer in late:
        board.tell(
            OfferExpired(referral=after.id, round=offer.round, offer=offer.id, agency=offer.agency)
        )


def _remind(board: Board, offering: Offering, now: datetime) -> None:
    """Ask once more who has said nothing in half of its time."""
    after = offering
    for offer in offering.offers:
        if offer.state is OfferState.OPEN and offer.remind_at and offer.remind_at <= now:
            after = after.with_offer(offer.id, remind_at=None, reminded_at=now)
            board.tell(
                OfferReminded(
                    referral=offering.id,
                    round=offer.round,
                    offer=offer.id,
                    agency=offer.agency,
                    contact=offer.contact,
                    answer_by=offer.answer_by,
                )
            )
    board.put(after)
