"""Families that a school asks an agency for at once, for its own staff, who have signed in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from contracts.categories import Category
from services.chassis.auth import Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body, Identifier, identifier
from services.partner.api.batches import add_batch_answers, page_of
from services.partner.api.context import Context
from services.partner.api.own_offers import Answering, own_agency
from services.partner.model.agency import Agency
from services.partner.model.batch import Batch

_SHOWN = 50


class BatchSummary(Body):
    """Families that one school asks for at once; `open`: how many can be taken."""

    id: str
    service_name: str
    category: Category
    site: str
    answer_by: datetime
    open: int
    taken: int


class Batches(Body):
    """Those that are open, whichever is to be answered first on top."""

    items: tuple[BatchSummary, ...]


def own_batches_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/batches", tags=["offers"])

    @router.get("")
    async def list_batches(
        caller: Answering, agency: Annotated[str | None, Query(max_length=36)] = None
    ) -> Batches:
        """List those that an agency can take from."""
        own = await own_agency(context, caller, agency)
        query = {
            "agency": own.id,
            "told": {"$gt": 0},
            "answer_by": {"$gt": context.clock.now()},
        }
        rows = context.store.find(Batch, query, sort=[("answer_by", 1)], limit=_SHOWN)
        shown = [(each, await page_of(context, each, linked=False)) async for each in rows]
        return Batches(
            items=tuple(
                BatchSummary(
                    id=batch.id,
                    **page.model_dump(include=set(BatchSummary.model_fields) - {"id"}),
                )
                for batch, page in shown
                if page.open
            )
        )

    async def by_account(id: Identifier, caller: Answering) -> Batch:
        batch = await context.store.get(Batch, identifier(id))
        if batch is None or not batch.told or not caller.holds(Role.AGENCY, batch.agency):
            raise unknown("page")
        agency = await context.store.get(Agency, batch.agency)
        if agency is None or agency.retired:
            raise unknown("page")
        return batch

    one = APIRouter(prefix="/{id}")
    add_batch_answers(one, context, by_account, linked=False)
    router.include_router(one)
    return router
