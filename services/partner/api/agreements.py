"""Agreements (MOUs) over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from services.chassis.errors import unknown
from services.chassis.http.commands import (
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
from services.partner.api.agreement_bodies import AgreementBody
from services.partner.api.agreement_views import AgreementView, view_of, views_of
from services.partner.api.context import (
    Context,
    Reader,
    Writer,
    need_agency,
    need_sites,
    own_agencies,
    seen,
)
from services.partner.handlers import directory
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_steps import need_its_agency, need_open
from services.partner.model.service import Service


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
        await context.district.need_known(body.needs)

        def allow(known: Agreement | None) -> None:
            if known is not None:
                need_sites(caller, known.sites)
                need_its_agency(known, fresh)
                again = if_match is None and known.created == fresh.fingerprint
                need_open(known, again or known.fingerprint == fresh.fingerprint)

        print_of = fingerprint(context.secret, body)
        fresh = body.agreement(identifier(id), context.settings.zone, print_of)
        agreement = await directory.put(
            context.store,
            fresh.settled(context.clock.now()),
            expected=seen(if_match),
            tell=Agreement.event,
            keep=("told", "renews", "documents", "reached"),
            need=[Ref(Agency, fresh.agency), *(Ref(Service, each) for each in fresh.services)],
            allow=allow,
        )
        set_etag(response, agreement.version)
        return await view_of(context, agreement)

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
            items=await views_of(context, page),
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
        return await view_of(context, agreement)

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
