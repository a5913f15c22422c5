"""What an agency may see of an offer, and whether it may act on it: one rule, whatever the door."""

from datetime import datetime

from services.partner.model.offering import Offer, OfferState

CLOSED = frozenset(
    {OfferState.DECLINED, OfferState.EXPIRED, OfferState.TAKEN, OfferState.WITHDRAWN}
)
"""The agency has nothing to do with the child any more: what it was about is told no longer."""


def state_on(offer: Offer, now: datetime) -> OfferState:
    """Return where an offer stands, whatever the sweep has seen of its time."""
    return OfferState.EXPIRED if offer.is_late(now) else offer.state


def may_see(offer: Offer, now: datetime, *, hidden: bool = False) -> bool:
    """Tell whether the agency may see what an offer is about.

    Args:
        offer: of the agency.
        now: the present moment.
        hidden: the referral was erased, or should never have been.
    """
    return not hidden and state_on(offer, now) not in CLOSED
