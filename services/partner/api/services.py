"""Services over HTTP."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, Field, model_validator

from contracts.categories import Category
from services.chassis.errors import TwoTonguesError, unknown
from services.chassis.fields import Id, LanguageTag, Sought
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
from services.chassis.store import Ref
from services.partner import store as reading
from services.partner.api.context import (
    Context,
    Name,
    Need,
    Reader,
    Site,
    Writer,
    need_agency,
    own_agencies,
    seen,
)
from services.partner.api.terms import PlaceBody, TermsBody
from services.partner.handlers import directory
from services.partner.model.agency import Agency
from services.partner.model.confirmed import Confirmed, ConfirmedBy, is_old
from services.partner.model.listing import Listing, PlaceListing
from services.partner.model.service import Service
from services.partner.model.terms import Terms

Spoken = Annotated[LanguageTag, AfterValidator(str.lower)]
Years = Annotated[float, Field(ge=0, le=130)]


class ServiceBody(Body):
    """A service, whole. No `sites` means every school that the agency's agreements cover.

    Attributes:
        terms: for whom it is besides, when and for how much; left out, what is known stays.
        locations: where it is offered; left out, what is known stays.
    """

    agency: Id
    name: Name
    category: Need
    also: Annotated[tuple[Need, ...], Field(max_length=20)] = ()
    description: str | None = Field(default=None, max_length=4_000)
    sites: Annotated[tuple[Site, ...], Field(max_length=500)] = ()
    languages: Annotated[tuple[Spoken, ...], Field(max_length=50)] = ()
    minimum_age: Years | None = None
    maximum_age: Years | None = None
    terms: TermsBody | None = None
    locations: Annotated[tuple[PlaceBody, ...], Field(max_length=100)] | None = None
    retired: bool = False

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        lowest, highest = self.minimum_age, self.maximum_age
        if lowest is not None and highest is not None and highest < lowest:
            raise TwoTonguesError(
                "maximum_age is below minimum_age: correct one of them",
                "maximum_age es menor que minimum_age: corrija uno de los dos",
            )
        return self


class PlaceView(Body):
    """Where a service is offered, as staff can put it right; see `Place`."""

    name: str | None
    lines: tuple[str, ...]
    city: str | None
    state: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    phones: tuple[str, ...]
    source_id: str | None
    transportation: str | None
    accessibility: tuple[str, ...]


class ServiceView(Body):
    """A service.

    Attributes:
        told: what its directory says of each of its locations besides, in their order.
        confirmed: who last said that this holds, and when; null where nobody has.
        entry_old: that is so long ago, or has never been, that somebody should ask first.
    """

    id: str
    version: int
    agency: str
    name: str
    category: Category
    also: tuple[Category, ...]
    description: str | None
    sites: tuple[str, ...]
    languages: tuple[str, ...]
    minimum_age: float | None
    maximum_age: float | None
    locations: tuple[PlaceView, ...]
    told: tuple[PlaceListing, ...]
    terms: Terms
    listing: Listing
    retired: bool
    confirmed: Confirmed | None
    entry_old: bool
    source: str | None
    source_id: str | None


def services_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/services", tags=["services"])

    @router.put("/{id}")
    async def put_service(
        id: Identifier,
        body: ServiceBody,
        response: Response,
        caller: Writer,
        if_match: IfMatch = None,
    ) -> ServiceView:
        """Enter a service of a known agency; with `If-Match`, replace it."""
        del caller
        needs = await context.district.need_known([body.category, *body.also])
        word = Confirmed(at=context.clock.now(), by=ConfirmedBy.SCHOOL)
        fields = {**_fields(body), "confirmed": word}
        fresh = Service(id=identifier(id), fingerprint=fingerprint(context.secret, body), **fields)
        service = await directory.put(
            context.store,
            fresh,
            expected=seen(if_match),
            tell=lambda service: service.event(needs),
            keep=[name for name in _KEPT if name not in fields],
            need=[Ref(Agency, fresh.agency)],
            finish=_with_what_is_told,
        )
        set_etag(response, service.version)
        return _view(context, service)

    @router.get("")
    async def list_services(
        caller: Reader,
        *,
        category: Need | None = None,
        site: Annotated[str | None, Query(max_length=64)] = None,
        agency: Annotated[str | None, Query(max_length=36)] = None,
        q: Annotated[Sought | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ServiceView]:
        """List services by name."""
        also: list[dict[str, Any]] = []
        if category is not None:
            await context.district.need_known([category])
            also.append(reading.meeting(category))
        if site is not None:
            also.append({"$or": [{"sites": site}, {"sites": []}]})
        if agency is not None:
            also.append({"agency": identifier(agency)})
        own = own_agencies(caller)
        if own is not None:
            also.append({"agency": {"$in": own}})
        query = reading.by_name(read_cursor(cursor), q)
        if also:
            query["$and"] = also
        found = await reading.list_named(context.store, Service, query, limit=limit + 1)
        page = found[:limit]
        return Page[ServiceView](
            items=[_view(context, each) for each in page],
            next=write_cursor(reading.position(page[-1])) if len(found) > limit else None,
        )

    @router.get("/{id}")
    async def get_service(id: Identifier, response: Response, caller: Reader) -> ServiceView:
        """Return one service."""
        service = await context.store.get(Service, identifier(id))
        if service is None:
            raise unknown("service")
        need_agency(caller, service.agency, "service")
        set_etag(response, service.version)
        return _view(context, service)

    return router


_KEPT = (
    *("locations", "terms", "listing", "sourced", "differences"),
    *("source", "source_id", "source_fingerprint"),
)
"""What a body need not hold."""


def _with_what_is_told(known: Service | None, after: Service) -> Service:
    """Leave with each place what its directory says of it: no body holds that."""
    told = {each.source_id: each.told for each in known.locations} if known else {}
    return after.having(
        locations=tuple(
            each.model_copy(update={"told": told[each.source_id]})
            if each.source_id in told and each.source_id is not None
            else each
            for each in after.locations
        )
    )


def _fields(body: ServiceBody) -> dict[str, Any]:
    fields: dict[str, Any] = {**dict(body), "agency": identifier(body.agency)}
    terms, locations = fields.pop("terms"), fields.pop("locations")
    if terms is not None:
        fields["terms"] = terms.terms()
    if locations is not None:
        fields["locations"] = tuple(each.place() for each in locations)
    return fields


def _view(context: Context, service: Service) -> ServiceView:
    old = is_old(service.confirmed, context.clock.now(), context.settings.entries_old_after)
    places = [
        PlaceView(**{name: getattr(each, name) for name in PlaceView.model_fields})
        for each in service.locations
    ]
    told = tuple(each.told for each in service.locations)
    fields = {**dict(service), "entry_old": old, "locations": tuple(places), "told": told}
    return ServiceView(**{name: fields[name] for name in ServiceView.model_fields})
