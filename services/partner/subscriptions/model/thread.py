"""What has happened to a referral's offers, as far as agencies are told of it. Pure.

Each agency hears of its own offers alone. Until it has taken the child it hears no id that another
agency hears too: neither the referral's nor that of the event behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from contracts.code import Code
from services.chassis.aggregate import Aggregate
from services.partner.subscriptions.model.kinds import Kind

_EVENTS = UUID("6f1d0c1e-2f5b-5c0e-9d55-3a6a1c6c7a10")
"""Names the ids of what agencies are told, made from the ids of what happened."""

MOST_WAITING = 20
"""Answers of the school that wait for the claim they answer."""


class Standing(Code):
    """Where an offer stands, as far as it decides what its agency may see."""

    OPEN = "open"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    ENDED = "ended"
    CLOSED = "closed"


class KnownOffer(BaseModel):
    """An offer that an agency was told of.

    Attributes:
        waits: it stands on a waitlist, so that the round's end does not close it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    agency: str
    service: str
    round: int
    standing: Standing = Standing.OPEN
    waits: bool = False


class Waiting(BaseModel):
    """Something about a claim that was read before the claim itself: topics come in any order."""

    model_config = ConfigDict(frozen=True)

    claim: str
    kind: Kind
    data: dict[str, Any]
    event: str
    time: datetime


class Thread(Aggregate):
    """The offers of one referral; the id is the referral's.

    Attributes:
        claims: offer by claim.
        hidden: the referral was erased, or should never have been: nothing more is told of it.
    """

    COLLECTION: ClassVar[str] = "subscription_threads"

    offers: tuple[KnownOffer, ...] = ()
    claims: dict[str, str] = Field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()
    hidden: bool = False

    def offer(self, id: str) -> KnownOffer | None:
        """Return one offer."""
        return next((offer for offer in self.offers if offer.id == id), None)

    def may_see(self, agency: str, offer: str) -> bool:
        """Tell whether an agency may see now what an offer is about, beyond that it was theirs."""
        known = self.offer(offer)
        if known is None or known.agency != agency or self.hidden:
            return False
        return known.standing is not Standing.CLOSED

    def with_offer(self, id: str, **changes: Any) -> "Thread":
        """Return it with one offer changed."""
        offers = tuple(
            each.model_copy(update=changes) if each.id == id else each for each in self.offers
        )
        return self.having(offers=offers)


@dataclass(frozen=True, slots=True)
class Cause:
    """The event behind what is told: its id, and when it happened."""

    event: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What one agency is to be told; numbered when it is written.

    Attributes:
        id: of this event as the agency receives it; the same however often the cause is read.
        data: JSON values.
    """

    id: str
    agency: str
    kind: Kind
    time: datetime
    referral: str
    offer: str
    service: str
    data: Mapping[str, Any]


def draft(
    thread: Thread, offer: KnownOffer, kind: Kind, data: Mapping[str, Any], cause: Cause
) -> Draft:
    """Return what an offer's agency is told."""
    return Draft(
        id=str(uuid5(_EVENTS, f"{cause.event}/{offer.id}/{kind}")),
        agency=offer.agency,
        kind=kind,
        time=cause.time,
        referral=thread.id,
        offer=offer.id,
        service=offer.service,
        data=data,
    )
