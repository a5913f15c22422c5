"""The staff register over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from contracts.staff import REGISTER, StaffGrant, StaffRole
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, rule, unknown
from services.chassis.http.commands import (
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    expected_version,
    fingerprint,
    identifier,
    page_of,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.chassis.staff import RegisterState, StaffRegister
from services.referral.api.context import Context
from services.referral.api.staff_views import (
    Caseload,
    GivenFollowUp,
    GrantBody,
    LeftBehind,
    OffBoardBody,
    OffBoarded,
    RegisterBody,
    RegisterView,
    StaffBody,
    StaffView,
    VersionView,
)
from services.referral.handlers import staff
from services.referral.handlers.audit import actor_of
from services.referral.model.referral import Referral
from services.referral.model.staff import StaffMember, StaffRecord, StaffVersion, check_grants
from services.referral.store import given_to


def staff_router(context: Context, register: StaffRegister) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["staff"])
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]

    @router.put("/staff/{id}")
    async def put_member(
        id: Identifier, body: StaffBody, response: Response, caller: admin, if_match: IfMatch = None
    ) -> StaffView:
        """Enter somebody of the staff, or change their entry: send If-Match for a change.

        In force in every service within a minute.
        """
        grants = _grants(context, body)
        check_grants(grants, outside=body.employer is not None)
        if body.subject == caller.subject and not _keeps_admin(grants):
            raise rule(
                "own-access",
                "Nobody takes the administrator's role from themselves. Nothing was changed: let "
                "another administrator do it.",
                es="Nadie se quita a sí mismo la función de administración. No se cambió nada: "
                "que lo haga otra persona de la administración.",
            )
        record = StaffRecord(name=body.name, employer=body.employer)
        key = identifier(id)
        fresh = StaffMember(
            id=key,
            subject=body.subject,
            record=await context.seal_for(key, record.model_dump_json()),
            outside=body.employer is not None,
            conflict_of_interest=body.conflict_of_interest or bool(body.conflicts),
            conflicts=body.conflicts,
            grants=grants,
            changed_on=context.clock.now(),
            changed_by=caller.subject,
            fingerprint=fingerprint(context.secret, body),
        )
        expected = None if if_match is None else expected_version(if_match)
        after = await staff.put_member(context.desk, fresh, actor_of(caller), expected=expected)
        register.forget()
        set_etag(response, after.version)
        return await _view(context, after)

    _add_reading(router, context)
    _add_endings(router, context, register)
    _add_register(router, context, register)
    return router


def _add_reading(router: APIRouter, context: Context) -> None:
    reader = Annotated[Principal, Depends(Allow(Role.ADMIN, Role.AUDITOR))]

    @router.get("/staff")
    async def list_members(
        caller: reader,
        *,
        subject: Annotated[str | None, Query(max_length=100)] = None,
        site: Annotated[str | None, Query(max_length=64)] = None,
        ended: bool | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[StaffView]:
        """List the register, by account, by school, or those who have left."""
        del caller
        query: dict[str, Any] = {}
        if subject is not None:
            query["subject"] = subject
        if site is not None:
            query["grants.scope"] = {"$in": [site, "*"]}
        if ended is not None:
            query["ended_at"] = {"$ne": None} if ended else None
        after = read_cursor(cursor)
        if after is not None:
            query["_id"] = {"$gt": after}
        found = [each async for each in context.store.find(StaffMember, query, limit=limit + 1)]
        page = found[:limit]
        return Page[StaffView](
            items=[await _view(context, each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/staff/{id}")
    async def get_member(id: Identifier, response: Response, caller: reader) -> StaffView:
        """Return one entry."""
        del caller
        known = await _known(context, id)
        set_etag(response, known.version)
        return await _view(context, known)

    @router.get("/staff/{id}/history")
    async def get_history(
        id: Identifier, caller: reader, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[VersionView]:
        """Return how an entry stood before, the newest first."""
        del caller
        known = await _known(context, id)
        newest_first = known.history[::-1]
        page, following = page_of(newest_first, _age, cursor, limit, falling=True)
        return Page[VersionView](
            items=[
                VersionView(
                    version=each.version,
                    at=each.at,
                    by=each.by,
                    roles=_roles(each.grants),
                    conflicts=each.conflicts,
                    ended=each.ended,
                )
                for each in page
            ],
            next=following,
        )


def _add_endings(router: APIRouter, context: Context, register: StaffRegister) -> None:
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]

    @router.post("/staff/{id}/off-board")
    async def off_board(
        id: Identifier,
        body: OffBoardBody,
        response: Response,
        caller: admin,
        if_match: IfMatch = None,
    ) -> OffBoarded:
        """End somebody's access, everywhere within a minute; names what they leave behind.

        Hand it over with POST /v1/caseloads/hand-over, school by school.
        """
        expected = expected_version(if_match)
        after = await staff.off_board(
            context.desk, identifier(id), body.last_day, actor_of(caller), expected=expected
        )
        register.forget()
        set_etag(response, after.version)
        theirs: dict[str, object] = {"coordinator": after.subject}
        led = await staff.caseloads(context.store, theirs, context.clock.now())
        given = await given_to(context.store, after.subject)
        return OffBoarded(
            member=await _view(context, after), to_hand_over=_left(after.subject, led, given)
        )

    @router.post("/staff/{id}/reinstate")
    async def reinstate(
        id: Identifier, response: Response, caller: admin, if_match: IfMatch = None
    ) -> StaffView:
        """Open an ended entry again, without any role: give it roles with PUT."""
        after = await staff.reinstate(
            context.desk, identifier(id), actor_of(caller), expected=expected_version(if_match)
        )
        register.forget()
        set_etag(response, after.version)
        return await _view(context, after)


def _add_register(router: APIRouter, context: Context, register: StaffRegister) -> None:
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
    overseer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get("/staff-register")
    async def get_register(caller: admin) -> RegisterView:
        """Tell whether the register is in force, and who would be shut out."""
        del caller
        state = await context.store.get(RegisterState, REGISTER)
        return RegisterView(
            in_force=state is not None and state.in_force,
            not_listed=tuple(await staff.not_listed(context.store, context.clock.now())),
        )

    @router.put("/staff-register")
    async def put_register(body: RegisterBody, caller: admin) -> RegisterView:
        """Put the register in force: who is not in it is let in nowhere any more.

        While it is not, their token alone decides; whoever is in it is narrowed by it either way.
        """
        state = await staff.switch_register(context.desk, actor_of(caller), in_force=body.in_force)
        register.forget()
        return RegisterView(
            in_force=state.in_force,
            not_listed=tuple(await staff.not_listed(context.store, context.clock.now())),
        )

    @router.get("/unowned-referrals")
    async def get_unowned(
        caller: overseer, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[Caseload]:
        """List what needs an owner and whose coordinator is none at its school any more.

        A page holds `limit` referrals; a caseload that is longer goes on on the page after.
        """
        sites = caller.sites(Role.COORDINATOR)
        found = await staff.without_owner(context.store, register, sites, context.clock.now())
        rows = [(*whose, id) for whose, ids in found.items() for id in ids]
        page, following = page_of(sorted(rows, key=" ".join), " ".join, cursor, limit)
        shown: dict[tuple[str, str], list[str]] = {}
        for subject, site, id in page:
            shown.setdefault((subject, site), []).append(id)
        return Page[Caseload](items=_caseloads(shown), next=following)


def _grants(context: Context, body: StaffBody) -> tuple[StaffGrant, ...]:
    sites = context.sites.all
    for each in body.roles:
        if sites and each.scope not in {"", "*", *sites}:
            raise EnlaceError(
                "unknown-site",
                Kind.MALFORMED,
                "There is no such school in this district.",
                es="No existe esa escuela en este distrito.",
            )
    return tuple(StaffGrant.model_validate(each.model_dump()) for each in body.roles)


def _age(version: StaffVersion) -> str:
    return f"{version.version:09}"


def _keeps_admin(grants: tuple[StaffGrant, ...]) -> bool:
    return any(each.role is StaffRole.ADMIN and each.until is None for each in grants)


async def _known(context: Context, id: str) -> StaffMember:
    known = await context.store.get(StaffMember, identifier(id))
    if known is None:
        raise unknown("member of staff")
    return known


def _caseloads(found: dict[tuple[str, str], list[str]]) -> tuple[Caseload, ...]:
    return tuple(
        Caseload(subject=subject, site=site, referrals=tuple(ids))
        for (subject, site), ids in sorted(found.items())
    )


def _left(
    subject: str, led: dict[tuple[str, str], list[str]], given: Sequence[Referral]
) -> tuple[LeftBehind, ...]:
    follow_ups: dict[str, list[GivenFollowUp]] = {}
    for each in given:
        follow_ups.setdefault(each.site, []).extend(
            GivenFollowUp(referral=each.id, follow_up=id) for id in each.given_to(subject)
        )
    return tuple(
        LeftBehind(
            subject=subject,
            site=site,
            referrals=tuple(led.get((subject, site), ())),
            follow_ups=tuple(follow_ups.get(site, ())),
        )
        for site in sorted({*follow_ups, *(site for _, site in led)})
    )


def _roles(grants: tuple[StaffGrant, ...]) -> tuple[GrantBody, ...]:
    return tuple(GrantBody.model_validate(each.model_dump()) for each in grants)


async def _view(context: Context, member: StaffMember) -> StaffView:
    record = await context.vault.open_as_if(StaffRecord, member.record)
    return StaffView(
        id=member.id,
        version=member.version,
        subject=member.subject,
        name=record.name if record else None,
        employer=record.employer if record else None,
        outside=member.outside,
        conflict_of_interest=member.conflict_of_interest,
        conflicts=member.conflicts,
        roles=_roles(member.grants),
        changed_at=member.changed_on,
        changed_by=member.changed_by,
        ended_at=member.ended_at,
    )
