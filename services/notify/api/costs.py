"""What texts cost, by school, month, language and purpose; and how much a school may spend."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from contracts.codes import Language, Template
from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import (
    Body,
    IfMatch,
    check_version,
    expected_version,
    set_etag,
)
from services.chassis.store import Change, Found, Ref
from services.notify.api.context import Context
from services.notify.model.budget import (
    BudgetState,
    TextBudget,
    TextSpend,
    month_of,
    spend_id,
    state_of,
)
from services.notify.store import Spent, spent_in

Month = Annotated[
    str | None,
    Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="As 2026-11; this month if left out."),
]


class CostLine(Body):
    """Texts of one purpose in one language; `parts` is what the carrier bills."""

    language: Language
    template: Template
    texts: int
    parts: int


class SchoolCosts(Body):
    """What a school's texts have cost in a month.

    Attributes:
        budget: parts that it may send in a month; null: as many as are needed.
        state: `warning` from 80 % of the budget on; `stopped` once it is spent: then crisis and
            answers alone go out, and the rest waits.
    """

    site: str
    name: str
    texts: int
    parts: int
    budget: int | None
    state: BudgetState
    lines: tuple[CostLine, ...]


class Costs(Body):
    """What texts have cost in a month, a row a school."""

    month: str
    schools: tuple[SchoolCosts, ...]


class BudgetBody(Body):
    """How many parts a school may send in a month; null: as many as are needed."""

    parts: Annotated[int, Field(ge=1, le=10_000_000)] | None


class BudgetView(Body):
    """A school's budget."""

    site: str
    parts: int | None


def costs_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["costs"])
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]

    @router.get("/text-costs")
    async def get_costs(
        caller: Annotated[Principal, Depends(Allow(Role.ADMIN, Role.COORDINATOR))],
        month: Month = None,
    ) -> Costs:
        """Tell what texts cost: of every school to the district, of their own to coordinators."""
        month = month or month_of(context.clock.now(), context.zone)
        sites = frozenset({"*"}) if caller.has(Role.ADMIN) else caller.sites(Role.COORDINATOR)
        spent = await spent_in(context.store, month, sites)
        listed = context.sites.all if "*" in sites else sites
        shown = sorted({*listed, *(each.site for each in spent)} - {""})
        budgets = {each.id: each.parts async for each in context.store.find(TextBudget, {})}
        return Costs(
            month=month,
            schools=tuple(
                _school(context, site, [each for each in spent if each.site == site], budgets)
                for site in shown
            ),
        )

    @router.get("/text-budgets/{site}")
    async def get_budget(site: str, caller: admin, response: Response) -> BudgetView:
        """Return a school's budget."""
        del caller
        context.sites.need(site)
        known = await context.store.get(TextBudget, site)
        set_etag(response, known.version if known else 0)
        return BudgetView(site=site, parts=known.parts if known else None)

    @router.put("/text-budgets/{site}")
    async def put_budget(
        site: str, body: BudgetBody, caller: admin, response: Response, if_match: IfMatch = None
    ) -> BudgetView:
        """Say how many parts a school may send in a month; what was sent of this one counts."""
        context.sites.need(site)
        seen = expected_version(if_match)
        now = context.clock.now()
        month = month_of(now, context.zone)
        spent = sum(each.parts for each in await spent_in(context.store, month, frozenset({site})))
        ref, spend = Ref(TextBudget, site), Ref(TextSpend, spend_id(site, month))

        def put(found: Found) -> Change[TextBudget]:
            known = found.get(ref)
            check_version(seen, known.version if known else 0)
            fresh = known or TextBudget(id=site, parts=None, by=caller.subject, at=now)
            after = fresh.having(parts=body.parts, by=caller.subject, at=now)
            counted = found.get(spend) or TextSpend(id=spend.id)
            return Change(after, [after, counted.having(parts=max(spent, counted.parts))])

        after = await context.store.update([ref, spend], put)
        set_etag(response, seen + 1)
        return BudgetView(site=site, parts=after.parts)

    return router


def _school(
    context: Context, site: str, spent: Iterable[Spent], budgets: dict[str, int | None]
) -> SchoolCosts:
    lines = tuple(
        CostLine(language=each.language, template=each.template, texts=each.texts, parts=each.parts)
        for each in spent
    )
    parts, budget = sum(each.parts for each in lines), budgets.get(site)
    return SchoolCosts(
        site=site,
        name=context.sites.get(site).name,
        texts=sum(each.texts for each in lines),
        parts=parts,
        budget=budget,
        state=state_of(budget, parts),
        lines=lines,
    )
