"""Withdrawing one agency's offer, by the school that asked it. Pure."""

from datetime import datetime

from contracts.offerings import WithdrawalReason
from services.chassis.errors import rule
from services.partner.model import answers
from services.partner.model.board import Board
from services.partner.model.offering import OfferState
from services.partner.model.seats import withdraw


def withdraw_one(board: Board, referral: str, offer_id: str, now: datetime) -> None:
    """Withdraw an offer that is open or waits; the others stay as they are.

    Where nobody else can still answer, the next planned wave is asked at once.

    Raises:
        EnlaceError: its agency has taken the child, has declined, or its time is over.
    """
    offering, offer = answers.find(board, referral, offer_id)
    if offer.state is OfferState.WITHDRAWN:
        return
    if offering.claim_of(offer.id) is not None and offer.state is not OfferState.DECLINED:
        raise rule(
            "offer-claimed",
            "This agency has said yes already, so its offer cannot be withdrawn. Nothing was "
            "changed: if its help is not needed, cancel the referral; then the agency is told.",
            es="Esta agencia ya dijo que sí, así que no se puede retirar la oferta. No se cambió "
            "nada: si su ayuda no hace falta, cancele la derivación; entonces se le avisa.",
        )
    if offer.is_late(now) or offer not in offering.pending:
        raise rule(
            "offer-closed",
            "This offer is open no longer, so there is nothing to withdraw. Nothing was changed: "
            "see what the agencies answered.",
            es="Esta oferta ya no está abierta, así que no hay nada que retirar. No se cambió "
            "nada: vea qué respondieron las agencias.",
        )
    after = withdraw(board, offering, (offer,), WithdrawalReason.NOT_NEEDED)
    board.put(after.hurried(now))
