"""Matches over HTTP. What is asked about a child is neither stored nor logged."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from contracts.codes import CapacityStatus, CapacityUnit
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.sight import Bearer
from services.partner.api.context import Context, Need
from services.partner.api.needs import NeedBody, WhyBody, need_sight, recorded
from services.partner.api.waiting import WaitView, told
from services.partner.model.matching.candidate import Candidate
from services.partner.model.matching.rank import Apart, Found, Match
from services.partner.model.matching.words import Reason, worded

SHOWN = 50
"""Services of each list that an answer holds unless more are asked for."""


class _Told(BaseModel):
    """Part of an answer. Thousands are made: what was read already is not checked like a body."""

    model_config = ConfigDict(frozen=True)


class MatchView(_Told):
    """A service that could help.

    Attributes:
        seats: null where the agency never told them.
        notes: what the agency says of its seats in words.
        stale: they were told so long ago that somebody should ask first: shown greyed.
        wait: how long those waited who had to; null where the agency never told its seats.
        score: of a hundred.
    """

    service: str
    service_name: str
    agency: str
    agency_name: str
    unit: CapacityUnit | None
    seats: int | None
    maximum: int | None
    status: CapacityStatus | None
    as_of: datetime | None
    notes: str | None
    stale: bool
    wait: WaitView | None
    languages: tuple[str, ...]
    score: float
    reasons: tuple[Reason, ...]


class ExcludedView(_Told):
    """A service of this kind that no offer can go to, and everything that keeps it."""

    service: str
    service_name: str
    agency: str
    agency_name: str
    reasons: tuple[Reason, ...]


class Matches(_Told):
    """Services that could help, best first; and those that cannot be asked, nearest first.

    Attributes:
        total: how many could help, shown or not.
        excluded_total: how many cannot be asked, shown or not.
        missing: where nothing fits: what kept those that came closest, by code.
        recorded: whether that was recorded as an unmet need of the referral.
    """

    matches: tuple[MatchView, ...]
    excluded: tuple[ExcludedView, ...]
    total: int
    excluded_total: int
    missing: tuple[str, ...] = ()
    recorded: bool = False


class Why(_Told):
    """One service weighed: either as a match, or with what keeps it."""

    match: MatchView | None
    excluded: ExcludedView | None


def matches_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/matches", tags=["matches"])
    reader = Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))
    shown = Query(ge=1, le=200, description="Services of each list that are shown.")

    @router.get("")
    async def list_matches(
        caller: Annotated[Principal, reader],
        category: Need,
        site: Annotated[str, Query(max_length=64)],
        language: Annotated[str | None, Query(max_length=35)] = None,
        limit: Annotated[int, shown] = SHOWN,
    ) -> Matches:
        """Return the services that could help a child of this school, with reasons."""
        caller.need_site(site, Role.COORDINATOR, Role.CARE_TEAM, what="site")
        needs = await context.district.need_known([category])
        # Not checked as a body's fields are: who asks here has always been answered.
        asked = NeedBody.model_construct(category=category, site=site, language=language)
        return view(await context.matcher.find(asked.need(needs)), limit)

    @router.post("")
    async def find_matches(
        caller: Annotated[Principal, reader],
        body: NeedBody,
        bearer: Bearer,
        limit: Annotated[int, shown] = SHOWN,
    ) -> Matches:
        """Return the services that could help with this need, with every reason.

        Where nothing fits a named referral, that is recorded as an unmet need.
        """
        needs = await need_sight(context, caller, bearer, body)
        found = await context.matcher.find(body.need(needs))
        answer = view(found, limit)
        try:
            done = await recorded(context, bearer, body, needs, found.missing)
        except EnlaceError as error:
            if error.kind is not Kind.UNAVAILABLE:
                raise
            done = False  # what could help is told all the same
        return answer.model_copy(update={"recorded": done})

    @router.post("/why")
    async def explain(caller: Annotated[Principal, reader], body: WhyBody, bearer: Bearer) -> Why:
        """Weigh one service for this need, whatever it is for: why it, or why not."""
        needs = await need_sight(context, caller, bearer, body)
        found = await context.matcher.why(body.service, body.need(needs))
        if found is None:
            raise unknown("service")
        return Why(
            match=_match(found.matches[0]) if found.matches else None,
            excluded=_apart(found.apart[0]) if found.apart else None,
        )

    return router


def view(found: Found, limit: int) -> Matches:
    """Return what was found as it is told: the best of each list, in words."""
    return Matches(
        matches=tuple(_match(each) for each in found.matches[:limit]),
        excluded=tuple(_apart(each) for each in found.apart[:limit]),
        total=len(found.matches),
        excluded_total=len(found.apart),
        missing=found.missing,
    )


def _match(found: Match) -> MatchView:
    candidate, seats = found.candidate, found.score.seats
    return MatchView(
        **_names(candidate),
        unit=seats.unit if seats else None,
        seats=seats.available if seats else None,
        maximum=seats.maximum if seats else None,
        status=seats.status if seats else None,
        as_of=seats.as_of if seats else None,
        notes=seats.notes if seats else None,
        stale=found.score.stale,
        wait=told(found.score.wait) if found.score.wait else None,
        languages=candidate.service.languages,
        score=round(found.score.points, 1),
        reasons=worded(found.score.said),
    )


def _apart(apart: Apart) -> ExcludedView:
    return ExcludedView(**_names(apart.candidate), reasons=worded(apart.obstacles))


def _names(candidate: Candidate) -> dict[str, str]:
    return {
        "service": candidate.service.id,
        "service_name": candidate.service.name,
        "agency": candidate.agency.id,
        "agency_name": candidate.agency.name,
    }
