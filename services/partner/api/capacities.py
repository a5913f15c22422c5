"""Seats over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field, StringConstraints, model_validator

from contracts.codes import CapacityPeriod, CapacityStatus, CapacityUnit
from services.chassis.auth import OF_AGENCY, Principal, Role
from services.chassis.errors import TwoTonguesError, unknown
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.partner.api.context import DISTRICT, Context, need_agency, own_agencies, seen
from services.partner.api.waiting import WaitView, wait_view
from services.partner.handlers import capacities
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.service import Service
from services.partner.subscriptions.api.caller import AllowKey
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.key import Scope

Count = Annotated[int, Field(ge=0, le=100_000)]
School = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Its id.")]
NOTES_CHARACTERS = 500

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NOTES_CHARACTERS)
]


class CapacityBody(Body):
    """How many seats there are and how many are free, as of the version in `If-Match`.

    Attributes:
        notes: what is to be said of them in words, and nothing of a child; null takes it away,
            left out it stays.
    """

    unit: CapacityUnit = CapacityUnit.SEATS
    maximum: Count
    available: Count
    status: CapacityStatus | None = None
    notes: Words | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.available > self.maximum:
            raise TwoTonguesError(
                "more seats are free than there are: correct available or maximum",
                "hay más cupos libres que cupos: corrija available o maximum",
            )
        return self


class CapacityView(Body):
    """Seats of a service at a school.

    Attributes:
        period: after which they begin anew; null: they come free as help ends.
        renews_at: when they do so next.
        notes: what the agency says of them in words.
        stale: told long ago.
        wait: how long it has taken those who had to wait.
    """

    service: str
    agency: str
    site: str
    unit: CapacityUnit
    period: CapacityPeriod | None
    renews_at: datetime | None
    notes: str | None
    status: CapacityStatus
    maximum: int
    available: int
    held: int
    used: int
    waitlisted: int
    as_of: datetime
    stale: bool
    wait: WaitView
    version: int


def capacities_router(context: Context, desk: Desk) -> APIRouter:
    """Return the router; an agency's own system calls with a key of scope `capacity`."""
    router = APIRouter(prefix="/v1/capacities", tags=["capacities"])
    telling = AllowKey(desk, Scope.CAPACITY, Role.COORDINATOR, Role.ADMIN, *OF_AGENCY)
    reading = AllowKey(desk, Scope.CAPACITY, *DISTRICT, *OF_AGENCY)
    teller = Annotated[Principal, Depends(telling)]
    reader = Annotated[Principal, Depends(reading)]

    @router.put("/{service}/{site}")
    async def put_capacity(
        service: Identifier,
        site: School,
        *,
        body: CapacityBody,
        response: Response,
        caller: teller,
        if_match: IfMatch = None,
    ) -> CapacityView:
        """Tell the seats of a service at a school; holds made since the version seen stand."""
        context.sites.need(site)
        known = await context.store.get(Service, identifier(service))
        if known is None or not known.serves(site):
            raise unknown("service at this school")
        if not caller.works_for(known.agency):
            caller.need_site(site, Role.COORDINATOR, what="service")
        version = seen(if_match)
        figure = capacities.Figure(
            available=body.available,
            maximum=body.maximum,
            unit=body.unit,
            status=body.status,
            notes=body.notes,
            says_notes="notes" in body.model_fields_set,
            seen=version,
            fingerprint=f"{fingerprint(context.secret, body)}:{version}",
        )
        needs = await context.district.needs()
        told = await capacities.report(
            context.store, known, site, figure, context.moments.now(), needs=needs
        )
        set_etag(response, told.version)
        return view_of(context, told)

    @router.get("")
    async def list_capacities(
        caller: reader,
        service: Annotated[str | None, Query(max_length=36)] = None,
        site: Annotated[str | None, Query(max_length=64)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[CapacityView]:
        """List seats."""
        query = _query(service, site, own_agencies(caller), read_cursor(cursor))
        found = [each async for each in context.store.find(Capacity, query, limit=limit + 1)]
        page = found[:limit]
        return Page[CapacityView](
            items=[view_of(context, each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/{service}/{site}")
    async def get_capacity(
        service: Identifier, site: str, response: Response, caller: reader
    ) -> CapacityView:
        """Return the seats of a service at a school."""
        capacity = await context.store.get(Capacity, capacity_id(identifier(service), site))
        if capacity is None:
            raise unknown("count of seats")
        need_agency(caller, capacity.agency, "count of seats")
        set_etag(response, capacity.version)
        return view_of(context, capacity)

    return router


def _query(
    service: str | None, site: str | None, own: list[str] | None, after: str | None
) -> dict[str, Any]:
    query: dict[str, Any] = {}
    if service is not None:
        query["service"] = identifier(service)
    if site is not None:
        query["site"] = site
    if own is not None:
        query["agency"] = {"$in": own}
    if after is not None:
        query["_id"] = {"$gt": after}
    return query


def view_of(context: Context, capacity: Capacity) -> CapacityView:
    """Return seats as staff and agencies see them."""
    told = capacity.event()
    return CapacityView(
        service=capacity.service,
        agency=capacity.agency,
        site=capacity.site,
        unit=capacity.unit,
        period=told.period,
        renews_at=told.renews_at,
        notes=capacity.notes,
        status=capacity.status,
        maximum=capacity.maximum,
        available=capacity.available,
        held=told.held,
        used=told.used,
        waitlisted=told.waitlisted,
        as_of=capacity.as_of,
        stale=is_stale(context, capacity),
        wait=wait_view(capacity, context.clock.now()),
        version=capacity.version,
    )


def is_stale(context: Context, capacity: Capacity) -> bool:
    """Tell whether a count is so old that somebody should ask before relying on it."""
    return context.clock.now() - capacity.as_of > context.settings.stale_after
