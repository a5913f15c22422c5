"""Withdrawing an offer, or a planned wave, over HTTP: these are asked no more, the others still."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Identifier,
    IfMatch,
    check_version,
    expected_version,
    identifier,
    set_etag,
)
from services.chassis.sight import Bearer
from services.partner.api.context import Context
from services.partner.api.offerings import OfferingView, offering_view, seen_offering
from services.partner.handlers import offers, waves
from services.partner.model.offering import Offering

MOST_WAVES = 1_000
"""A number that no round comes to."""


def withdrawals_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/offerings", tags=["offerings"])
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    @router.post("/{referral}/offers/{offer}/withdraw")
    async def withdraw(  # noqa: PLR0917 - FastAPI passes the parts of a request by name
        referral: Identifier,
        offer: Identifier,
        response: Response,
        caller: writer,
        bearer: Bearer,
        if_match: IfMatch = None,
    ) -> OfferingView:
        """Withdraw one agency's offer that nobody needs any more; the agency is told, with thanks.

        The others stay open. Of the last one, others can be asked at once.
        """
        offering = await seen_offering(context, caller, bearer, referral, Role.COORDINATOR)
        if offering.offer(identifier(offer)) is None:
            raise unknown("offer")
        check = partial(check_version, expected_version(if_match))
        await offers.withdraw(context.store, offering.id, identifier(offer), context.clock, check)
        after = await context.store.get(Offering, offering.id) or offering
        set_etag(response, after.version)
        return await offering_view(context, after)

    @router.post("/{referral}/waves/{wave}/take-back")
    async def take_back(  # noqa: PLR0917 - FastAPI passes the parts of a request by name
        referral: Identifier,
        wave: Annotated[int, Path(ge=1, le=MOST_WAVES)],
        response: Response,
        caller: writer,
        bearer: Bearer,
        if_match: IfMatch = None,
    ) -> OfferingView:
        """Take back a wave that was to be asked later; its agencies never hear of it.

        Whoever was asked before goes on being asked. Once its hour has come there is nothing to
        take back: withdraw its offers.
        """
        offering = await seen_offering(context, caller, bearer, referral, Role.COORDINATOR)
        check = partial(check_version, expected_version(if_match))
        await waves.take_back(context.store, offering.id, wave, check)
        after = await context.store.get(Offering, offering.id) or offering
        set_etag(response, after.version)
        return await offering_view(context, after)

    return router
