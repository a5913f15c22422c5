"""Absence cover over HTTP: who sees to whose referrals, from which day to which."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Allow, Principal, Role
from services.chassis.fields import Day, SchoolId
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    page_of,
)
from services.referral.api.context import Context
from services.referral.api.moves import Subject, known_site, need_coordinator
from services.referral.handlers import covers
from services.referral.handlers.audit import actor_of
from services.referral.model.cover import Cover
from services.referral.model.follow_up import local_date


class CoverBody(Body):
    """Who is away, who sees to their referrals, and the first and the last day.

    Attributes:
        until: the last day; from the next morning on everything is the coordinator's again.
    """

    site: SchoolId
    coordinator: Subject
    by: Subject
    since: Day
    until: Day


class EndBody(Body):
    """At which school the cover is."""

    site: SchoolId


class CoverView(CoverBody):
    """A cover as it was entered."""

    id: str
    entered_by: str


def covers_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/covers", tags=["referrals"])
    overseer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    def today() -> date:
        return local_date(context.clock.now(), context.settings.zone)

    @router.put("/{id}")
    async def put_cover(id: Identifier, body: CoverBody, caller: overseer) -> CoverView:
        """Have a coordinator's whole caseload covered by another one, from a day to a day.

        What comes to them meanwhile is covered too; no referral changes its coordinator, so that
        all of it is theirs again by itself. A repeat with the same body is the same answer.
        """
        site = known_site(context, body.site)
        caller.need_site(site, Role.COORDINATOR, what="school")
        await need_coordinator(context, body.by, site)
        fresh = Cover(
            id=identifier(id),
            coordinator=body.coordinator,
            by=body.by,
            since=body.since,
            until=body.until,
            entered_by=caller.subject,
            fingerprint=fingerprint(context.secret, body),
        )
        zone = context.settings.zone
        return _view(site, await covers.enter(context.desk, site, zone, fresh, actor_of(caller)))

    @router.get("")
    async def list_covers(
        caller: overseer,
        site: Annotated[str | None, Query(max_length=64, description="One school only.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[CoverView]:
        """List the covers that hold or are still to come, at the caller's schools.

        The first to begin first.
        """
        sites = caller.sites(Role.COORDINATOR)
        if site is not None:
            caller.need_site(site, Role.COORDINATOR, what="school")
            sites = frozenset({site})
        found = await covers.list_covers(context.store, sites, today())
        page, following = page_of(found, covers.place, cursor, limit)
        return Page[CoverView](items=[_view(where, each) for where, each in page], next=following)

    @router.post("/{id}/end")
    async def end_cover(id: Identifier, body: EndBody, caller: overseer) -> list[CoverView]:
        """End a cover before its last day; returns what is left at the school.

        From today on the referrals are their coordinator's again. A repeat changes nothing.
        """
        caller.need_site(body.site, Role.COORDINATOR, what="school")
        await covers.end(context.desk, body.site, identifier(id), actor_of(caller))
        found = await covers.list_covers(context.store, frozenset({body.site}), today())
        return [_view(where, each) for where, each in found]

    return router


def _view(site: str, cover: Cover) -> CoverView:
    return CoverView(
        id=cover.id,
        site=site,
        coordinator=cover.coordinator,
        by=cover.by,
        since=cover.since,
        until=cover.until,
        entered_by=cover.entered_by,
    )
