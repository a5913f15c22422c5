"""Who works at a school, for handing work over: names and accounts, and nothing else."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.staff import StaffRole
from services.chassis.auth import Allow, Principal, Role
from services.chassis.database import Document
from services.chassis.http.commands import Body, Cursor, Limit, read_cursor, write_cursor
from services.referral.api.context import Context
from services.referral.api.sight import STAFF
from services.referral.model.follow_up import local_date
from services.referral.model.staff import StaffMember, StaffRecord

_TEAM = (StaffRole.COORDINATOR, StaffRole.CARE_TEAM)


class Colleague(Body):
    """Somebody who can take work over at the school today. `name`: null where it was erased."""

    subject: str
    name: str | None
    roles: tuple[StaffRole, ...]


class Colleagues(Body):
    """A page of a school's coordinators and care team, as the staff register has them.

    Attributes:
        next: cursor of the page after; null at the end.
    """

    site: str
    items: tuple[Colleague, ...]
    next: str | None


def colleagues_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/colleagues", tags=["staff"])
    reader = Annotated[Principal, Depends(Allow(*STAFF, Role.LEADERSHIP, Role.ADMIN))]

    @router.get("")
    async def list_colleagues(
        caller: reader,
        site: Annotated[str, Query(min_length=1, max_length=64, description="Which school.")],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Colleagues:
        """List who leads or shares a school's work today, to hand something over or to call.

        Who they are employed by and what they have an interest in stays with the register.
        """
        if site not in caller.led:
            caller.need_site(site, *STAFF, what="school")
        today = local_date(context.clock.now(), context.settings.zone)
        query = _there(site, today)
        after = read_cursor(cursor)
        if after is not None:
            query["_id"] = {"$gt": after}
        rows = context.store.find(StaffMember, query, limit=limit + 1)
        found = [each async for each in rows]
        page = found[:limit]
        return Colleagues(
            site=site,
            items=tuple([await _view(context, each, site, today) for each in page]),
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    return router


def _there(site: str, today: date) -> Document:
    """Return the question for those who have a role of the team at a school today."""
    role = {
        "role": {"$in": [each.value for each in _TEAM]},
        "scope": {"$in": [site, "*"]},
        "since": {"$lte": today.isoformat()},
        "$or": [{"until": None}, {"until": {"$gte": today.isoformat()}}],
    }
    return {"grants": {"$elemMatch": role}, "ended_at": None}


async def _view(context: Context, member: StaffMember, site: str, today: date) -> Colleague:
    roles = {
        each.role
        for each in member.grants
        if each.scope in {site, "*"}
        and each.since <= today
        and (each.until is None or today <= each.until)
    }
    record = await context.vault.open_as_if(StaffRecord, member.record)
    return Colleague(
        subject=member.subject,
        name=record.name if record else None,
        roles=tuple(each for each in _TEAM if each in roles),
    )
