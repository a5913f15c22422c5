"""How the pages behind agencies' links are opened: of entries, batches and deletions alike."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol, TypeVar

from fastapi import Header

from services.chassis.errors import EnlaceError, Kind, unknown
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
        EnlaceError: it is none of ours; or it was and works no longer, because it is too old, was
            taken back, or its holder left the agency (`link-over`).
    """
    link = await live(context, kind, token)
    found = await behind(link)
    agency = await context.store.get(Agency, found.agency) if found is not None else None
    if found is None or agency is None or not agency.contact(link.contact):
        raise over()
    return found, agency


async def live(context: Context, kind: type[L], token: str) -> L:
    """Return a link that works.

    Raises:
        EnlaceError: it is none of ours, or works no longer (`link-over`).
    """
    link = await context.store.get(kind, hash_token(token))
    if link is None:
        raise unknown("page")
    if not link.works(context.clock.now()):
        raise over()
    return link


def over() -> EnlaceError:
    """Return what is told to who holds a link that has worked.

    Told apart from one that is none of ours: nobody guesses 128 bits, so that whoever has such a
    link was sent it, and is to know what to do next.
    """
    return EnlaceError(
        "link-over",
        Kind.UNKNOWN,
        "This link works no longer: it has run out, or the school has taken it back. Nothing was "
        "changed. Open the link in the newest message, or call the school for another.",
        es="Este enlace ya no funciona: venció, o la escuela lo retiró. No se cambió nada. Abra el "
        "enlace del mensaje más reciente, o llame a la escuela para recibir otro.",
    )
