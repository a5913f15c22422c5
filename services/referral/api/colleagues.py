"""Who works at a school, for handing work over: names and accounts, and nothing else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.staff import StaffRole
from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body
from services.referral.api.context import Context
from services.referral.api.sight import STAFF
from services.referral.model.follow_up import local_date
from services.referral.model.staff import StaffMember, StaffRecord

MOST = 200
_TEAM = (StaffRole.COORDINATOR, StaffRole.CARE_TEAM)


class Colleague(Body):
    """Somebody who can take work over at the school today. `name`: null where it was erased."""

    subject: str
    name: str | None
    roles: tuple[StaffRole, ...]


class Colleagues(Body):
    """Coordinators and care team of a school, as the staff register has them."""

    site: str
    items: tuple[Colleague, ...]


def colleagues_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/colleagues", tags=["staff"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, Role.ADMIN))]

    @router.get("")
    async def list_colleagues(
        caller: reader,
        site: Annotated[str, Query(min_length=1, max_length=64, description="Which school.")],
    ) -> Colleagues:
        """List who leads or shares a school's work today, for handing something over.

        Who they are employed by and what they have an interest in stays with the register.
        """
        caller.need_site(site, *STAFF, what="school")
        today = local_date(context.clock.now(), context.settings.zone)
        query = {"grants.scope": {"$in": [site, "*"]}, "ended_at": None}
        items = []
        async for member in context.store.find(StaffMember, query, limit=MOST):
            roles = {
                each.role
                for each in member.grants
                if each.role in _TEAM
                and each.scope in {site, "*"}
                and each.since <= today
                and (each.until is None or today <= each.until)
            }
            if roles:
                record = await context.vault.open_as_if(StaffRecord, member.record)
                items.append(
                    Colleague(
                        subject=member.subject,
                        name=record.name if record else None,
                        roles=tuple(each for each in _TEAM if each in roles),
                    )
                )
        return Colleagues(site=site, items=tuple(items))

    return router
