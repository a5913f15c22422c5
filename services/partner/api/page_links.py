"""How the pages behind agencies' links are opened: of entries, batches and deletions alike."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol, TypeVar

from fastapi import Header

from services.chassis.errors import unknown
from services.chassis.links import hash_token
from services.partner.api.context import Context
from services.partner.model.agency import Agency
from services.partner.model.page_link import PageLink

Link = Annotated[str, Header(alias="X-Enlace-Link", max_length=64)]


class OfAgency(Protocol):
    """What a link leads to: it is one agency's."""

    @property
    def agency(self) -> str:
        """The agency's id."""


L = TypeVar("L", bound=PageLink)
T = TypeVar("T", bound=OfAgency)


async def opened(
    context: Context, kind: type[L], token: str, behind: Callable[[L], Awaitable[T | None]]
) -> tuple[T, Agency]:
    """Return what a link opens, and whose it is.

    Args:
        context: of the endpoint.
        kind: of link.
        token: as the header holds it.
        behind: finds what the link leads to.

    Raises:
        EnlaceError: it is none of ours, too old, or its holder left the agency. Not told apart:
            who tries links learns nothing.
    """
    link = await context.store.get(kind, hash_token(token))
    if link is None or link.expires <= context.clock.now():
        raise unknown("page")
    found = await behind(link)
    agency = await context.store.get(Agency, found.agency) if found is not None else None
    if found is None or agency is None or not agency.contact(link.contact):
        raise unknown("page")
    return found, agency
