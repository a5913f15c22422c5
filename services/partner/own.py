"""Finds the offers of one agency: for its system by FHIR, and for its staff by their accounts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from services.chassis.errors import unknown
from services.chassis.ids import is_id
from services.chassis.store import Store
from services.partner.model.offering import Offer, Offering, OfferState

Wanted = Callable[[Offer], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an agency's offers, which go from the newest referral to the oldest."""

    offering: str
    offer: str


@dataclass(frozen=True, slots=True)
class Found:
    """An offer, with the referral that it is of."""

    offering: Offering
    offer: Offer

    @property
    def place(self) -> Place:
        """Where it stands among its agency's offers."""
        return Place(self.offering.id, self.offer.id)


def _any(offer: Offer) -> bool:
    del offer
    return True


async def offers_of(
    store: Store,
    agency: str,
    states: Collection[OfferState] | None,
    after: Place | None,
    limit: int,
    *,
    wanted: Wanted = _any,
) -> list[Found]:
    """Return an agency's offers behind a place, the newest first.

    Args:
        store: of the service.
        agency: whose.
        states: of the offers; None for all.
        after: the place of the last one that was shown.
        limit: at most so many.
        wanted: what else they must be.
    """
    query: dict[str, object] = {"agency": agency}
    if states is not None:
        query["state"] = {"$in": [each.value for each in states]}
    query = {"offers": {"$elemMatch": query}}
    if after is not None:
        query["_id"] = {"$lte": after.offering}
    found: list[Found] = []
    async for offering in store.find(Offering, query, sort=[("_id", -1)]):
        for offer in sorted(offering.offers, key=lambda each: each.id, reverse=True):
            passed = after and after.offering == offering.id and offer.id >= after.offer
            fits = offer.agency == agency and (states is None or offer.state in states)
            if fits and not passed and wanted(offer):
                found.append(Found(offering, offer))
        if len(found) >= limit:
            break
    return found[:limit]


async def offer_of(store: Store, agency: str, id: str, *, what: str) -> Found:
    """Return one offer of an agency.

    Raises:
        EnlaceError: there is none, or it is another agency's: the two are not told apart.
    """
    if is_id(id):
        async for offering in store.find(Offering, {"offers.id": id}, limit=1):
            offer = offering.offer(id)
            if offer is not None and offer.agency == agency:
                return Found(offering, offer)
    raise unknown(what)
