"""Who gets a seat: taking one for a claim, giving one back, and whom the next one goes to. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.offerings import OfferClaimed, OfferPromoted, OfferWithdrawn, WithdrawalReason
from services.chassis.aggregate import Ref
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Claim, Offer, Offering, OfferState
from services.partner.model.waitlist import Waitlists
from services.partner.model.waitlist_policy import Chosen, in_force


@dataclass(frozen=True, slots=True)
class Moment:
    """When a decision is made, where it gets fresh ids from, and how waitlists go by default.

    Attributes:
        zone: the district's, whose Mondays begin weeks.
    """

    now: datetime
    new_id: Callable[[], str]
    waitlists: Waitlists
    zone: str = "America/Los_Angeles"


def take(
    board: Board,
    offering: Offering,
    offer: Offer,
    told: OfferClaimed | OfferPromoted,
    now: datetime,
) -> None:
    """Give the child's place to an offer, with its seat, and tell all who were asked.

    Where the agency never told its seats there are none to hold: its word is enough.

    Raises:
        EnlaceError: no seat is free (`no-seat`).
    """
    seats = board.capacity(offering.seats_of(offer))
    if seats is not None:
        board.put(seats.leave(offer.id).reserve(told.claim, now))
    made = Claim(id=told.claim, offer=offer.id, made_at=now)
    after = offering.replied(offer, now, state=OfferState.CLAIMED)
    after = after.with_new(claims=(made,))
    board.put(after)
    board.tell(told)
    withdraw(board, after.planning(), after.pending, WithdrawalReason.TAKEN)


def withdraw(
    board: Board, offering: Offering, offers: Iterable[Offer], reason: WithdrawalReason
) -> Offering:
    """Close offers that need no answer any more, wherever they wait."""
    state = OfferState.TAKEN if reason is WithdrawalReason.TAKEN else OfferState.WITHDRAWN
    for offer in offers:
        leave_waitlist(board, offering, offer)
        offering = offering.with_offer(offer.id, state=state)
        board.tell(
            OfferWithdrawn(
                referral=offering.id,
                offer=offer.id,
                agency=offer.agency,
                contact=offer.contact,
                reason=reason,
                round=offer.round,
                service=offer.service,
                last=reason is WithdrawalReason.NOT_NEEDED and offering.over,
                wave=offering.wave,
            )
        )
    board.put(offering)
    return offering


def leave_waitlist(board: Board, offering: Offering, offer: Offer) -> None:
    """Take an offer off the waitlist it stands on."""
    if offer.state is OfferState.WAITLISTED:
        seats = board.capacity(offering.seats_of(offer))
        if seats is not None:
            board.put(seats.leave(offer.id))


def release(board: Board, seats_id: str, claim: str, at: Moment) -> None:
    """Give a claim's seat back, once, and to whoever waits for it."""
    seats = board.capacity(seats_id)
    if seats is not None:
        board.put(seats.release(claim))
        promote(board, seats_id, at)


def finish(board: Board, seats_id: str, claim: str, at: Moment) -> None:
    """Let a child's seat go whose help has ended; see `Capacity.finish`."""
    seats = board.capacity(seats_id)
    if seats is not None:
        board.put(seats.finish(claim))
        promote(board, seats_id, at)


def promote(board: Board, seats_id: str, at: Moment) -> None:
    """Give free seats to those who wait, in the order of the policy in force.

    The seat is held at once. Where a consent is missing still, it is held for as long as the
    event says, and goes to the next then: referral answers the claim, so that nobody who was
    accepted loses the place to a clock.

    Without a live agreement, its papers among it, no child goes there, as no offer would: who waits
    goes on waiting.
    """
    while True:
        seats = board.capacity(seats_id)
        if seats is None or not seats.free or not seats.waitlist:
            return
        signed = board.agreements(seats.agency)
        if not any(each.covers(seats.site, at.now, seats.service) for each in signed):
            return
        line = seats.line(chosen(board, seats, at).policy)
        board.need([Ref(Offering, each.referral) for each in line[: seats.available]])
        waiting = line[0]
        offering = board.offering(waiting.referral)
        offer = offering.offer(waiting.offer) if offering else None
        if offering is None or offer is None or offer.state is not OfferState.WAITLISTED:
            board.put(seats.leave(waiting.offer))
            continue
        board.put(seats.promoted(waiting, at.now))
        told = OfferPromoted(
            referral=offering.id,
            round=offer.round,
            offer=offer.id,
            claim=at.new_id(),
            service=offer.service,
            agency=offer.agency,
            answer_by=at.now + at.waitlists.answer_within,
        )
        take(board, offering, offer, told, at.now)


def renew(board: Board, seats_id: str, at: Moment) -> None:
    """Begin a new week of appointments where it is time, and give them to those who wait."""
    seats = board.capacity(seats_id)
    if seats is None or seats.next_due is None or seats.next_due > at.now:
        return  # another worker, or a report, was there first
    board.put(seats.renewed(at.now))
    promote(board, seats_id, at)


def chosen(board: Board, seats: Capacity, at: Moment) -> Chosen:
    """Return the policy by which these seats go just now, and who has chosen it."""
    signed = board.agreements(seats.agency)
    return in_force(seats.policy, signed, (seats.service, seats.site), at.now, at.waitlists.policy)
