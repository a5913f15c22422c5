"""The August roll-over over HTTP: a preview with its counts and lists, then the command."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field, model_validator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, TwoTonguesError, unknown
from services.chassis.fields import Id, SchoolId
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    check_repeat,
    expected_version,
    fingerprint,
    identifier,
    set_etag,
)
from services.chassis.store import Change, Found, Ref
from services.referral.api.context import Context
from services.referral.imports.roll_over import attending, carry_out, look
from services.referral.model.follow_up import local_date
from services.referral.model.roll_over import Going, RollOver, RollOverState, need_year, not_here

MOST_NAMED = 2_000
"""Children named one by one; more go by the schools' own grades."""


class GoingBody(Body):
    """A child who goes to a named school of the district."""

    student: Id
    site: SchoolId


class RollOverBody(Body):
    """Which schools, into which year, and who does not simply go a grade up."""

    sites: Annotated[tuple[SchoolId, ...], Field(min_length=1, max_length=200)]
    year: int = Field(ge=2000, le=2100, description="In which the school year begins.")
    promote: bool = Field(
        default=True,
        description="False: only the children named here; who changes school keeps the grade.",
    )
    stays: Annotated[tuple[Id, ...], Field(max_length=MOST_NAMED)] = ()
    going: Annotated[tuple[GoingBody, ...], Field(max_length=MOST_NAMED)] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len({each.student for each in self.going}) < len(self.going):
            raise TwoTonguesError(
                "going names a child twice: leave one school for each child",
                "going nombra dos veces a un mismo alumno: deje una sola escuela para cada uno",
            )
        return self


class RollOverView(Body):
    """What a roll-over would do, or has done.

    Attributes:
        counts: children by what becomes of them: promoted, stays, transferred, moved-on (the last
            grade here, and no one school after it), graduated, unclear (a grade that the school
            does not have: nothing is changed), done-before (this year already), untouched (of
            whom nothing was said where only those named are meant).
        grades: children by grades, as `03 > 04`.
        lists: ids of the first 500 of each kind but the promoted.
        open_referrals: of children who change schools. They stay with their coordinator until
            somebody hands them over.
    """

    id: str
    version: int
    sites: tuple[str, ...]
    year: int
    promote: bool
    state: RollOverState
    counts: dict[str, int]
    grades: dict[str, int]
    lists: dict[str, tuple[str, ...]]
    open_referrals: int
    by: str
    at: datetime
    applied_by: str | None
    applied_at: datetime | None


def roll_overs_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/roll-overs", tags=["people"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.put("/{id}")
    async def preview(
        id: Identifier, body: RollOverBody, response: Response, caller: staff
    ) -> RollOverView:
        """Make a preview; no child is changed. A repeat is the same answer.

        Refused where a child is named who does not attend these schools, and where the school year
        is neither the one that runs nor the one that begins next.
        """
        _check(context, caller, body)
        wish = RollOver(
            id=identifier(id),
            sites=tuple(sorted(set(body.sites))),
            year=body.year,
            promote=body.promote,
            stays=tuple(sorted({identifier(each) for each in body.stays})),
            going=tuple(
                Going(student=identifier(each.student), site=each.site) for each in body.going
            ),
            by=caller.subject,
            at=context.clock.now(),
            fingerprint=fingerprint(context.secret, body),
            mark="",
            counts={},
            grades={},
            lists={},
            open_referrals=0,
        )
        there = await context.store.get(RollOver, wish.id)
        fresh = await _looked(context, body, wish) if there is None else wish
        ref = Ref(RollOver, wish.id)

        def enter(found: Found) -> Change[RollOver]:
            known = found.get(ref)
            if known is not None:
                check_repeat(known.fingerprint, fresh.fingerprint)
                return Change(known)
            return Change(fresh.having(version=1), [fresh])

        return _answer(response, await context.store.update([ref], enter))

    @router.get("/{id}")
    async def get_roll_over(id: Identifier, response: Response, caller: staff) -> RollOverView:
        """Return what it would do, or has done."""
        return _answer(response, await _for(context, caller, id))

    @router.post("/{id}/apply")
    async def apply(
        id: Identifier, response: Response, caller: staff, if_match: IfMatch = None
    ) -> RollOverView:
        """Do what the preview showed; sent again after an interruption, it goes on.

        Refused where a child has come, gone or changed since the preview.
        """
        expected = expected_version(if_match)
        known = await _for(context, caller, id)
        done = await carry_out(context, known.id, by=caller.subject, expected=expected)
        return _answer(response, done)

    return router


def _check(context: Context, caller: Principal, body: RollOverBody) -> None:
    known = context.sites.all
    for site in (*body.sites, *(each.site for each in body.going)):
        if known and site not in known:
            raise EnlaceError(
                "unknown-site",
                Kind.MALFORMED,
                f"There is no school {site} in this district.",
                es=f"No existe la escuela {site} en este distrito.",
            )
    for site in body.sites:
        caller.need_site(site, Role.COORDINATOR, what="school")


async def _looked(context: Context, body: RollOverBody, wish: RollOver) -> RollOver:
    """Return what would be done.

    Raises:
        EnlaceError: it is for another year, or names somebody who is not at these schools.
    """
    need_year(wish.year, local_date(wish.at, context.settings.zone))
    places = {
        **{f"stays.{n}": identifier(each) for n, each in enumerate(body.stays)},
        **{f"going.{n}.student": identifier(each.student) for n, each in enumerate(body.going)},
    }
    there = await attending(context, wish.sites, list(places.values()))
    absent = [place for place, id in places.items() if id not in there]
    if absent:
        raise not_here(absent)
    return await look(context, wish)


async def _for(context: Context, caller: Principal, id: str) -> RollOver:
    found = await context.store.get(RollOver, identifier(id))
    if found is None:
        raise unknown("roll-over")
    for site in found.sites:
        caller.need_site(site, Role.COORDINATOR, what="roll-over")
    return found


def _answer(response: Response, found: RollOver) -> RollOverView:
    set_etag(response, found.version)
    return RollOverView(
        **found.model_dump(include=set(RollOverView.model_fields) - {"lists"}),
        lists=dict(found.lists),
    )
