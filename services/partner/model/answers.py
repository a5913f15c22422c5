"""What an agency answers to an offer. Pure; an answer that already holds changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Never

from contracts.codes import DeclineReason
from contracts.offerings import OfferClaimed, OfferDeclined, OfferWaitlisted
from contracts.sealed import Sealed
from services.chassis.errors import rule, unknown
from services.partner.model.board import Board
from services.partner.model.offering import (
    PENDING,
    STANDING,
    Claim,
    ClaimState,
    Offer,
    Offering,
    OfferState,
)
from services.partner.model.seats import leave_waitlist, take
from services.partner.model.seeing import may_see, state_on
from services.partner.model.waitlist import Waiting

_CLOSED = {
    OfferState.TAKEN: (
        "Another agency has taken this child.",
        "Otra agencia ya aceptó a este estudiante.",
    ),
    OfferState.DECLINED: ("You have declined this offer.", "Usted rechazó esta oferta."),
    OfferState.EXPIRED: ("The time to answer has passed.", "Ya pasó el plazo para responder."),
    OfferState.WITHDRAWN: (
        "The school has withdrawn this offer.",
        "La escuela retiró esta oferta.",
    ),
}
_YOURS = ("You have taken this child.", "Usted ya aceptó a este estudiante.")


def claim(
    board: Board,
    referral: str,
    offer_id: str,
    claim_id: str,
    now: datetime,
    *,
    recorded_by: str | None = None,
) -> None:
    """Take the child, with a seat: the first valid claim wins.

    Args:
        board: what the decision is made on.
        referral: whose offering.
        offer_id: which offer of it.
        claim_id: id of the claim that is made.
        now: the present moment.
        recorded_by: who of the school records it on the agency's behalf.

    Raises:
        EnlaceError: somebody else was first (`taken`), no seat is free (`no-seat`), or the offer
            is open no longer.
    """
    offering, offer = find(board, referral, offer_id)
    mine = offering.claim_of(offer.id)
    if mine is not None and mine.state in STANDING:
        return
    need_pending(offer, now)
    told = OfferClaimed(
        referral=offering.id,
        round=offer.round,
        offer=offer.id,
        claim=claim_id,
        service=offer.service,
        agency=offer.agency,
        contact=offer.contact,
        nonce=offer.nonce,
        recorded_by=recorded_by,
    )
    take(board, offering, offer, told, now)


@dataclass(frozen=True, slots=True)
class No:
    """A no, with its reason; `words` are sealed under the contact's key."""

    reason: DeclineReason
    words: Sealed | None = None


def decline(
    board: Board,
    referral: str,
    offer_id: str,
    no: No,
    now: datetime,
    *,
    recorded_by: str | None = None,
) -> None:
    """Say no, with the reason; `recorded_by` as of a claim.

    Raises:
        EnlaceError: the offer is open no longer.
    """
    offering, offer = find(board, referral, offer_id)
    if offer.state is OfferState.DECLINED:
        return
    need_pending(offer, now)
    leave_waitlist(board, offering, offer)
    after = offering.replied(
        offer, now, state=OfferState.DECLINED, reason=no.reason, words=no.words
    )
    # Nobody waits for a later wave's hour where everybody before it has said no.
    board.put(after.hurried(now))
    board.tell(
        OfferDeclined(
            referral=offering.id,
            round=offer.round,
            offer=offer.id,
            agency=offer.agency,
            reason=no.reason,
            # Once a round has expired, referral has been told that nobody answered.
            last=after.over and not after.expired,
            recorded_by=recorded_by,
            wave=after.wave,
        )
    )


def wait(board: Board, referral: str, offer_id: str, now: datetime) -> None:
    """Put the child on the agency's waitlist.

    Raises:
        EnlaceError: a seat is free, or the offer is open no longer.
    """
    offering, offer = find(board, referral, offer_id)
    if offer.state is OfferState.WAITLISTED:
        return
    need_pending(offer, now)
    seats = board.capacity(offering.seats_of(offer))
    if seats is None or seats.free:
        raise rule(
            "seat-free",
            "A seat is free: take the child now. Nothing was changed. If there is none in truth, "
            "correct the number of seats first.",
            es="Hay un cupo libre: acepte ahora. No se cambió nada. Si en verdad no hay "
            "ninguno, corrija primero el número de cupos.",
        )
    waiting = Waiting(
        referral=offering.id,
        offer=offer.id,
        priority=offering.priority,
        since=now,
        tier=offering.tier,
        sibling=offer.sibling,
    )
    board.put(seats.wait(waiting))
    board.put(offering.replied(offer, now, state=OfferState.WAITLISTED))
    board.tell(
        OfferWaitlisted(
            referral=offering.id,
            round=offer.round,
            offer=offer.id,
            agency=offer.agency,
            service=offer.service,
        )
    )


def need_coded(reason: DeclineReason, words: str) -> None:
    """Pass a no that is a code alone.

    Raises:
        EnlaceError: there are words, or the reason asks for them (`attendance-only`).
    """
    if words or reason is DeclineReason.OTHER:
        raise rule(
            "attendance-only",
            "For this kind of need we take no words. Nothing was changed: choose one of the "
            "reasons, or say no without one.",
            es="Para este tipo de necesidad no recibimos palabras. No se cambió nada: elija uno "
            "de los motivos, o diga que no sin motivo.",
        )


def accepted_claim(offering: Offering, offer: Offer) -> Claim:
    """Return the offer's claim, once the school has confirmed it.

    Raises:
        EnlaceError: there is none.
    """
    mine = offering.claim_of(offer.id)
    if mine is not None and mine.state is ClaimState.ACCEPTED:
        return mine
    if mine is not None and mine.state in STANDING:
        raise rule(
            "not-confirmed",
            "The school has not confirmed this yet; the place is kept for the child. Try again in "
            "a while: you will get a message.",
            es="La escuela todavía no lo confirma; el cupo está guardado. Intente más tarde: "
            "recibirá un mensaje.",
        )
    raise rule(
        "not-yours",
        "You have not taken this child. Nothing was changed.",
        es="Usted no aceptó esta derivación. No se cambió nada.",
    )


def find(board: Board, referral: str, offer_id: str) -> tuple[Offering, Offer]:
    """Return an offer and its offering.

    Raises:
        EnlaceError: there is none.
    """
    offering = board.offering(referral)
    offer = offering.offer(offer_id) if offering else None
    if offering is None or offer is None:
        raise unknown("offer")
    return offering, offer


def need_pending(offer: Offer, now: datetime) -> None:
    """Let nobody answer an offer that is open no longer.

    Raises:
        EnlaceError: it is not.
    """
    if offer.is_late(now):
        _refuse(OfferState.EXPIRED)
    if offer.state not in PENDING:
        _refuse(offer.state)


def need_open(offer: Offer, now: datetime) -> None:
    """Let nobody act on an offer that is closed to its agency.

    Raises:
        EnlaceError: it is.
    """
    if not may_see(offer, now):
        _refuse(state_on(offer, now))


def _refuse(state: OfferState) -> Never:
    what, what_es = _CLOSED.get(state, _YOURS)
    slug = "taken" if state is OfferState.TAKEN else "offer-closed"
    raise rule(
        slug,
        f"{what} Nothing was changed. If you can help all the same, call the school.",
        es=f"{what_es} No se cambió nada. Si aun así puede ayudar, llame a la escuela.",
    )
