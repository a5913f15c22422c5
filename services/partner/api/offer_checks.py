"""Whom referral may ask, and whom a consent may name, by what the directory has."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from contracts.categories import Category
from services.chassis.auth import Allow, Role
from services.chassis.http.commands import Body
from services.partner import store as reading
from services.partner.api.context import Context, Site
from services.partner.model.agency import Agency
from services.partner.model.matching.candidate import candidate, standing
from services.partner.model.matching.exclude import closed
from services.partner.model.matching.words import Reason, reason
from services.partner.model.service import Service

Id = Annotated[str, Field(min_length=1, max_length=64)]


class Asked(Body):
    """A service that is to be asked, and the agency that is said to run it.

    Attributes:
        by_phone: somebody calls it, so that it needs no address.
    """

    service: Id
    agency: Id
    by_phone: bool = False


class OfferCheck(Body):
    """Who is to be asked for a child of a school.

    Attributes:
        category: the kind of need; a service that does not meet it is named, where it is given.
    """

    site: Site
    category: Category | None = None
    candidates: Annotated[tuple[Asked, ...], Field(min_length=1, max_length=20)]


class Obstacle(Body):
    """Why one of them cannot be asked."""

    service: str
    service_name: str
    reason: Reason


class AgencyCheck(Body):
    """Agencies that somebody names."""

    agencies: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]


def offer_checks_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["offerings"])

    @router.post("/offer-checks", dependencies=[Depends(Allow(Role.SERVICE))])
    async def check_offers(body: OfferCheck) -> list[Obstacle]:
        """Return which of these services no offer can go to, and why; none of a child is told."""
        store = context.store
        services = await reading.by_id(store, Service, [each.service for each in body.candidates])
        agencies = await reading.by_id(store, Agency, [each.agency for each in body.candidates])
        agreements = await reading.agreements_of(store, agencies)
        found = []
        for each in body.candidates:
            service, agency = services.get(each.service), agencies.get(each.agency)
            why = reason("not-there")
            if service and agency and service.agency == agency.id:
                signed = tuple(agreements.get(agency.id, ()))
                stand = standing(signed, body.site, context.clock.now(), service.id)
                against = [
                    said
                    for said in closed(candidate(service, agency, signed), stand, body.site)
                    if not (each.by_phone and said.code == "nobody-to-ask")
                ]
                if not against and (body.category is None or service.meets(body.category)):
                    continue
                why = reason(against[0].code if against else "other-need")
            name = service.name if service else ""
            found.append(Obstacle(service=each.service, service_name=name, reason=why))
        return found

    @router.post("/agency-checks", dependencies=[Depends(Allow(Role.SERVICE))])
    async def check_agencies(body: AgencyCheck) -> list[str]:
        """Return which of these agencies the directory does not have, retired ones apart."""
        there = await reading.by_id(context.store, Agency, body.agencies)
        return [each for each in dict.fromkeys(body.agencies) if each not in there]

    return router
