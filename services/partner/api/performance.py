"""How an agency does, for itself and for the district."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.chassis.auth import OF_AGENCY, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body, Identifier, identifier
from services.partner import measuring
from services.partner.api.context import Context, need_agency
from services.partner.measuring import Span
from services.partner.model.agency import Agency
from services.partner.model.performance import (
    Performance,
    Share,
    begins,
    closed_year,
    performances,
    school_year,
    with_families,
)
from services.partner.model.service import Service
from services.partner.store import by_id
from services.partner.subscriptions.api.caller import AllowKey
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.key import Scope

_HOUR = timedelta(hours=1)


class ShareView(Body):
    """A share in percent, and of how many; both null where the number is too small to be told."""

    percent: int | None
    of: int | None


class PerformanceView(Body):
    """How an agency, or one of its services, did.

    Attributes:
        asked: offers that went out.
        reply_hours: the middle of the times to its first answer; null below five answers.
        acceptance: of the offers that it answered or let run out, those it took; from five on.
        completed: of the children it took, those whose help it says is done; from ten on.
        family_verified: of the children it took in the last school year that is over, those whose
            family says that the help arrived.
        no_show: of the children it took, those who did not come.
    """

    asked: int
    reply_hours: float | None
    acceptance: ShareView
    completed: ShareView
    family_verified: ShareView
    no_show: ShareView


class ServicePerformance(PerformanceView):
    """One service of an agency."""

    service: str
    service_name: str


class PeriodView(Body):
    """How an agency did in twelve closed months, as it stood at their end.

    Attributes:
        since: the first day.
        until: the first day after them.
        families_since: the first day of the school year of which `family_verified` tells.
        families_until: the first day after it.
    """

    since: date
    until: date
    families_since: date
    families_until: date
    total: PerformanceView
    services: tuple[ServicePerformance, ...]


class AgencyPerformance(Body):
    """How an agency does: the last twelve closed months, and the twelve before."""

    agency: str
    agency_name: str
    now: PeriodView
    before: PeriodView


def performance_router(context: Context, desk: Desk) -> APIRouter:
    """Return the router; an agency's own system calls with a key of scope `performance`."""
    router = APIRouter(prefix="/v1/agencies", tags=["agencies"])
    reader = AllowKey(desk, Scope.PERFORMANCE, Role.COORDINATOR, Role.ADMIN, *OF_AGENCY)

    @router.get("/{id}/performance")
    async def get_performance(
        id: Identifier, caller: Annotated[Principal, Depends(reader)]
    ) -> AgencyPerformance:
        """Return how soon an agency answers, how often it says yes, and what became of children.

        An agency sees its own, and coordinators every agency's over all schools of the district.
        """
        need_agency(caller, identifier(id), "agency")
        agency = await context.store.get(Agency, identifier(id))
        if agency is None:
            raise unknown("agency")
        return AgencyPerformance(
            agency=agency.id,
            agency_name=agency.name,
            now=await _period(context, agency.id, 0),
            before=await _period(context, agency.id, 1),
        )

    return router


async def _period(context: Context, agency: str, years_back: int) -> PeriodView:
    zone = context.settings.zone
    since, until = closed_year(context.clock.now(), zone, years_back=years_back)
    span = Span(begins(since, zone), begins(until, zone), agency)
    counted = await measuring.of_services(context.store, span)
    year, over = school_year(context.clock.now(), zone, years_back=years_back)
    answered = await measuring.of_services(
        context.store, Span(begins(year, zone), begins(over, zone), agency)
    )
    whole, services = with_families(performances(counted), performances(answered))
    known = await by_id(context.store, Service, services)
    names = {id: known[id].name if id in known else "" for id in services}
    return PeriodView(
        since=since,
        until=until,
        families_since=year,
        families_until=over,
        total=PerformanceView(**_told(whole)),
        services=tuple(
            ServicePerformance(service=id, service_name=names[id], **_told(services[id]))
            for id in sorted(services, key=lambda each: (names[each], each))
        ),
    )


def _told(done: Performance) -> dict[str, Any]:
    return {
        "asked": done.asked,
        "reply_hours": None if done.reply is None else round(done.reply / _HOUR, 1),
        "acceptance": _share(done.acceptance),
        "completed": _share(done.completed),
        "family_verified": _share(done.verified),
        "no_show": _share(done.no_show),
    }


def _share(share: Share) -> ShareView:
    return ShareView(percent=share.percent, of=share.of)
