"""Waves over HTTP: further agencies are asked while others still may answer."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.chassis.auth import Allow, Principal, Role
from services.chassis.fields import Moment
from services.chassis.http.commands import Body, Identifier, IfMatch, expected_version, set_etag
from services.referral.api.context import Context
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.referrals import CandidateBody, may_ask
from services.referral.api.sight import visible
from services.referral.api.views import ReferralView, view_of
from services.referral.handlers import referrals
from services.referral.model import commands
from services.referral.model.referral import Referral


class WaveBody(Body):
    """Further services to ask.

    Attributes:
        opens_at: when they are asked, unless an agency has claimed by then; at once without it.
        answer_by: until when they may answer; the district's usual time without it.
    """

    candidates: Annotated[tuple[CandidateBody, ...], Field(min_length=1, max_length=20)]
    opens_at: Moment | None = None
    answer_by: Moment | None = None


def waves_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    @router.post("/{id}/waves")
    async def ask_more(
        id: Identifier,
        body: WaveBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Ask further agencies, now or later; earlier offers stay, the first valid claim wins."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            wish = await _wish(context, caller, referral, body)
            after = await referrals.command(context.desk, referral.id, wish, expected=expected)
        set_etag(response, after.version)
        return await view_of(context, after)

    return router


async def _wish(
    context: Context, caller: Principal, referral: Referral, body: WaveBody
) -> commands.AskMore:
    named = (each.candidate() for each in body.candidates)
    candidates = tuple(dict.fromkeys(named))
    # Whoever is asked already may be closed to further questions by now: nobody asks it again.
    fresh = tuple(each for each in candidates if not referral.asks(each))
    waits = commands.NOTHING_KNOWN
    if fresh:
        candidates, waits = await may_ask(context, caller, referral, fresh)
    start: datetime = body.opens_at or context.clock.now()
    by = body.answer_by or start + context.settings.answer_within
    return commands.AskMore(candidates, by, body.opens_at, waits)
