"""Services as Open Referral HSDS 3.0 reads them."""

from typing import Any

from fastapi import APIRouter

from services.chassis.errors import unknown
from services.chassis.http.commands import Identifier, identifier
from services.partner import store as reading
from services.partner.api.context import Context, Reader, need_agency
from services.partner.api.hsds_pages import (
    After,
    Full,
    HsdsPage,
    OrganizationId,
    PageNumber,
    PerPage,
    Search,
    TermId,
    page_of,
    people_of,
    rows_of,
    services_query,
)
from services.partner.model.agency import Agency
from services.partner.model.hsds.ids import Record
from services.partner.model.hsds.services import full_service, service
from services.partner.model.hsds.taxonomy import need_term, term_id
from services.partner.model.service import Service


def hsds_services_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/hsds", tags=["hsds"])

    @router.get("/services")
    async def list_services(
        caller: Reader,
        *,
        search: Search = None,
        organization_id: OrganizationId = None,
        taxonomy_term_id: TermId = None,
        modified_after: After = None,
        full: Full = False,
        page: PageNumber = 1,
        per_page: PerPage = 50,
    ) -> HsdsPage:
        """List services by name; those that have gone are inactive."""
        query = services_query(caller, search, organization_id, modified_after)
        if taxonomy_term_id is not None:
            query |= await _with_term(context, taxonomy_term_id)
        rows, total = await rows_of(context, Service, query, page, per_page)
        found = [Service.from_document(row) for row in rows]
        agencies = await reading.by_id(context.store, Agency, [each.agency for each in found])
        people = await people_of(context, agencies.values()) if full else {}
        contents = []
        for each, row in zip(found, rows, strict=True):
            agency, at = agencies.get(each.agency), row.get("changed_at")
            contents.append(
                full_service(each, agency, at, people) if full else service(each, agency, at)
            )
        return page_of(contents, total, page, per_page)

    @router.get("/services/{id}")
    async def get_service(id: Identifier, caller: Reader) -> Record:
        """Return a service with all that hangs on it."""
        row = await context.store.collection(Service).find_one({"_id": identifier(id)})
        if row is None:
            raise unknown("service")
        found = Service.from_document(row)
        need_agency(caller, found.agency, "service")
        agency = await context.store.get(Agency, found.agency)
        people = await people_of(context, [agency] if agency else [])
        return full_service(found, agency, row.get("changed_at"), people)

    return router


async def _with_term(context: Context, id: str) -> dict[str, Any]:
    """Return the query for services with a term: one of Enlace's needs, or a directory's own."""
    for known in (await context.district.needs()).all:
        if need_term(known.code)["id"] == id:
            return reading.meeting(known.code)
    listed = await reading.listed_terms(context.store)
    codes = [each.id for each in listed if term_id(each) == id]
    return {"listing.terms.id": {"$in": codes}}
