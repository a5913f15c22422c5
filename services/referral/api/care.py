"""A student's care team and tier over HTTP."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    fingerprint,
    identifier,
    set_etag,
)
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.fields import SchoolDay
from services.referral.api.words import (
    TEAM,
    FewWords,
    StaffSubject,
    Warned,
    Words,
    name_warnings,
    open_words,
    seal_words,
    warnings_of,
)
from services.referral.handlers import care
from services.referral.model.attempts import in_milliseconds
from services.referral.model.care import CareTeam, Member, TeamRole, Tier, TierChange
from services.referral.model.follow_up import local_date
from services.referral.model.people import Student


class MemberBody(Body):
    """Somebody for the team. `since` is today where it is left out; `subject` is their sign-in."""

    name: Annotated[FewWords, Field(max_length=100)]
    role: TeamRole
    subject: StaffSubject | None = None
    since: SchoolDay | None = None
    until: SchoolDay | None = None


class EndBody(Body):
    """A member's last day; today where it is left out."""

    until: SchoolDay | None = None


class TierBody(Body):
    """A tier of support, and why."""

    tier: Tier
    why: Words


class MemberView(Body):
    """Somebody of the team. `name` is null where the child was erased."""

    id: str
    name: str | None
    role: TeamRole
    subject: str | None
    since: date
    until: date | None
    present: bool


class TierView(Body):
    """One entry of the tier's history."""

    id: str
    tier: Tier
    why: str | None
    by: str
    at: datetime


class CareTeamView(Body):
    """A child's care team: members present and past, tier and its history, newest last."""

    student: str
    version: int
    tier: Tier | None
    members: tuple[MemberView, ...]
    tiers: tuple[TierView, ...]
    warnings: tuple[Warned, ...] = ()


def care_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/students/{student}", tags=["care team"])
    reader = Annotated[Principal, Depends(Allow(*TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get("/care-team")
    async def get_care_team(
        student: Identifier, response: Response, caller: reader
    ) -> CareTeamView:
        """Return a child's care team; an empty one where nobody was entered."""
        child = await child_for(context, caller, student, *TEAM)
        team = await context.store.get(CareTeam, child.id)
        return await _answer(context, response, team or _nobody(child))

    @router.put("/care-team/{id}")
    async def put_member(
        student: Identifier, id: Identifier, body: MemberBody, response: Response, caller: writer
    ) -> CareTeamView:
        """Add a member; a repeat with the same body is the same answer."""
        child = await child_for(context, caller, student, Role.COORDINATOR)
        since = body.since or _today(context)
        if body.until is not None and body.until < since:
            raise EnlaceError(
                "ends-before-it-begins",
                Kind.MALFORMED,
                "The last day is before the first one. Correct one of them.",
                es="El último día es anterior al primero. Corrija uno de los dos.",
            )
        member = Member(
            id=identifier(id),
            role=body.role,
            name=await seal_words(context, child.id, body.name),
            subject=body.subject,
            since=since,
            until=body.until,
            fingerprint=fingerprint(context.secret, body),
        )
        team = await care.put_member(context.desk, child.id, member)
        return await _answer(context, response, team, name_warnings([("name", body.name)]))

    @router.post("/care-team/{id}/end")
    async def end_member(  # noqa: PLR0917 - FastAPI passes them by name
        student: Identifier,
        id: Identifier,
        body: EndBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> CareTeamView:
        """Set a member's last day; they stay in the list."""
        child = await child_for(context, caller, student, Role.COORDINATOR)
        until = body.until or _today(context)
        team = await care.end_member(
            context.desk, child.id, identifier(id), until, expected=expected_version(if_match)
        )
        return await _answer(context, response, team)

    @router.put("/tiers/{id}")
    async def put_tier(
        student: Identifier, id: Identifier, body: TierBody, response: Response, caller: reader
    ) -> CareTeamView:
        """Set or confirm the tier, with the reason; what was before stays in the history."""
        child = await child_for(context, caller, student, *TEAM)
        change = TierChange(
            id=identifier(id),
            tier=body.tier,
            why=await seal_words(context, child.id, body.why),
            by=caller.subject,
            at=in_milliseconds(context.clock.now()),
            fingerprint=fingerprint(context.secret, body),
        )
        team = await care.put_tier(context.desk, child.id, change)
        return await _answer(context, response, team, warnings_of([("why", body.why)]))

    return router


def _nobody(student: Student) -> CareTeam:
    return CareTeam(id=student.id, family=student.family, site=student.site)


def _today(context: Context) -> date:
    return local_date(context.clock.now(), context.settings.zone)


async def _answer(
    context: Context, response: Response, team: CareTeam, warnings: tuple[Warned, ...] = ()
) -> CareTeamView:
    set_etag(response, team.version)
    today = _today(context)
    return CareTeamView(
        student=team.id,
        version=team.version,
        tier=team.tier,
        members=tuple(
            [
                MemberView(
                    id=each.id,
                    name=await open_words(context, each.name),
                    role=each.role,
                    subject=each.subject,
                    since=each.since,
                    until=each.until,
                    present=each.serves(today),
                )
                for each in team.members
            ]
        ),
        tiers=tuple(
            [
                TierView(
                    id=each.id,
                    tier=each.tier,
                    why=await open_words(context, each.why),
                    by=each.by,
                    at=each.at,
                )
                for each in team.tiers
            ]
        ),
        warnings=warnings,
    )
