"""Taking back, resting and handing over, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BeforeValidator, StringConstraints

from contracts.codes import ErrorReason, HoldReason
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, rule
from services.chassis.fields import Day, SchoolId, none_if_blank
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    set_etag,
)
from services.chassis.reasons import need_reason
from services.referral.api.context import Context
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.sight import visible
from services.referral.api.views import ReferralView, view_of
from services.referral.handlers import caseload, in_error, referrals
from services.referral.handlers.audit import actor_of
from services.referral.handlers.staff import need_role
from services.referral.model import commands
from services.referral.model.people import Student
from services.referral.model.referral import Referral

Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class HoldBody(Body):
    """Why it rests, and the last day of the rest, local to the school; none: until told."""

    reason: HoldReason
    until: Day | None = None


class InErrorBody(Body):
    """Why it should never have been."""

    reason: ErrorReason


class TransferBody(Body):
    """Who takes it over; the school stays unless another one is named."""

    coordinator: Subject
    site: Annotated[SchoolId | None, BeforeValidator(none_if_blank)] = None


class HandOverBody(Body):
    """Whose work at a school goes to whom: of a coordinator, or of somebody of the care team."""

    site: SchoolId
    from_coordinator: Subject
    to_coordinator: Subject


class NotHandedOver(Body):
    """A referral that stayed, and why."""

    referral: str
    detail: str
    detail_es: str


class HandOver(Body):
    """What a hand-over came to; sent again it goes on with what is left.

    Attributes:
        handed_over: referrals that went.
        follow_ups: follow-ups of others' referrals, given to the same person, that went.
        not_handed_over: of which something stayed.
    """

    handed_over: int
    follow_ups: int
    not_handed_over: tuple[NotHandedOver, ...]


def moves_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["referrals"])
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]
    overseer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    async def run(
        caller: Principal,
        referral: Referral,
        wish: commands.Command,
        response: Response,
        if_match: str | None,
    ) -> ReferralView:
        expected = expected_version(if_match)
        async with told_meanwhile(context, caller, referral):
            if isinstance(wish, commands.EnterInError):
                after = await in_error.enter_in_error(
                    context.desk, referral.id, wish, expected=expected
                )
            else:
                after = await referrals.command(context.desk, referral.id, wish, expected=expected)
        set_etag(response, after.version)
        return await view_of(context, after)

    @router.post("/referrals/{id}/recall")
    async def recall(
        id: Identifier, response: Response, caller: writer, if_match: IfMatch = None
    ) -> ReferralView:
        """Undo the sending: for some minutes, while no agency has answered."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        acted = await referrals.is_acted_on(context.desk, referral)
        return await run(caller, referral, commands.Recall(acted), response, if_match)

    @router.post("/referrals/{id}/hold")
    async def hold(
        id: Identifier,
        body: HoldBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Let a referral rest; it wakes on the school morning after its last day."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        need_reason(context.desk.rules().whys, body.reason, referral.reason)
        wish = commands.Hold(body.reason, body.until)
        return await run(caller, referral, wish, response, if_match)

    @router.post("/referrals/{id}/enter-in-error")
    async def enter_in_error(
        id: Identifier,
        body: InErrorBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Take back what should never have been: another child's, or written down twice.

        Whoever was asked is told that it is over, and every number leaves it out; whoever has read
        who the child is for it is asked to delete that. What was needed and is no more is cancelled
        instead.
        """
        referral = await visible(context, caller, id, Role.COORDINATOR)
        need_reason(context.desk.rules().whys, body.reason, referral.reason)
        wish = commands.EnterInError(body.reason)
        return await run(caller, referral, wish, response, if_match)

    @router.post("/referrals/{id}/resume")
    async def resume(
        id: Identifier, response: Response, caller: writer, if_match: IfMatch = None
    ) -> ReferralView:
        """Go on after a rest."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        return await run(caller, referral, commands.Resume(), response, if_match)

    @router.post("/referrals/{id}/transfer")
    async def transfer(
        id: Identifier,
        body: TransferBody,
        response: Response,
        caller: overseer,
        if_match: IfMatch = None,
    ) -> ReferralView:
        """Hand a referral to another coordinator: of the school that the child attends."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        site = known_site(context, body.site or referral.site)
        if site != referral.site:
            await need_child_at(context, referral.student, site)
        await need_coordinator(context, body.coordinator, site)
        wish = commands.Transfer(body.coordinator, site)
        return await run(caller, referral, wish, response, if_match)

    @router.post("/caseloads/hand-over")
    async def hand_over(body: HandOverBody, caller: overseer) -> HandOver:
        """Hand all open referrals of somebody at a school to a coordinator there.

        And the follow-ups that they were given of others' referrals. For an absence or a change of
        staff: no referral is ever without an owner.
        """
        site = known_site(context, body.site)
        caller.need_site(site, Role.COORDINATOR, what="school")
        await need_coordinator(context, body.to_coordinator, site)
        done = await caseload.hand_over(
            context.desk, site, body.from_coordinator, body.to_coordinator, actor_of(caller)
        )
        return HandOver(
            handed_over=done.moved,
            follow_ups=done.follow_ups,
            not_handed_over=tuple(
                NotHandedOver(referral=id, detail=detail, detail_es=es)
                for id, detail, es in done.stayed
            ),
        )

    return router


async def need_child_at(context: Context, student: str, site: str) -> None:
    """Let a referral go only to the school where its child is: there they see the child too.

    Raises:
        EnlaceError: the child attends another school.
    """
    child = await context.store.get(Student, student)
    if child is None or child.site != site:
        raise rule(
            "child-elsewhere",
            "This child does not attend that school, and its staff could not see the child. "
            "Nothing was changed: enter the child's transfer first, then its referrals follow by "
            "themselves; or choose a coordinator of the child's own school.",
            es="Este estudiante no va a esa escuela, y su personal no podría ver su expediente. No "
            "se cambió nada: registre primero el traslado, y sus derivaciones lo siguen solas; o "
            "elija a alguien de la escuela del estudiante.",
        )


async def need_coordinator(context: Context, subject: str, site: str) -> None:
    """Let only a coordinator of the school take referrals over, as far as the register knows."""
    await need_role(context.register, subject, site, Role.COORDINATOR, what="coordinator")


def known_site(context: Context, site: str) -> str:
    """Return a school of the district.

    Raises:
        EnlaceError: there is no such school.
    """
    known = context.sites.all
    if known and site not in known:
        raise EnlaceError(
            "unknown-site",
            Kind.MALFORMED,
            "There is no such school in this district. Nothing was changed: take one of "
            f"{', '.join(sorted(known))}.",
            es="No existe esa escuela en este distrito. No se cambió nada: use una de "
            f"{', '.join(sorted(known))}.",
        )
    return site
