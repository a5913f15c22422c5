"""A referral's full history over HTTP: who did what, when and from where."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from services.chassis.acting import ActorKind, Via
from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    read_moment,
    write_moment,
)
from services.referral.api.context import Context
from services.referral.api.sight import STAFF, visible
from services.referral.api.staff_names import staff_names
from services.referral.handlers import history
from services.referral.model.history import Line

AUDITS = (Role.ADMIN, Role.AUDITOR)
"""Who may know from which network somebody acted, as in the audit log."""


class WhoView(Body):
    """Who did it.

    Attributes:
        kind: staff, agency, family, a service of Enlace, or the schedule.
        id: account of a member of staff; an agency's or a person's id; a service's name. Null where
            time acted, or it was not kept.
        name: of a member of staff who is in the register; agencies and families are looked up
            where they are kept.
    """

    kind: ActorKind
    id: str | None
    name: str | None


class LineView(Body):
    """One thing that somebody did.

    Attributes:
        what: as in the timeline; `identity.read`: an agency read who the child is, with the parts
            and the consent in `about`; `break-glass-read`: somebody read behind the glass.
        via: the portal, another client of the API, an agency's link, the telephone (staff recorded
            the answer), a text message, an event of another service, or the schedule; null where it
            was not kept. `portal` is what the client says of itself.
        address: the network that the request came from (/24, or /48 of IPv6); for who may audit
            alone, otherwise null.
        request: the trace id, for the same readers.
        about: ids and codes.
    """

    id: str
    at: datetime
    what: str
    who: WhoView
    via: Via | None
    address: str | None
    request: str | None
    about: dict[str, str]


def history_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, Role.ADMIN))]

    @router.get("/{id}/history")
    async def get_history(
        id: Identifier, caller: reader, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[LineView]:
        """Return every command, message and reading of identity of a referral, newest first."""
        referral = await visible(context, caller, id, *STAFF)
        found = await history.history(
            context.store,
            referral,
            reader=caller.subject,
            before=read_moment(cursor),
            limit=limit + 1,
        )
        lines = found[:limit]
        names = await names_of(context, lines)
        audits = caller.has(*AUDITS)
        return Page[LineView](
            items=[_view(each, names, audits=audits) for each in lines],
            next=_next(lines[-1]) if len(found) > limit else None,
        )

    return router


def _view(line: Line, names: dict[str, str], *, audits: bool) -> LineView:
    staff = line.kind is ActorKind.STAFF
    return LineView(
        id=line.id,
        at=line.at,
        what=line.what,
        who=WhoView(
            kind=line.kind,
            id=line.subject or None,
            name=names.get(line.subject) if staff else None,
        ),
        via=line.via,
        address=(line.address or None) if audits else None,
        request=(line.request or None) if audits else None,
        about=dict(line.about),
    )


async def names_of(context: Context, lines: Iterable[Line]) -> dict[str, str]:
    """Return the names of the staff of a page, by account, as far as the register has them."""
    return await staff_names(
        context, {each.subject for each in lines if each.kind is ActorKind.STAFF}
    )


def _next(last: Line) -> str:
    return write_moment(last.at, last.id)
