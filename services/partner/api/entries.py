"""The page on which an agency confirms its entries in the directory: a GET shows, a POST acts."""

from typing import Annotated

from fastapi import APIRouter, Depends

from contracts.categories import Category
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body, Identifier, identifier
from services.partner.api.acting import need_entry
from services.partner.api.context import Context
from services.partner.api.page_links import Link, opened, over
from services.partner.handlers import entries, revoking
from services.partner.model.agency import Agency
from services.partner.model.confirmed import Confirmed
from services.partner.model.confirming import EntriesLink
from services.partner.model.service import Place, Service
from services.partner.model.terms import Terms

SHOWN = 200
"""Services that the page shows; the tap is for all of them, and the page says how many."""


class ConfirmBody(Body):
    """A command that needs no words."""


class EntryView(Body):
    """A service as the directory has it."""

    service: str
    name: str
    category: Category
    description: str | None
    languages: tuple[str, ...]
    minimum_age: float | None
    maximum_age: float | None
    locations: tuple[Place, ...]
    terms: Terms
    confirmed: Confirmed | None


class EntriesPage(Body):
    """What stands of an agency in the directory; nothing of any child.

    Attributes:
        total: how many services there are, shown or not.
        done: this asking has been answered.
        confirmed: when the agency last said that its entries hold.
    """

    agency: str
    agency_name: str
    website: str | None
    services: tuple[EntryView, ...]
    total: int
    done: bool
    confirmed: Confirmed | None


def entries_router(context: Context) -> APIRouter:
    """Return the router. A link is the key: nobody signs in here."""
    router = APIRouter(
        prefix="/v1/entries-answers", tags=["directory"], dependencies=[Depends(Allow())]
    )

    @router.get("")
    async def show(link: Link) -> EntriesPage:
        """Show the entries; whoever opens a link, a mail scanner too, changes nothing."""
        return await _page(context, await _opened(context, link))

    @router.post("/confirm")
    async def confirm(link: Link, body: ConfirmBody) -> EntriesPage:
        """Take the agency's word that all of it holds; a repeat changes nothing."""
        del body
        asked = await _opened(context, link)
        await entries.confirm(context.store, asked, context.clock)
        return await _page(context, asked)

    return router


def entries_links_router(context: Context) -> APIRouter:
    """Return the router of those links as a school sees them."""
    router = APIRouter(prefix="/v1/agencies/{id}/entries", tags=["directory"])
    keeper = Depends(Allow(Role.COORDINATOR, Role.ADMIN, Role.AGENCY_ADMIN))

    @router.post("/revoke-links")
    async def revoke_links(
        id: Identifier, body: ConfirmBody, caller: Annotated[Principal, keeper]
    ) -> dict[str, int]:
        """Make every link to an agency's entries worth nothing; its next asking brings another."""
        del body
        agency = await context.store.get(Agency, identifier(id))
        if agency is None:
            raise unknown("agency")
        await need_entry(context, caller, agency.id)
        return {"revoked": await revoking.links_to_entries(context.store, agency.id)}

    return router


async def _opened(context: Context, token: str) -> EntriesLink:
    async def asking(link: EntriesLink) -> EntriesLink | None:
        return link

    found, agency = await opened(context, EntriesLink, token, asking)
    if agency.retired:
        raise over()
    return found


async def _page(context: Context, link: EntriesLink) -> EntriesPage:
    agency = await context.store.get(Agency, link.agency)
    if agency is None:
        raise unknown("page")
    services = await entries.services_of(context.store, agency.id)
    return EntriesPage(
        agency=agency.id,
        agency_name=agency.name,
        website=agency.website,
        services=tuple(_entry(each) for each in services[:SHOWN]),
        total=len(services),
        done=agency.confirmed_asking == link.asking,
        confirmed=agency.confirmed,
    )


def _entry(service: Service) -> EntryView:
    fields = {"service": service.id, **dict(service)}
    return EntryView(**{name: fields[name] for name in EntryView.model_fields})
