"""An agency's answer by telephone, recorded on its behalf by the school's coordinator. Pure.

It is the same answer: the same claim transaction, with its seat. Besides, it says who recorded it
and who said it, and the agency can contest it behind its link.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import DeclineReason
from contracts.offerings import OfferContested
from services.chassis.errors import rule
from services.partner.model import answers
from services.partner.model.board import Board
from services.partner.model.offering import (
    PENDING,
    STANDING,
    ByHand,
    Offer,
    Offering,
    OfferState,
)

CLOCKS_DIFFER = timedelta(minutes=15)
OLDEST = timedelta(days=30)
"""What was said longer ago is no answer to an offer that is open now."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the agency said on the telephone.

    Attributes:
        reason: why not; None for a yes.
        claim: id of the claim that a yes makes.
    """

    hand: ByHand
    reason: DeclineReason | None
    claim: str


def record(board: Board, referral: str, offer_id: str, told: Told, now: datetime) -> None:
    """Record a yes or a no; a repeat of the same answer changes nothing.

    Raises:
        EnlaceError: the offer is open no longer, no seat is free, or the time cannot be.
    """
    offering, offer = answers.find(board, referral, offer_id)
    if offer.by_hand is not None and _same(offering, offer, told):
        return
    _need_open(offer, now)
    _need_past(told.hand.said_at, now)
    if told.reason is not None:
        no = answers.No(told.reason)
        answers.decline(board, referral, offer_id, no, now, recorded_by=told.hand.by)
    else:
        _need_seat(board, offering, offer)
        answers.claim(board, referral, offer_id, told.claim, now, recorded_by=told.hand.by)
    offering, after = answers.find(board, referral, offer_id)
    said_at = offer.replied_at or told.hand.said_at
    board.put(offering.with_offer(after.id, by_hand=told.hand, replied_at=said_at))


def contest(board: Board, referral: str, offer_id: str, now: datetime) -> None:
    """Say that what was recorded is not what the agency said; somebody at the school calls.

    Nothing is undone by it: whoever recorded it speaks with the agency first.

    Raises:
        EnlaceError: nothing was recorded by hand.
    """
    offering, offer = answers.find(board, referral, offer_id)
    hand = offer.by_hand
    if hand is None:
        raise rule(
            "not-by-hand",
            "You answered this yourself. Nothing was changed: if it was a mistake, call the "
            "school.",
            es="Usted respondió por sí mismo. No se cambió nada: si fue un error, llame a la "
            "escuela.",
        )
    if hand.contested_at is not None:
        return
    contested = hand.model_copy(update={"contested_at": now})
    board.put(offering.with_offer(offer.id, by_hand=contested))
    claim = offering.claim_of(offer.id)
    board.tell(
        OfferContested(
            referral=offering.id,
            round=offer.round,
            offer=offer.id,
            agency=offer.agency,
            claim=claim.id if claim else None,
        )
    )


def _same(offering: Offering, offer: Offer, told: Told) -> bool:
    claim = offering.claim_of(offer.id)
    said_yes = claim is not None and claim.state in STANDING
    if told.reason is None:
        return said_yes
    return offer.state is OfferState.DECLINED and offer.reason is told.reason


def _need_open(offer: Offer, now: datetime) -> None:
    late = offer.is_late(now)
    if late or offer.state not in PENDING:
        state = OfferState.EXPIRED if late else offer.state
        raise rule(
            "offer-closed",
            f"This offer is open no longer ({state.value}). Nothing was recorded: see what the "
            "agencies answered, and ask again if it is still needed.",
            es=f"Esta oferta ya no está abierta ({state.value}). No se anotó nada: vea qué "
            "respondieron las agencias y pregunte otra vez si hace falta.",
        )


def _need_past(said_at: datetime, now: datetime) -> None:
    if said_at > now + CLOCKS_DIFFER or said_at < now - OLDEST:
        raise rule(
            "time-said",
            "The time of the call lies ahead, or more than 30 days back. Nothing was recorded: "
            "enter when the agency said it.",
            es="La hora de la llamada aún no llega, o fue hace más de 30 días. No se anotó nada: "
            "escriba cuándo lo dijo la agencia.",
        )


def _need_seat(board: Board, offering: Offering, offer: Offer) -> None:
    seats = board.capacity(offering.seats_of(offer))
    if seats is not None and not seats.free:
        raise rule(
            "no-seat",
            "By its own figure the agency has no seat free. Nothing was recorded: ask it how many "
            "are free, correct the number of seats, then record its yes.",
            es="Según su propia cifra la agencia no tiene lugar. No se anotó nada: pregúntele "
            "cuántos hay, corrija el número de lugares y anote después su sí.",
        )
