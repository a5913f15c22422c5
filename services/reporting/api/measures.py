"""Counts of referrals over HTTP: the funnel and unmet needs."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body
from services.reporting.api.context import Context
from services.reporting.api.reach import Reach, reach_of
from services.reporting.model import counts
from services.reporting.model.counts import Cell
from services.reporting.model.funnel import Stage
from services.reporting.model.suppression import TOTAL, published
from services.reporting.model.tables import Funnel, PublishedFunnel, by_place, exact_funnel

Site = Annotated[str | None, Query(max_length=64, description="A school; all of yours without.")]
Category = Annotated[str | None, Query(max_length=64, description="A need; all without.")]


class FunnelBody(Body):
    """How far referrals have come; a number that could point to a child is null.

    Attributes:
        handed_off: of the accepted, those that the school brought to a place outside the network.
        partner_closed_rate: share of the accepted that the agency reports as done.
        family_verified_rate: share of the accepted for whom the family says that help arrived.
        accepted_within_hours: the middle one was taken within so many hours of the asking; 9999 is
            longer than a month.
    """

    category: str | None
    created: int | None
    offered: int | None
    accepted: int | None
    started: int | None
    partner_closed: int | None
    family_verified: int | None
    disputed: int | None
    handed_off: int | None
    partner_closed_rate: float | None
    family_verified_rate: float | None
    accepted_within_hours: int | None


class FunnelAnswer(FunnelBody):
    """The funnel, and the same for each need.

    Attributes:
        published: from the tables for the leadership: closed months alone, small numbers hidden.
        before: the first month that is not counted, as `2026-11`; null where all are.
    """

    site: str | None
    published: bool
    before: str | None
    by_category: tuple[FunnelBody, ...]


class UnmetRow(Body):
    """Referrals that nobody could take; `reasons` are shown to who works at the school."""

    category: str
    count: int | None
    reasons: dict[str, int] | None


class UnmetAnswer(Body):
    """Unmet needs by category."""

    site: str | None
    published: bool
    before: str | None
    count: int | None
    by_category: tuple[UnmetRow, ...]


def measures_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["measures"])
    counter = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.LEADERSHIP, Role.ADMIN))]

    @router.get("/funnel")
    async def get_funnel(
        caller: counter, site: Site = None, category: Category = None
    ) -> FunnelAnswer:
        """Return how far the referrals of the caller's schools have come."""
        reach = reach_of(caller, site)
        if reach.exact:
            stages = _seen(await context.reading.cells(counts.FUNNEL), reach)
            waits = _seen(await context.reading.cells(counts.ACCEPT_HOURS), reach)
            needs = sorted({cell.category for cell in stages})

            def of(need: str | None) -> Funnel:
                return exact_funnel(_of_need(stages, need), _of_need(waits, need))
        else:
            cells = await context.publication.cells()
            stages, waits = cells[counts.FUNNEL], cells[counts.ACCEPT_HOURS]
            needs = sorted({cell.category for cell in _seen(stages, reach)})
            table = PublishedFunnel(stages, waits)
            place = next(iter(reach.sites))

            def of(need: str | None) -> Funnel:
                return table.get(place, need or TOTAL)

        return FunnelAnswer(
            site=site,
            published=not reach.exact,
            before=None if reach.exact else context.publication.month(),
            by_category=tuple(
                FunnelBody(**_numbers(need, of(need))) for need in needs if category in {None, need}
            ),
            **_numbers(category, of(category)),
        )

    @router.get("/unmet")
    async def get_unmet(
        caller: counter, site: Site = None, category: Category = None
    ) -> UnmetAnswer:
        """Return the needs that nobody could meet, for the needs assessment."""
        reach = reach_of(caller, site)
        if reach.exact:
            found = _of_need(_seen(await context.reading.cells(counts.UNMET), reach), category)
            rows = [
                UnmetRow(category=need, count=_sum(of), reasons=_by_reason(of))
                for need in sorted({cell.category for cell in found})
                if (of := _of_need(found, need))
            ]
            return UnmetAnswer(
                site=site, published=False, before=None, count=_sum(found), by_category=tuple(rows)
            )
        return await _published_unmet(context, reach, site, category)

    return router


async def _published_unmet(
    context: Context, reach: Reach, site: str | None, category: str | None
) -> UnmetAnswer:
    cells = await context.publication.cells()
    created = [cell for cell in cells[counts.FUNNEL] if cell.of == Stage.CREATED]
    table = published(by_place(cells[counts.UNMET]), published(by_place(created)))
    place = next(iter(reach.sites))
    needs = sorted({cell.category for cell in _seen(created, reach)})
    return UnmetAnswer(
        site=site,
        published=True,
        before=context.publication.month(),
        count=table.get(place, category or TOTAL),
        by_category=tuple(
            UnmetRow(category=need, count=table.get(place, need), reasons=None)
            for need in needs
            if category in {None, need}
        ),
    )


def numbers(funnel: Funnel) -> dict[str, Any]:
    """Return a funnel's stages and rates by the names of their fields."""
    return {
        **{stage.value.replace("-", "_"): value for stage, value in funnel.stages.items()},
        "partner_closed_rate": funnel.partner_closed_rate,
        "family_verified_rate": funnel.family_verified_rate,
    }


def _numbers(category: str | None, funnel: Funnel) -> dict[str, Any]:
    waited = funnel.accepted_within_hours
    return {"category": category, **numbers(funnel), "accepted_within_hours": waited}


def _seen(cells: Iterable[Cell], reach: Reach) -> list[Cell]:
    return [cell for cell in cells if reach.covers(cell.site)]


def _of_need(cells: Iterable[Cell], category: str | None) -> list[Cell]:
    return [cell for cell in cells if category in {None, cell.category}]


def _sum(cells: Iterable[Cell]) -> int:
    return sum(cell.value for cell in cells)


def _by_reason(cells: Iterable[Cell]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for cell in cells:
        reasons[cell.of] = reasons.get(cell.of, 0) + cell.value
    return reasons
