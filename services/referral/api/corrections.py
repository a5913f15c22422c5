"""Putting right what was written down wrongly, over HTTP."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import model_validator

from contracts.categories import Category
from contracts.codes import Urgency
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import TwoTonguesError
from services.chassis.http.commands import Body, Identifier, IfMatch, expected_version, set_etag
from services.chassis.needs import need_known
from services.referral.api.alike import alike_to, as_known_to
from services.referral.api.context import Context
from services.referral.api.fields import DespiteDuplicate, Need
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.sight import visible
from services.referral.api.views import ReferralView, view_of
from services.referral.api.words import seal_if, warnings_of
from services.referral.handlers import corrections
from services.referral.handlers.corrections import Correction
from services.referral.model.referral import Referral


class CorrectBody(Body):
    """What is right; what is left out stays as it is.

    Attributes:
        despite_duplicate: why a need of this category is wanted though the child has one open.
    """

    category: Category | None = None
    urgency: Urgency | None = None
    need: Need | None = None
    despite_duplicate: DespiteDuplicate | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.category is None and self.urgency is None and self.need is None:
            raise TwoTonguesError(
                "say what is right: the category, the urgency or the need",
                "diga qué es lo correcto: la categoría, la urgencia o la necesidad",
            )
        return self


def corrections_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    @router.post("/{id}/correct")
    async def correct(
        id: Identifier,
        body: CorrectBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Put a draft right: its category, how soon, its words. What was sent is taken back first.

        What becomes a crisis is looked at from this moment on, and the answer says what to do at
        once.
        """
        referral = await visible(context, caller, id, Role.COORDINATOR)
        if body.category is not None:
            need_known(context.desk.rules().needs, [body.category])
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            after = await corrections.correct(
                context.desk,
                referral.id,
                await _right(context, caller, referral, body),
                expected=expected,
            )
        set_etag(response, after.version)
        written = [("need", body.need), ("despite_duplicate", body.despite_duplicate)]
        view = await as_known_to(context, caller, await view_of(context, after))
        return view.model_copy(update={"warnings": warnings_of(written)})

    return router


async def _right(
    context: Context, caller: Principal, referral: Referral, body: CorrectBody
) -> Correction:
    """Return what is to be other than it is.

    Raises:
        EnlaceError: the child has a need of this category open already.
    """
    reworded = body.need is not None and body.need != await context.vault.open_if(referral.need)
    need = await seal_if(context, referral.student, body.need if reworded else None)
    if body.category is None or body.category is referral.category:
        return Correction(urgency=body.urgency, need=need)
    meant = referral.having(category=body.category)
    warn = body.despite_duplicate is None
    return Correction(
        body.category,
        body.urgency,
        need,
        await alike_to(context, caller, meant, warn=warn),
        await seal_if(context, referral.student, body.despite_duplicate),
    )
