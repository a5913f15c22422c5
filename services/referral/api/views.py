"""Referrals as staff of a school read them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from contracts.categories import Category
from contracts.codes import (
    Audience,
    CancelReason,
    DeclineReason,
    ErrorReason,
    HoldReason,
    Language,
    Outcome,
    Urgency,
)
from contracts.referrals import Candidate
from services.chassis.auth import Allow, Principal, Role
from services.chassis.closed import need_listed
from services.chassis.fields import Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    read_cursor,
    read_moment,
    set_etag,
    write_cursor,
    write_moment,
)
from services.referral import store as reading
from services.referral.api.children import child_for
from services.referral.api.context import Context, short_name
from services.referral.api.sight import STAFF, seen, visible
from services.referral.api.words import Warned
from services.referral.handlers.glass import opened
from services.referral.handlers.owners import Owners, owners
from services.referral.model.follow_up import local_date
from services.referral.model.people import Student
from services.referral.model.referral import BusinessStatus, Referral, State


class EmergencyView(Body):
    """What to do at once in a crisis, as the district has laid it down.

    Attributes:
        procedure: by language, one step a line.
        hotline: the child-protection line: name and number.
    """

    procedure: dict[Language, str]
    hotline: str


class ReferralView(Body):
    """A referral as staff of its school see it.

    Attributes:
        coordinator: null while it waits for one of its new school.
        covered_by: who sees to it today while its coordinator is away; otherwise null.
        duplicate_of: the referral of the same need that was open when this one was written down.
        despite_duplicate: why it was wanted all the same, in the words of who wrote it.
        outcome: what came of it, as the agency said, or who learned of a hand-off; null until then.
            The family's own answer is another fact: it is in `business`.
        reason: why it was declined by all, cancelled, put on hold or entered in error.
        warnings: what to look at again in the words, told to who has just written them.
        hand_off: id of the hand-off to a place outside the network; then there is no agency.
        emergency: what to do at once, for an open crisis; in lists, and otherwise, null.
    """

    id: str
    version: int
    site: str
    student: str
    name: str
    grade: str | None
    category: Category
    urgency: Urgency
    audience: Audience
    coordinator: str | None
    covered_by: str | None
    re_referral_of: str | None
    duplicate_of: str | None
    despite_duplicate: str | None
    held_until: date | None
    state: State
    business: BusinessStatus | None
    outcome: Outcome | None
    reason: DeclineReason | CancelReason | HoldReason | ErrorReason | None
    since: datetime
    created_at: datetime
    round: int
    candidates: tuple[Candidate, ...]
    agency: str | None
    service: str | None
    hand_off: str | None
    appointment: datetime | None
    follow_ups: tuple[dict[str, str], ...]
    emergency: EmergencyView | None = None
    warnings: tuple[Warned, ...] = ()


class ReferralDetail(ReferralView):
    """One referral, with the coordinator's words; `need` is null once the child was erased."""

    need: str | None


class Entry(Body):
    """One line of a timeline: ids and codes; the page makes the sentence."""

    id: str
    at: datetime
    what: str
    about: dict[str, str]


async def view_of(context: Context, referral: Referral) -> ReferralView:
    """Return a referral with its child's name opened."""
    student = await context.store.get(Student, referral.student)
    view = await _view(context, referral, student, await _owners(context, [referral]))
    crisis = referral.open and referral.urgency is Urgency.CRISIS
    return view.model_copy(update={"emergency": emergency_of(context)}) if crisis else view


def emergency_of(context: Context) -> EmergencyView:
    """Return what the district has laid down for a crisis."""
    rules = context.desk.rules()
    return EmergencyView(procedure=rules.emergency_procedure, hotline=rules.hotline)


async def _owners(context: Context, referrals: Sequence[Referral]) -> Owners:
    today = local_date(context.clock.now(), context.settings.zone)
    return await owners(context.desk, context.register, [each.site for each in referrals], today)


def emergency_router(context: Context) -> APIRouter:
    """Return the router of what staff read before they write a crisis down."""
    router = APIRouter(prefix="/v1/emergency", tags=["referrals"])

    @router.get("")
    async def get_emergency(
        caller: Annotated[Principal, Depends(Allow(*STAFF, Role.ADMIN))],
    ) -> EmergencyView:
        """Return what to do at once in a crisis, and the child-protection line."""
        del caller
        return emergency_of(context)

    return router


def views_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, Role.ADMIN))]

    @router.get("")
    async def list_referrals(
        caller: reader,
        state: Annotated[
            list[State] | None, Query(max_length=20), AfterValidator(need_listed)
        ] = None,
        student: Annotated[Id | None, Query(description="Of one child alone.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ReferralView]:
        """List the referrals of the caller's schools, newest first.

        Of one child also those of another school, once the child's record was opened by breaking
        the glass.
        """
        mine = seen(caller, context.desk.rules(), *STAFF)
        found = await reading.list_referrals(
            context.store,
            mine if student is None else await _of_child(context, caller, student, mine),
            states=state or (),
            before=read_cursor(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        students = await reading.students_of(context.store, [each.student for each in page])
        who = await _owners(context, page)
        return Page[ReferralView](
            items=[await _view(context, each, students.get(each.student), who) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/{id}")
    async def get_referral(id: Identifier, response: Response, caller: reader) -> ReferralDetail:
        """Return one referral, with the need in the coordinator's words."""
        referral = await visible(context, caller, id, *STAFF)
        set_etag(response, referral.version)
        view = await view_of(context, referral)
        need = await context.vault.open_if(referral.need)
        return ReferralDetail(**view.model_dump(), need=need)

    @router.get("/{id}/timeline")
    async def get_timeline(
        id: Identifier, caller: reader, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[Entry]:
        """Return everything that happened to it, oldest first."""
        referral = await visible(context, caller, id, *STAFF)
        found = await reading.timeline(
            context.store, referral.id, after=read_moment(cursor), limit=limit + 1
        )
        page = found[:limit]
        return Page[Entry](
            items=[
                Entry(id=each.id, at=each.at, what=each.what, about=each.about) for each in page
            ],
            next=write_moment(page[-1].at, page[-1].id) if len(found) > limit else None,
        )

    return router


async def _of_child(
    context: Context, caller: Principal, id: str, mine: dict[str, Any]
) -> dict[str, Any]:
    """Return the query for those of a child's referrals that the caller may see."""
    child = await child_for(context, caller, id, *STAFF)
    of_child: dict[str, Any] = {"student": child.id}
    if not {"*", child.site} & caller.sites(*STAFF):
        return of_child  # behind the glass, of the whole record
    if await opened(context.desk, caller, child.id, None):
        return of_child
    return {"$and": [mine, of_child]}


async def _view(
    context: Context, referral: Referral, student: Student | None, who: Owners
) -> ReferralView:
    record = await context.known_record(student)
    sees_to_it = who.of(referral.coordinator, referral.site)
    claim = referral.claim
    return ReferralView(
        id=referral.id,
        version=referral.version,
        site=referral.site,
        student=referral.student,
        name=short_name(record),
        grade=record.grade if record else None,
        category=referral.category,
        urgency=referral.urgency,
        audience=referral.audience,
        coordinator=referral.coordinator or None,
        covered_by=sees_to_it if sees_to_it != referral.coordinator else None,
        re_referral_of=referral.re_referral_of,
        duplicate_of=referral.duplicate_of,
        despite_duplicate=await context.vault.open_if(referral.despite_duplicate),
        held_until=referral.held_until,
        state=referral.state,
        business=referral.business,
        outcome=referral.outcome,
        reason=referral.reason,
        since=referral.since,
        created_at=referral.created_at,
        round=referral.round,
        candidates=referral.candidates,
        agency=claim.agency if claim and not referral.handed_off else None,
        service=claim.service if claim and not referral.handed_off else None,
        hand_off=claim.id if claim and referral.handed_off else None,
        appointment=referral.appointment,
        follow_ups=tuple(
            {
                "id": each.id,
                "kind": each.kind.value,
                "due_on": each.due_on.isoformat(),
                "state": each.state.value,
            }
            for each in referral.follow_ups
        ),
    )
