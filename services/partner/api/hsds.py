"""Organizations and classifications as Open Referral HSDS 3.0 reads them.

`/v1/hsds` is the base of the standard's API.
"""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel

from services.chassis.errors import unknown
from services.chassis.http.commands import Identifier, identifier
from services.partner import store as reading
from services.partner.api.context import Context, Reader, need_agency, own_agencies
from services.partner.api.hsds_pages import (
    Full,
    HsdsPage,
    PageNumber,
    PerPage,
    Search,
    TermId,
    cut,
    page_of,
    people_of,
    rows_of,
)
from services.partner.model.agency import Agency
from services.partner.model.hsds.ids import Record
from services.partner.model.hsds.organizations import full_organization, organization
from services.partner.model.hsds.services import service
from services.partner.model.hsds.taxonomy import all_taxonomies, all_terms
from services.partner.model.service import Service

PROFILE = "https://docs.openreferral.org/en/3.0/hsds/"


class Meta(BaseModel):
    """What this API is, as the standard asks."""

    version: str
    profile: str
    openapi_url: str


def hsds_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/hsds", tags=["hsds"])

    @router.get("/")
    async def describe(caller: Reader) -> Meta:
        """Tell which version of the standard this is."""
        del caller
        return Meta(version="3.0", profile=PROFILE, openapi_url="/openapi.json")

    @router.get("/organizations")
    async def list_organizations(
        caller: Reader,
        *,
        search: Search = None,
        full: Full = False,
        page: PageNumber = 1,
        per_page: PerPage = 50,
    ) -> HsdsPage:
        """List agencies by name; `full`: with the people whom their directories list."""
        own = own_agencies(caller)
        query = reading.by_name(None, search) | ({} if own is None else {"_id": {"$in": own}})
        rows, total = await rows_of(context, Agency, query, page, per_page)
        found = [Agency.from_document(row) for row in rows]
        contents = [organization(each) for each in found]
        if full:
            contents = await _full(context, found)
        return page_of(contents, total, page, per_page)

    @router.get("/organizations/{id}")
    async def get_organization(id: Identifier, caller: Reader) -> Record:
        """Return an agency with its services and places."""
        found = await context.store.get(Agency, identifier(id))
        if found is None:
            raise unknown("agency")
        need_agency(caller, found.id, "agency")
        return (await _full(context, [found]))[0]

    return router


def hsds_taxonomies_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/hsds", tags=["hsds"])

    @router.get("/taxonomies")
    async def list_taxonomies(
        caller: Reader, page: PageNumber = 1, per_page: PerPage = 50
    ) -> HsdsPage:
        """List classifications: Enlace's needs, and those that directories brought."""
        del caller
        found = all_taxonomies(await reading.listed_terms(context.store))
        return cut(found, page, per_page)

    @router.get("/taxonomies/{id}")
    async def get_taxonomy(id: Identifier, caller: Reader) -> Record:
        """Return a classification."""
        del caller
        found = all_taxonomies(await reading.listed_terms(context.store))
        return _one(found, id, "classification")

    @router.get("/taxonomy_terms")
    async def list_terms(
        caller: Reader,
        *,
        taxonomy_id: TermId = None,
        parent_id: TermId = None,
        page: PageNumber = 1,
        per_page: PerPage = 50,
    ) -> HsdsPage:
        """List terms by classification and name."""
        del caller
        found = await _terms(context)
        if taxonomy_id is not None:
            found = [each for each in found if each["taxonomy_detail"]["id"] == taxonomy_id]
        if parent_id is not None:
            found = [each for each in found if each.get("parent_id") == parent_id]
        return cut(found, page, per_page)

    @router.get("/taxonomy_terms/{id}")
    async def get_term(id: Identifier, caller: Reader) -> Record:
        """Return a term."""
        del caller
        return _one(await _terms(context), id, "term")

    return router


async def _terms(context: Context) -> list[Record]:
    listed = await reading.listed_terms(context.store)
    needs = await context.district.needs()
    return all_terms(listed, [each.code for each in needs.all])


async def _full(context: Context, agencies: Sequence[Agency]) -> list[Record]:
    own = {"agency": {"$in": [each.id for each in agencies]}}
    services: dict[str, list[Service]] = {}
    for each in await reading.list_named(context.store, Service, own, limit=0):
        services.setdefault(each.agency, []).append(each)
    people = await people_of(context, agencies)
    return [
        full_organization(
            agency,
            [service(each, None, None) for each in services.get(agency.id, ())],
            services.get(agency.id, ()),
            people,
        )
        for agency in agencies
    ]


def _one(found: list[Record], id: str, what: str) -> Record:
    wanted = identifier(id)
    for each in found:
        if each["id"] == wanted:
            return each
    raise unknown(what)
