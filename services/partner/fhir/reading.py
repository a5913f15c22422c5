"""Finds the offers of one agency, as FHIR's resources are made of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.chassis.errors import unknown
from services.chassis.ids import is_id
from services.partner.api.context import Context
from services.partner.fhir.resources import Seen
from services.partner.model.agency import Agency
from services.partner.model.offering import Offer, Offering, OfferState
from services.partner.model.service import Service
from services.partner.store import by_id
from services.partner.subscriptions.model.thread import Thread


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an agency's Tasks, which go from the newest referral to the oldest."""

    offering: str
    offer: str


@dataclass(frozen=True, slots=True)
class Found:
    """An offer, with the referral that it is of."""

    offering: Offering
    offer: Offer

    @property
    def place(self) -> Place:
        """Where it stands among its agency's Tasks."""
        return Place(self.offering.id, self.offer.id)


async def offers_of(
    context: Context,
    agency: str,
    states: Collection[OfferState] | None,
    after: Place | None,
    limit: int,
) -> list[Found]:
    """Return an agency's offers behind a place, the newest first."""
    wanted: dict[str, object] = {"agency": agency}
    if states is not None:
        wanted["state"] = {"$in": [each.value for each in states]}
    query: dict[str, object] = {"offers": {"$elemMatch": wanted}}
    if after is not None:
        query["_id"] = {"$lte": after.offering}
    found: list[Found] = []
    async for offering in context.store.find(Offering, query, sort=[("_id", -1)]):
        for offer in sorted(offering.offers, key=lambda each: each.id, reverse=True):
            passed = after and after.offering == offering.id and offer.id >= after.offer
            if offer.agency == agency and (states is None or offer.state in states) and not passed:
                found.append(Found(offering, offer))
        if len(found) >= limit:
            break
    return found[:limit]


async def offer_of(context: Context, agency: str, id: str) -> Found:
    """Return one offer of an agency.

    Raises:
        EnlaceError: there is none, or it is another agency's: the two are not told apart.
    """
    if is_id(id):
        async for offering in context.store.find(Offering, {"offers.id": id}, limit=1):
            offer = offering.offer(id)
            if offer is not None and offer.agency == agency:
                return Found(offering, offer)
    raise unknown("Task")


async def has_asked(context: Context, site: str, agency: str) -> bool:
    """Tell whether a school has ever offered an agency a child."""
    query = {"offers.agency": agency, "site": site}
    return bool([each async for each in context.store.find(Offering, query, limit=1)])


async def seen(context: Context, agency: Agency, found: Sequence[Found]) -> list[Seen]:
    """Return offers with all that their resources are made of."""
    services = await by_id(context.store, Service, [each.offer.service for each in found])
    threads = await by_id(context.store, Thread, [each.offering.id for each in found])
    needs = await context.district.needs()
    made = []
    for each in found:
        service = services.get(each.offer.service)
        category = service.category if service else each.offering.category
        thread = threads.get(each.offering.id)
        made.append(
            Seen(
                offering=each.offering,
                offer=each.offer,
                claim=each.offering.claim_of(each.offer.id),
                category=category,
                called=needs.names(category),
                service_name=service.name if service else "",
                agency_name=agency.name,
                school=context.sites.get(each.offering.site).name,
                # The thread follows by events: what was asked a moment ago is not in it yet.
                may_see=thread is None or not thread.hidden,
            )
        )
    return made
