"""Agreements (MOUs) over HTTP."""

from datetime import date
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field, model_validator

from contracts.codes import AgreementStatus
from services.chassis.errors import TwoTonguesError, unknown
from services.chassis.fields import Day, Id
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
from services.partner.api.context import (
    Context,
    Reader,
    Site,
    Writer,
    need_agency,
    need_sites,
    own_agencies,
    seen,
)
from services.partner.handlers import directory
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement


class AgreementBody(Body):
    """An agreement, whole. `expiring` and `expired` follow from `until`; stated, they mean active.

    Attributes:
        starts: `from` on the wire: the first day.
        until: the last day; null where it has no end.
    """

    model_config = ConfigDict(populate_by_name=True)

    agency: Id
    status: AgreementStatus
    sites: Annotated[tuple[Site, ...], Field(min_length=1, max_length=500)]
    starts: Day = Field(alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.starts:
            raise TwoTonguesError(
                "the last day is before the first one: correct until or from",
                "el último día es anterior al primero: corrija until o from",
            )
        return self


class AgreementView(Body):
    """An agreement. `live`: whether offers may go out under it now."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    version: int
    agency: Id
    status: AgreementStatus
    sites: tuple[str, ...]
    starts: date = Field(alias="from")
    until: date | None
    live: bool


def agreements_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/agreements", tags=["agreements"])

    @router.put("/{id}")
    async def put_agreement(
        id: Identifier,
        body: AgreementBody,
        response: Response,
        caller: Writer,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """Enter an agreement with a known agency; with `If-Match`, replace it."""
        need_sites(caller, body.sites)

        def allow(known: Agreement | None) -> None:
            if known is not None:
                need_sites(caller, known.sites)

        fresh = Agreement(
            id=identifier(id),
            agency=identifier(body.agency),
            status=body.status,
            sites=body.sites,
            starts=body.starts,
            until=body.until,
            zone=context.settings.zone,
            fingerprint=fingerprint(context.secret, body),
        )
        agreement = await directory.put(
            context.store,
            fresh.settled(context.clock.now()),
            expected=seen(if_match),
            need=[Ref(Agency, fresh.agency)],
            allow=allow,
        )
        set_etag(response, agreement.version)
        return _view(context, agreement)

    @router.get("")
    async def list_agreements(
        caller: Reader,
        agency: Annotated[str | None, Query(max_length=36)] = None,
        site: Annotated[str | None, Query(max_length=64)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[AgreementView]:
        """List agreements, newest first."""
        query = _query(agency, site, own_agencies(caller), read_cursor(cursor))
        rows = context.store.find(Agreement, query, sort=[("_id", -1)], limit=limit + 1)
        found = [each async for each in rows]
        page = found[:limit]
        return Page[AgreementView](
            items=[_view(context, each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/{id}")
    async def get_agreement(id: Identifier, response: Response, caller: Reader) -> AgreementView:
        """Return one agreement."""
        agreement = await context.store.get(Agreement, identifier(id))
        if agreement is None:
            raise unknown("agreement")
        need_agency(caller, agreement.agency, "agreement")
        set_etag(response, agreement.version)
        return _view(context, agreement)

    return router


def _query(
    agency: str | None, site: str | None, own: list[str] | None, before: str | None
) -> dict[str, Any]:
    wishes: list[dict[str, Any]] = []
    if agency is not None:
        wishes.append({"agency": identifier(agency)})
    if site is not None:
        wishes.append({"sites": site})
    if own is not None:
        wishes.append({"agency": {"$in": own}})
    if before is not None:
        wishes.append({"_id": {"$lt": before}})
    return {"$and": wishes} if wishes else {}


def _view(context: Context, agreement: Agreement) -> AgreementView:
    now = context.clock.now()
    return AgreementView(
        id=agreement.id,
        version=agreement.version,
        agency=agreement.agency,
        status=agreement.settled(now).status,
        sites=agreement.sites,
        starts=agreement.starts,
        until=agreement.until,
        live=agreement.live(now),
    )
