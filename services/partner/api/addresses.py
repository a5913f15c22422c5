"""Somebody else's yes to an address that one-time codes are to go to, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    check_version,
    expected_version,
    identifier,
    set_etag,
)
from services.chassis.store import Change, Found, Ref
from services.partner.api.acting import need_entry
from services.partner.api.context import Context, need_agency
from services.partner.model import registered
from services.partner.model.agency import Agency


class YesBody(Body):
    """A command that needs no words."""


class AddressesView(Body):
    """What is left to confirm.

    Attributes:
        unconfirmed: ids of the people whose address waits for somebody else's yes.
    """

    agency: str
    version: int
    unconfirmed: tuple[str, ...]


def addresses_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/agencies/{id}/contacts", tags=["agencies"])
    sayer = Depends(Allow(Role.COORDINATOR, Role.ADMIN, Role.AGENCY_ADMIN))

    @router.post("/{contact}/confirm")
    async def confirm_address(
        id: Identifier,
        contact: Identifier,
        body: YesBody,
        *,
        response: Response,
        caller: Annotated[Principal, sayer],
        if_match: IfMatch = None,
    ) -> AddressesView:
        """Say that a person's address is right, in the version that was seen.

        Until somebody other than who entered it has, no one-time code goes there.
        """
        del body
        agency = Ref(Agency, identifier(id))
        need_agency(caller, agency.id, "agency")
        await need_entry(context, caller, agency.id)

        def say(found: Found) -> Change[Agency]:
            known = found.get(agency)
            if known is None:
                raise unknown("agency")
            after = registered.confirmed(known, identifier(contact), caller.subject)
            if after == known:
                return Change(known)
            check_version(expected_version(if_match), known.version)
            return Change(after.having(version=after.version + 1), [after])

        after = await context.store.update([agency], say)
        set_etag(response, after.version)
        return AddressesView(agency=after.id, version=after.version, unconfirmed=unconfirmed(after))

    return router


def unconfirmed(agency: Agency) -> tuple[str, ...]:
    """Return the people whose address waits for somebody else's yes."""
    return tuple(each.id for each in agency.contacts if each.entered_by is not None)
