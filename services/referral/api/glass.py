"""Break-glass over HTTP: a record out of one's sight, opened with a reason, for a while."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import StringConstraints, model_validator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import TwoTonguesError, forbidden, unknown
from services.chassis.fields import Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.referral.api.context import Context
from services.referral.api.staff_names import staff_names
from services.referral.api.words import Warned, warnings_of
from services.referral.handlers import glass
from services.referral.handlers.audit import actor_of
from services.referral.model.glass import GlassOpening, Review, closing
from services.referral.model.glass_use import GlassUse
from services.referral.model.people import Student
from services.referral.model.referral import Referral

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=500)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class OpenBody(Body):
    """What is opened: a child's whole record or one referral; and why, in a sentence."""

    student: Id | None = None
    referral: Id | None = None
    reason: Reason

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.student is None) == (self.referral is None):
            raise TwoTonguesError(
                "name the student or the referral, one of the two",
                "diga el estudiante o la derivación, uno de los dos",
            )
        return self


class ReviewBody(Body):
    """Whether it was right to open it, and what there is to say."""

    justified: bool
    words: Words | None = None


class ReviewView(Body):
    """What was found. Words are null where none were, or the child was erased."""

    at: datetime
    by: str
    justified: bool
    words: str | None


class OpenerView(Body):
    """How somebody uses the emergency access, for who reviews it.

    Attributes:
        name: as the staff register has it; null where the account is in no entry.
        searches: names looked up in the last 30 days, and answered.
        turned_away: searches of the last 30 days that were refused, since too many had gone before.
        suspended: an opening of theirs was found not justified, and they open nothing now.
        suspended_until: when that ends by itself; null while only an administrator ends it.
        suspended_for: the opening that was found not justified.
    """

    by: str
    name: str | None
    searches: int
    turned_away: int
    suspended: bool
    suspended_until: datetime | None
    suspended_for: str | None


class OpeningView(Body):
    """An opening. `reason` is null where the child was erased."""

    id: str
    by: str
    opener: OpenerView
    site: str
    student: str
    referral: str | None
    reason: str | None
    opened_at: datetime
    closes_at: datetime
    review: ReviewView | None
    warnings: tuple[Warned, ...] = ()


class Openers(Body):
    """Who looked for children in an emergency."""

    people: tuple[OpenerView, ...]


def glass_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/break-glass", tags=["staff"])
    opener = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))]
    lead = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]
    district = Annotated[Principal, Depends(Allow(Role.ADMIN))]

    @router.put("/{id}")
    async def open_record(
        id: Identifier, body: OpenBody, response: Response, caller: opener
    ) -> OpeningView:
        """Open a child's record or one referral to your own reading, for a while.

        The school's coordinators and the district see at once that you did, and why; every reading
        is written down. Child-protection reports and others' private notes stay closed.
        """
        need_opener(context, caller)
        student, referral = await _meant(context, body)
        now = context.clock.now()
        fresh = GlassOpening(
            id=identifier(id),
            by=caller.subject,
            site=referral.site if referral else student.site,
            student=student.id,
            referral=referral.id if referral else None,
            reason=await context.seal_known(student.id, body.reason),
            opened_at=now,
            closes_at=closing(now, context.desk.rules()),
            fingerprint=fingerprint(context.secret, body),
        )
        known = await glass.open_record(context.desk, fresh, actor_of(caller))
        set_etag(response, known.version)
        (view,) = await _views(context, [known])
        return view.model_copy(update={"warnings": warnings_of([("reason", body.reason)])})

    @router.get("")
    async def list_openings(
        caller: lead,
        *,
        waiting: bool | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[OpeningView]:
        """List what was opened at the caller's schools; `waiting`: that nobody has reviewed."""
        sites = caller.sites(Role.COORDINATOR)
        found = await glass.openings(
            context.store, sites, waiting=waiting, before=read_cursor(cursor), limit=limit + 1
        )
        page = found[:limit]
        return Page[OpeningView](
            items=await _views(context, page),
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.post("/{id}/review")
    async def review(id: Identifier, body: ReviewBody, caller: lead) -> OpeningView:
        """Say whether it was right to open it; never of one's own.

        Not justified, it ends at once, and who opened it opens and reads nothing in an emergency
        for as long as the district has set (`break_glass_suspended_days`), or until an
        administrator lets them.
        """
        known = await _known(context, caller, id)
        words = await context.seal_known(known.student, body.words) if body.words else None
        given = Review(
            at=context.clock.now(), by=caller.subject, justified=body.justified, words=words
        )
        after = await glass.review(context.desk, known.id, given, actor_of(caller))
        (view,) = await _views(context, [after])
        return view.model_copy(update={"warnings": warnings_of([("words", body.words)])})

    @router.post("/{id}/let-again")
    async def let_again(id: Identifier, caller: district) -> OpeningView:
        """Let who opened this open records in an emergency again; never oneself."""
        known = await _known(context, caller, id)
        await glass.let_again(context.desk, known, actor_of(caller))
        (view,) = await _views(context, [known])
        return view

    @router.get("/people")
    async def list_people(caller: lead, limit: Limit = 50) -> Openers:
        """List who looked for children in the last 30 days, the last first.

        To a coordinator those to whom a child of the caller's schools was named; to the district
        everybody, also who found nobody.
        """
        now = context.clock.now()
        found = await glass.lookers(context.store, caller.sites(Role.COORDINATOR), now, limit)
        called = await staff_names(context, (each.by for each in found))
        return Openers(people=tuple(_opener(each, called, now) for each in found))

    return router


async def _known(context: Context, caller: Principal, id: str) -> GlassOpening:
    known = await context.store.get(GlassOpening, identifier(id))
    if known is None:
        raise unknown("opening")
    caller.need_site(known.site, Role.COORDINATOR, what="opening")
    return known


def need_opener(context: Context, caller: Principal) -> None:
    """Pass only whom the district lets break the glass.

    Raises:
        EnlaceError: the caller has none of those roles.
    """
    roles = context.desk.rules().break_glass_roles
    if not any(role.value in roles for role, _ in caller.grants):
        raise forbidden(
            "Your district lets other roles break the glass. In an emergency call the school's "
            "coordinator or your district's administrator.",
            es="Su distrito permite el acceso de emergencia a otras funciones. En una emergencia "
            "llame a la coordinación de la escuela o a la administración del distrito.",
        )


async def _meant(context: Context, body: OpenBody) -> tuple[Student, Referral | None]:
    referral = None
    if body.referral is not None:
        referral = await context.store.get(Referral, identifier(body.referral))
        if referral is None:
            raise unknown("referral")
    wanted = referral.student if referral else identifier(body.student or "")
    student = await context.store.get(Student, wanted)
    if student is None:
        raise unknown("student")
    return student, referral


async def _views(context: Context, openings: Sequence[GlassOpening]) -> list[OpeningView]:
    by = {each.by for each in openings}
    uses, called = await glass.uses_of(context.store, by), await staff_names(context, by)
    now = context.clock.now()
    openers = {each: _opener(uses.get(each) or GlassUse.none_yet(each), called, now) for each in by}
    return [await _view(context, each, openers[each.by]) for each in openings]


def _opener(use: GlassUse, called: Mapping[str, str], now: datetime) -> OpenerView:
    searches, turned_away = use.counted(now)
    held = use.suspension if use.suspended(now) else None
    return OpenerView(
        by=use.by,
        name=called.get(use.by),
        searches=searches,
        turned_away=turned_away,
        suspended=held is not None,
        suspended_until=held.until if held else None,
        suspended_for=held.opening if held else None,
    )


async def _view(context: Context, opening: GlassOpening, opener: OpenerView) -> OpeningView:
    given = opening.review
    shown = None
    if given is not None:
        shown = ReviewView(
            at=given.at,
            by=given.by,
            justified=given.justified,
            words=await context.vault.open_if(given.words),
        )
    return OpeningView(
        id=opening.id,
        by=opening.by,
        opener=opener,
        site=opening.site,
        student=opening.student,
        referral=opening.referral,
        reason=await context.vault.open_if(opening.reason),
        opened_at=opening.opened_at,
        closes_at=opening.closes_at,
        review=shown,
    )
