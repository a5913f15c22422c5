"""What runs out of agreements, for those at the schools who answer for them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from contracts.codes import AgreementStatus
from services.chassis.auth import Allow, Principal, Role
from services.partner import store as reading
from services.partner.api.context import Context
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.deadlines import Deadline, DeadlineKind, deadlines

PATH = "/v1/agreement-deadlines"
_HOLDING = [AgreementStatus.ACTIVE.value, AgreementStatus.EXPIRING.value]


class DeadlineView(BaseModel):
    """Something of an agreement that runs out, or has; see `Deadline`."""

    agreement: str
    agency: str
    agency_name: str
    sites: tuple[str, ...]
    kind: DeadlineKind
    name: str
    on: date
    left: int
    step: int


class DeadlinesView(BaseModel):
    """What runs out, soonest first. `total`: shown or not."""

    items: Sequence[DeadlineView]
    total: int


def agreement_deadlines_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["agreements"])
    answering = Depends(Allow(Role.COORDINATOR, Role.LEADERSHIP, Role.ADMIN))

    @router.get(PATH)
    async def list_deadlines(
        caller: Annotated[Principal, answering],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DeadlinesView:
        """List what runs out within sixty days, or has, at the schools that the caller answers for.

        A coordinator's schools, those that somebody leads, and all for an administrator.
        """
        found = await _of_theirs(context, caller)
        names = await reading.by_id(context.store, Agency, [each.agency for each, _ in found])
        found.sort(key=lambda pair: (pair[1].on, pair[0].id, pair[1].name))
        return DeadlinesView(
            items=[_view(each, one, names.get(each.agency)) for each, one in found[:limit]],
            total=len(found),
        )

    return router


async def _of_theirs(context: Context, caller: Principal) -> list[tuple[Agreement, Deadline]]:
    sites = caller.sites(Role.COORDINATOR) | caller.led
    query: dict[str, Any] = {"status": {"$in": _HOLDING}}
    if "*" not in sites:
        query["sites"] = {"$in": sorted(sites)}
    rows = [each async for each in context.store.find(Agreement, query)]
    renewed = {each.renews for each in rows}
    now = context.clock.now()
    return [
        (each, one)
        for each in rows
        for one in deadlines(each, each.today(now))
        # Where another one follows, nobody need act on its end.
        if not (each.id in renewed and one.is_its_end)
    ]


def _view(agreement: Agreement, one: Deadline, agency: Agency | None) -> DeadlineView:
    return DeadlineView(
        agreement=agreement.id,
        agency=agreement.agency,
        agency_name=agency.name if agency else "",
        sites=agreement.sites,
        **one.model_dump(),
    )
