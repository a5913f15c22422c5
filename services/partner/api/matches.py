"""Matches over HTTP. What is asked about a child is neither stored nor logged."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.codes import CapacityStatus, CapacityUnit
from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body
from services.partner import store as reading
from services.partner.api.context import Context, Need
from services.partner.model.agency import Agency
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.matching import Match, Place, Reason, excluded, match, ranked
from services.partner.model.service import Service

MOST = 500
"""Services of one kind that are looked at; a district has tens."""


class ReasonView(Body):
    """Why, as a code and in both languages."""

    code: str
    es: str
    en: str


class MatchView(Body):
    """A service that could help. `seats` is null where the agency never told them."""

    service: str
    service_name: str
    agency: str
    agency_name: str
    unit: CapacityUnit | None
    seats: int | None
    maximum: int | None
    status: CapacityStatus | None
    as_of: datetime | None
    stale: bool
    languages: tuple[str, ...]
    reasons: tuple[ReasonView, ...]


class ExcludedView(Body):
    """A service of this kind that no offer can go to, and why."""

    service: str
    service_name: str
    agency: str
    agency_name: str
    reasons: tuple[ReasonView, ...]


class Matches(Body):
    """Services that could help, best first; and those that cannot be asked."""

    matches: tuple[MatchView, ...]
    excluded: tuple[ExcludedView, ...]


def matches_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/matches", tags=["matches"])
    reader = Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))

    @router.get("")
    async def list_matches(
        caller: Annotated[Principal, reader],
        category: Need,
        site: Annotated[str, Query(max_length=64)],
        language: Annotated[str | None, Query(max_length=35)] = None,
    ) -> Matches:
        """Return the services that could help a child of this school, with reasons."""
        caller.need_site(site, Role.COORDINATOR, Role.CARE_TEAM, what="site")
        now = context.clock.now()
        fitting, apart = [], []
        for place in await _places(context, category, site):
            obstacle = excluded(place, site, now)
            if obstacle is None:
                fitting.append(match(place, site, language, context.settings.stale_after, now))
            else:
                apart.append(_apart(place, obstacle))
        return Matches(
            matches=tuple(_view(each) for each in ranked(fitting)), excluded=tuple(apart)
        )

    return router


async def _places(context: Context, category: Need, site: str) -> list[Place]:
    store = context.store
    query = {**reading.meeting(category), "retired": False}
    services = await reading.list_named(store, Service, query, limit=MOST)
    agencies = await reading.by_id(store, Agency, [each.agency for each in services])
    agreements = await reading.agreements_of(store, agencies)
    ids = [capacity_id(each.id, site) for each in services]
    capacities = await reading.by_id(store, Capacity, ids)
    return [
        Place(
            service=each,
            agency=agency,
            agreements=tuple(agreements.get(each.agency, ())),
            capacity=capacities.get(capacity_id(each.id, site)),
        )
        for each in services
        if (agency := agencies.get(each.agency)) is not None and not agency.retired
    ]


def _view(found: Match) -> MatchView:
    service, agency, capacity = found.place.service, found.place.agency, found.place.capacity
    return MatchView(
        service=service.id,
        service_name=service.name,
        agency=agency.id,
        agency_name=agency.name,
        unit=capacity.unit if capacity else None,
        seats=capacity.available if capacity else None,
        maximum=capacity.maximum if capacity else None,
        status=capacity.status if capacity else None,
        as_of=capacity.as_of if capacity else None,
        stale=found.stale,
        languages=service.languages,
        reasons=tuple(reason_view(each) for each in found.reasons),
    )


def _apart(place: Place, obstacle: Reason) -> ExcludedView:
    return ExcludedView(
        service=place.service.id,
        service_name=place.service.name,
        agency=place.agency.id,
        agency_name=place.agency.name,
        reasons=(reason_view(obstacle),),
    )


def reason_view(each: Reason) -> ReasonView:
    """Return a reason as it is told."""
    return ReasonView(code=each.code, es=each.es, en=each.en)
