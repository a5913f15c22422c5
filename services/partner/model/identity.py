"""The one-time code that lets an agency see whom it took. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

from contracts.offerings import IdentityCodeRequested
from services.chassis.errors import EnlaceError, Kind, rule
from services.partner.model.answers import accepted_claim
from services.partner.model.board import Board
from services.partner.model.offering import Claim, IdentityCode, Offer, Offering

CODES_AN_HOUR = 5
ASK_AGAIN_AFTER = timedelta(seconds=30)
"""A second tap within this time means the code that is already on its way."""


class Verdict(Enum):
    """What a code was worth."""

    RIGHT = "right"
    WRONG = "wrong"
    DEAD = "dead"


def request_code(
    board: Board, offer_of: tuple[Offering, Offer], nonce: str, lifetime: timedelta, now: datetime
) -> IdentityCode:
    """Have a code sent to the registered address; an older one is worth nothing from now on.

    Raises:
        EnlaceError: the school has not confirmed the claim, or too many codes were asked for.
    """
    offering, offer = offer_of
    accepted_claim(offering, offer)
    recent = [
        each
        for each in offering.codes
        if each.offer == offer.id and now - each.requested_at < timedelta(hours=1)
    ]
    last = recent[-1] if recent else None
    if last and not last.spent and now - last.requested_at < ASK_AGAIN_AFTER:
        return last
    if len(recent) >= CODES_AN_HOUR:
        raise EnlaceError(
            "too-many-codes",
            Kind.TOO_MANY,
            "Several codes were sent within an hour. Use the last one, or try again in an hour.",
            es="Se enviaron varios códigos en una hora. Use el último, o intente de nuevo en "
            "una hora.",
        )
    fresh = IdentityCode(offer=offer.id, nonce=nonce, requested_at=now, expires=now + lifetime)
    board.put(offering.having(codes=(*recent, fresh)))
    board.tell(
        IdentityCodeRequested(
            referral=offering.id,
            offer=offer.id,
            agency=offer.agency,
            contact=offer.contact,
            nonce=nonce,
            expires=fresh.expires,
        )
    )
    return fresh


def check_code(
    board: Board,
    offer_of: tuple[Offering, Offer],
    right: Callable[[str], bool],
    tries: int,
    now: datetime,
) -> tuple[Verdict, Claim]:
    """Spend a code. `right` tells whether what was typed is the code of a nonce.

    The verdict is returned and not raised, so that a wrong try is counted.

    Raises:
        EnlaceError: there is no claim that would let the agency see.
    """
    offering, offer = offer_of
    claim = accepted_claim(offering, offer)
    if not offering.codes or offering.codes[-1].offer != offer.id:
        raise rule(
            "no-code",
            "No code was sent yet: ask for one first.",
            es="Todavía no se envió ningún código: pida uno primero.",
        )
    code = offering.codes[-1]
    if code.spent or code.wrong >= tries or code.expires <= now:
        return Verdict.DEAD, claim
    good = right(code.nonce)
    after = code.model_copy(update={"spent": True} if good else {"wrong": code.wrong + 1})
    board.put(offering.having(codes=(*offering.codes[:-1], after)))
    return (Verdict.RIGHT if good else Verdict.WRONG), claim
