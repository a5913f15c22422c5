"""The waitlist of a service at a school: who goes first and why, and by which policy."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.categories import WITHHELD
from services.chassis.auth import OF_AGENCY, Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    identifier,
    set_etag,
)
from services.chassis.sight import Bearer
from services.partner import store as reading
from services.partner.api.capacities import School
from services.partner.api.context import Context, Reader
from services.partner.api.waiting import WaitView, WordedView, policy_of, reason_views, wait_view
from services.partner.handlers import capacities
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.offering import Offering
from services.partner.model.waitlist import WaitlistPolicy
from services.partner.model.waitlist_policy import ChosenBy

SHOWN = 100
"""Places that are shown; a longer waitlist says how many there are."""

_SCHOOL = (Role.COORDINATOR, Role.CARE_TEAM)
_CHOOSING = (Role.COORDINATOR, Role.ADMIN, Role.AGENCY_ADMIN)
Chooser = Annotated[Principal, Depends(Allow(*_CHOOSING))]


class PolicyBody(Body):
    """The policy by which free seats go; null leaves it to the district."""

    policy: WaitlistPolicy | None


class RowView(Body):
    """One who waits.

    Attributes:
        referral: null for the agency, which does not know the child yet, and for who may not see
            the referral.
        reasons: why it has this place; for the agency without what could tell it the family.
    """

    place: int
    offer: str
    referral: str | None
    since: datetime
    reasons: tuple[WordedView, ...]


class WaitlistView(Body):
    """A waitlist, whoever goes first on top.

    Attributes:
        policy: in force.
        chosen_by: the agreement, the service, or the district, whose configuration it is.
        total: how many wait, shown or not.
        wait: how long it has taken.
        version: of the seats; a policy is chosen on it.
    """

    service: str
    site: str
    policy: WaitlistPolicy
    chosen_by: ChosenBy
    total: int
    rows: tuple[RowView, ...]
    wait: WaitView
    version: int


def waitlists_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/capacities/{service}/{site}", tags=["capacities"])

    @router.get("/waitlist")
    async def get_waitlist(
        service: Identifier, site: School, response: Response, caller: Reader, bearer: Bearer
    ) -> WaitlistView:
        """Return who waits for a seat, in the order in which free seats go, with the reasons."""
        capacity = await _theirs(context, caller, service, site)
        set_etag(response, capacity.version)
        return await _view(context, caller, bearer, capacity)

    @router.put("/waitlist-policy")
    async def put_policy(
        service: Identifier,
        site: School,
        body: PolicyBody,
        response: Response,
        *,
        caller: Chooser,
        bearer: Bearer,
        if_match: IfMatch = None,
    ) -> WaitlistView:
        """Choose who goes first, unless the agreement decides it."""
        known = await _theirs(context, caller, service, site, Role.AGENCY_ADMIN)
        after = await capacities.choose(
            context.store,
            known.id,
            body.policy,
            context.moments.now(),
            seen=expected_version(if_match),
        )
        set_etag(response, after.version)
        return await _view(context, caller, bearer, after)

    return router


async def _theirs(
    context: Context, caller: Principal, service: str, site: str, *roles: Role
) -> Capacity:
    """Return seats whose waitlist the caller may know: of their school, or of their agency.

    Args:
        context: of the endpoint.
        caller: who asks.
        service: of the seats.
        site: the school.
        roles: of the agency's staff that let in; any where none are given.

    Raises:
        EnlaceError: there are none, as far as they may know.
    """
    known = await context.store.get(Capacity, capacity_id(identifier(service), site))
    if known is None:
        raise unknown("count of seats")
    if not any(caller.holds(role, known.agency) for role in roles or OF_AGENCY):
        caller.need_site(site, *_SCHOOL, what="count of seats")
    return known


async def _view(
    context: Context, caller: Principal, bearer: str, capacity: Capacity
) -> WaitlistView:
    blind = caller.works_for(capacity.agency)
    chosen = await policy_of(context, capacity)
    line = capacity.line(chosen.policy)[:SHOWN]
    asked = [] if blind else [each.referral for each in line]
    offerings = await reading.by_id(context.store, Offering, asked)
    seen = {each.id for each in offerings.values() if await _sees(context, caller, bearer, each)}
    return WaitlistView(
        service=capacity.service,
        site=capacity.site,
        policy=chosen.policy,
        chosen_by=chosen.by,
        total=len(capacity.waitlist),
        rows=tuple(
            RowView(
                place=n,
                offer=each.offer,
                referral=each.referral if each.referral in seen else None,
                since=each.since,
                # Who may not see the referral knows no more of it than the agency.
                reasons=reason_views(each, chosen.policy, blind=each.referral not in seen),
            )
            for n, each in enumerate(line, 1)
        ),
        wait=wait_view(capacity, context.clock.now()),
        version=capacity.version,
    )


async def _sees(context: Context, caller: Principal, bearer: str, offering: Offering) -> bool:
    """Tell whether somebody may know whose place it is: of their school, and not withheld."""
    try:
        caller.need_site(offering.site, *_SCHOOL, what="offering")
        if offering.category == WITHHELD:
            await context.sight.see(offering.id, bearer, what="offering")
    except EnlaceError as error:
        if error.kind not in {Kind.UNKNOWN, Kind.FORBIDDEN, Kind.UNAVAILABLE}:
            raise
        return False
    return True
