"""How far the referrals of children in each programme have come, such as of English learners."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body
from services.reporting.api.context import Context
from services.reporting.api.measures import Category, Site, numbers
from services.reporting.api.reach import reach_of
from services.reporting.model import counts
from services.reporting.model.funnel import Stage
from services.reporting.model.suppression import TOTAL
from services.reporting.model.tables import PublishedFunnel, exact_funnel


class ProgrammeRow(Body):
    """The funnel of one programme's children; a number that could point to a child is null.

    Attributes:
        programme: the district's own code; `unknown`: of families that were erased.
    """

    programme: str
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


class ProgrammesAnswer(Body):
    """By programme; a child in several counts in each, so that the rows add up to nothing.

    Attributes:
        before: the first month that is not counted, as `2026-11`; null where all are.
    """

    site: str | None
    published: bool
    before: str | None
    programmes: tuple[ProgrammeRow, ...]


def programmes_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["measures"])
    counter = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.LEADERSHIP, Role.ADMIN))]

    @router.get("/programmes")
    async def get_programmes(
        caller: counter, site: Site = None, category: Category = None
    ) -> ProgrammesAnswer:
        """Return how far the referrals of each programme's children have come.

        By the programmes that a child was in when the need was written down.
        """
        reach = reach_of(caller, site)
        funnels = {}
        if reach.exact:
            found = [
                cell
                for cell in await context.reading.cells(counts.PROGRAMME)
                if reach.covers(cell.site) and category in {None, cell.category}
            ]
            for programme, cells in counts.of_programmes(found).items():
                funnels[programme] = exact_funnel(cells, ())
        else:
            told = await context.publication.cells()
            whole = PublishedFunnel(told[counts.FUNNEL], ())
            place = (next(iter(reach.sites)), category or TOTAL)
            for programme, cells in counts.of_programmes(told[counts.PROGRAMME]).items():
                funnel = PublishedFunnel(cells, (), whole).get(*place)
                if funnel.stages[Stage.CREATED]:  # that somebody is in it at all tells of few too
                    funnels[programme] = funnel
        return ProgrammesAnswer(
            site=site,
            published=not reach.exact,
            before=None if reach.exact else context.publication.month(),
            programmes=tuple(
                ProgrammeRow(programme=programme, **numbers(funnel))
                for programme, funnel in funnels.items()
            ),
        )

    return router
