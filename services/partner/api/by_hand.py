"""An agency's answer by telephone over HTTP: recorded by the coordinator, seen by the agency."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field, StringConstraints, model_validator

from contracts.codes import DeclineReason
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.fields import Moment
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    check_version,
    expected_version,
    identifier,
    set_etag,
)
from services.chassis.http.faults import TwoTonguesError
from services.chassis.ids import new_id
from services.chassis.sight import Bearer
from services.partner.api.context import Context
from services.partner.api.offerings import OfferingView, offering_view, seen_offering
from services.partner.handlers import offers
from services.partner.model import by_hand
from services.partner.model.board import Board
from services.partner.model.offering import ByHand, Offering

SaidBy = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ToldBody(Body):
    """What the agency said on the telephone.

    Attributes:
        reason: why not; with *no* alone.
        said_by: name of the person at the agency who said it.
        said_at: when they said it.
    """

    answer: Literal["yes", "no"]
    reason: DeclineReason | None = None
    said_by: SaidBy
    said_at: Moment = Field(description="With its zone, as 2026-10-13T10:05:00-07:00.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.answer == "no") != (self.reason is not None):
            raise TwoTonguesError(
                "a no has its reason, a yes has none: add the reason, or leave it out",
                "un no lleva su motivo, un sí no lleva: agregue el motivo, o quítelo",
            )
        return self


def by_hand_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/offerings", tags=["offerings"])
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    @router.post("/{referral}/offers/{offer}/told")
    async def told(  # noqa: PLR0917 - FastAPI passes the parts of a request by name
        referral: Identifier,
        offer: Identifier,
        body: ToldBody,
        response: Response,
        caller: writer,
        bearer: Bearer,
        if_match: IfMatch = None,
    ) -> OfferingView:
        """Record on its behalf what an agency said on the telephone: the claim, with its seat.

        The agency gets its link and can contest it. The same answer again changes nothing.
        """
        offering = await seen_offering(context, caller, bearer, referral, Role.COORDINATOR)
        known = offering.offer(identifier(offer))
        if known is None:
            raise unknown("offer")
        if body.reason is not None:
            await context.district.need_reason(body.reason, known.reason)
        now = context.clock.now()
        hand = ByHand(
            by=caller.subject,
            said_by=await context.seal_for(known.contact or known.agency, body.said_by),
            said_at=body.said_at,
            recorded_at=now,
        )
        wanted = by_hand.Told(hand=hand, reason=body.reason, claim=new_id())
        expected = expected_version(if_match)

        def decide(board: Board) -> None:
            before = board.offering(offering.id)
            by_hand.record(board, offering.id, known.id, wanted, now)
            if before is not None and board.save:
                check_version(expected, before.version)

        await offers.on_offering(context.store, offering.id, decide)
        after = await context.store.get(Offering, offering.id) or offering
        set_etag(response, after.version)
        return await offering_view(context, after)

    return router
