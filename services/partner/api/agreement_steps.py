"""An agreement's steps over HTTP: review, papers, renewal, end, and how its measures stand."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import forbidden, unknown
from services.chassis.fields import Day, Id
from services.chassis.http.commands import Body, Identifier, IfMatch, identifier, set_etag
from services.partner.api.agreement_bodies import Required
from services.partner.api.agreement_views import AgreementView, view_of
from services.partner.api.context import Context, Name, Reader, Writer, need_agency, need_sites
from services.partner.handlers import agreements
from services.partner.model import agreement_steps as steps
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_metrics import Metric, Standing

NAME_CHARACTERS = 200
"""Of a name that is kept; the sign-in may know a longer one."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Approving = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN, Role.AGENCY_ADMIN))]


class StepBody(Body):
    """A step that needs no words."""


class EndBody(Body):
    """Why it ends, for those who ask later."""

    because: Words


class PaperDates(Body):
    """Until when the paper is valid; null where it has no end."""

    until: Day | None = None


class MilestoneReached(Body):
    """What is said of a milestone.

    Attributes:
        name: which one, as the agreement names it.
        reached: false takes back what was said.
    """

    name: Name
    reached: bool


class RenewBody(Body):
    """The new agreement's id and time."""

    model_config = ConfigDict(populate_by_name=True)

    id: Id
    starts: Day = Field(alias="from")
    until: Day | None = None


class Changed(BaseModel):
    """A term that is not as in the agreement that this one renews."""

    term: str
    before: Any
    after: Any


class MeasuredView(BaseModel):
    """How a measure stands.

    Attributes:
        value: percent or students; null where too few offers were answered to say.
        of: how many offers a share is of.
        projected: what a count comes to by its day, if it goes on so.
    """

    metric: Metric
    standing: Standing
    value: int | None
    of: int
    projected: int | None


def agreement_steps_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/agreements/{id}", tags=["agreements"])
    _add_review(router, context)
    _add_end_and_papers(router, context)
    _add_renewal(router, context)
    _add_metrics(router, context)
    _add_milestones(router, context)
    return router


async def _run(
    context: Context,
    id: str,
    if_match: str | None,
    response: Response,
    step: Callable[[Agreement], Agreement],
) -> AgreementView:
    after = await agreements.change(context.store, identifier(id), if_match, step, context.clock)
    set_etag(response, after.version)
    return await view_of(context, after)


def _of_theirs(
    caller: Principal, step: Callable[[Agreement], Agreement]
) -> Callable[[Agreement], Agreement]:
    """Return a step that is taken on agreements of the caller's schools alone."""

    def checked(known: Agreement) -> Agreement:
        need_sites(caller, known.sites)
        return step(known)

    return checked


def _add_review(router: APIRouter, context: Context) -> None:
    """Add the steps from a draft to an agreement in force."""

    @router.post("/submit")
    async def submit(
        id: Identifier,
        body: StepBody,
        response: Response,
        caller: Writer,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """Put a draft before those who must approve it."""
        del body

        def step(known: Agreement) -> Agreement:
            return steps.submit(known, context.clock.now())

        return await _run(context, id, if_match, response, _of_theirs(caller, step))

    @router.post("/approve")
    async def approve(
        id: Identifier,
        body: StepBody,
        response: Response,
        caller: Approving,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """Say yes to it, in every role of the caller's that it waits for."""
        del body

        who = await _named(context, caller, id)

        def step(known: Agreement) -> Agreement:
            return steps.approve(known, _roles(caller, known), who, context.clock.now())

        return await _run(context, id, if_match, response, step)

    @router.post("/send-back")
    async def send_back(
        id: Identifier,
        body: StepBody,
        response: Response,
        caller: Writer,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """Make it a draft again, to be changed."""
        del body

        def step(known: Agreement) -> Agreement:
            return steps.send_back(known, context.clock.now())

        return await _run(context, id, if_match, response, _of_theirs(caller, step))


def _add_end_and_papers(router: APIRouter, context: Context) -> None:
    """Add what happens to an agreement in force."""

    @router.post("/end")
    async def end(
        id: Identifier,
        body: EndBody,
        response: Response,
        caller: Writer,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """End it today: no new offers go out under it."""

        def step(known: Agreement) -> Agreement:
            return steps.end(known, body.because, context.clock.now())

        return await _run(context, id, if_match, response, _of_theirs(caller, step))

    @router.put("/papers/{kind}")
    async def see_paper(
        id: Identifier,
        kind: Required,
        *,
        body: PaperDates,
        response: Response,
        caller: Writer,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """Keep that a paper was seen, and until when it is valid."""

        def step(known: Agreement) -> Agreement:
            return steps.see_paper(known, kind, body.until, context.clock.now())

        return await _run(context, id, if_match, response, _of_theirs(caller, step))


def _add_renewal(router: APIRouter, context: Context) -> None:
    """Add the next agreement, and in what it differs."""

    @router.post("/renew")
    async def renew(
        id: Identifier, body: RenewBody, response: Response, caller: Writer
    ) -> AgreementView:
        """Copy it into a draft for another time."""
        known = await _read(context, id)
        need_sites(caller, known.sites)
        fresh = steps.renew(known, body.id, body.starts, body.until)
        made = await agreements.enter(context.store, fresh)
        set_etag(response, made.version)
        return await view_of(context, made)

    @router.get("/changes")
    async def changes(id: Identifier, caller: Reader) -> list[Changed]:
        """Return the terms in which it differs from the agreement that it renews."""
        known = await _read(context, id)
        need_agency(caller, known.agency, "agreement")
        before = await context.store.get(Agreement, known.renews) if known.renews else None
        if before is None:
            raise unknown("agreement")
        found = steps.differences(before, known)
        return [Changed(term=each.term, before=each.before, after=each.after) for each in found]


def _add_metrics(router: APIRouter, context: Context) -> None:
    """Add how it stands."""

    @router.get("/metrics")
    async def metrics(id: Identifier, caller: Reader) -> list[MeasuredView]:
        """Return how it stands by its measures, from what happened to the agency's offers."""
        known = await _read(context, id)
        need_agency(caller, known.agency, "agreement")
        found = await agreements.measured(
            context.store, known, context.clock.now(), await context.district.calendar()
        )
        return [
            MeasuredView(
                metric=each.metric,
                standing=each.standing,
                value=each.value,
                of=each.of,
                projected=each.projected,
            )
            for each in found
        ]


def _add_milestones(router: APIRouter, context: Context) -> None:
    """Add what one of the two sides says of a milestone."""

    @router.put("/milestones")
    async def tell_milestone(
        id: Identifier,
        body: MilestoneReached,
        response: Response,
        caller: Approving,
        if_match: IfMatch = None,
    ) -> AgreementView:
        """Say that a milestone is reached, with who says so and when; or take that back."""
        who = await _named(context, caller, id)

        def step(known: Agreement) -> Agreement:
            _need_side(caller, known)
            now = context.clock.now()
            if body.reached:
                return steps.reach(known, body.name, who, now)
            return steps.reopen(known, body.name, now)

        return await _run(context, id, if_match, response, step)


async def _named(context: Context, caller: Principal, id: str) -> steps.Who:
    """Return the caller as an agreement keeps them: with their name sealed under its key.

    Raises:
        EnlaceError: there is no such agreement, or it is another agency's.
    """
    known = await _read(context, id)
    need_agency(caller, known.agency, "agreement")
    await context.vault.create_key(known.id)
    name = await context.vault.seal(known.id, caller.name[:NAME_CHARACTERS])
    return steps.Who(caller.subject, name)


def _need_side(caller: Principal, known: Agreement) -> None:
    """Pass the agency, who leads at a school that the agreement covers, and administrators.

    Raises:
        EnlaceError: they lead at other schools alone.
    """
    if not _roles(caller, known):
        raise forbidden(
            "This agreement covers none of your schools. Nothing was changed: ask the coordinator "
            "of a school that it covers.",
            es="Este convenio no abarca ninguna de sus escuelas. No se cambió nada: pregunte a "
            "quien coordina en una escuela que sí abarca.",
        )


def _roles(caller: Principal, known: Agreement) -> set[str]:
    """Return the roles in which somebody can approve this agreement."""
    roles = set()
    if caller.has(Role.ADMIN):
        roles.add(Role.ADMIN.value)
    if any(caller.holds(Role.COORDINATOR, site) for site in known.sites):
        roles.add(Role.COORDINATOR.value)
    if caller.holds(Role.AGENCY_ADMIN, known.agency):
        roles.add(Role.AGENCY.value)
    return roles


async def _read(context: Context, id: str) -> Agreement:
    known = await context.store.get(Agreement, identifier(id))
    if known is None:
        raise unknown("agreement")
    return known
