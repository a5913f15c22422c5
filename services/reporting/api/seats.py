"""Seats over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body
from services.reporting.api.context import Context
from services.reporting.model.seats import SUMMED

Site = Annotated[str | None, Query(max_length=64, description="A school; all of yours without.")]
Category = Annotated[str | None, Query(max_length=64, description="A need; all without.")]


class SeatsRow(Body):
    """Seats of one need, in one unit, over the schools that the caller sees.

    Attributes:
        maximum: what agencies offer.
        available: what is free of it. This and what follows move with every child, so they are null
            for the leadership, who reads what was published.
    """

    category: str
    unit: str
    maximum: int
    available: int | None
    held: int | None
    used: int | None
    waitlisted: int | None


class SeatsAnswer(Body):
    """Sums, and what each service told: to who works with the children alone."""

    sums: tuple[SeatsRow, ...]
    services: tuple[dict[str, Any], ...]


def seats_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["measures"])
    staff = Annotated[
        Principal,
        Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.LEADERSHIP, Role.ADMIN)),
    ]

    @router.get("/seats")
    async def get_seats(caller: staff, site: Site = None, category: Category = None) -> SeatsAnswer:
        """Return the seats that services told of.

        Who is taken, held or waiting is a child: the leadership sees what is offered, no more.
        """
        sites = caller.sites(Role.COORDINATOR, Role.CARE_TEAM, Role.LEADERSHIP)
        exact = caller.sites(Role.COORDINATOR, Role.CARE_TEAM)
        if site is not None:
            if not {site, "*"} & sites:
                raise unknown("school")
            sites = frozenset({site})
        seen = sites if "*" in exact else exact if "*" in sites else sites & exact
        query: dict[str, Any] = {} if "*" in seen else {"site": {"$in": sorted(seen)}}
        if category is not None:
            query["category"] = category
        sums = await context.reading.seat_sums()
        return SeatsAnswer(
            sums=_seat_rows(sums, sites, category, shown=sites == seen),
            services=tuple(
                {name: value for name, value in row.items() if name != "_id"}
                for row in await context.reading.seats(query)
            ),
        )

    return router


def _seat_rows(
    sums: dict[tuple[str, str, str], dict[str, int]],
    sites: frozenset[str],
    category: str | None,
    *,
    shown: bool,
) -> tuple[SeatsRow, ...]:
    """Return the sums; those that count children only where all the schools' may be shown."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for (site, need, unit), fields in sums.items():
        if not {site, "*"} & sites or category not in {None, need}:
            continue
        row = rows.setdefault((need, unit), {})
        for name, value in fields.items():
            row[name] = row.get(name, 0) + value
    return tuple(
        SeatsRow(
            category=need,
            unit=unit,
            maximum=row.get("maximum", 0),
            **{name: row.get(name, 0) if shown else None for name in SUMMED if name != "maximum"},
        )
        for (need, unit), row in sorted(rows.items())
    )
