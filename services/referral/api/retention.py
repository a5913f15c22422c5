"""Retention over HTTP: what is due, listed first, erased once somebody says so."""

import contextlib
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from pymongo.errors import PyMongoError

from contracts.staff import RETENTION
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, rule
from services.chassis.fields import Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Limit,
    identifier,
    read_cursor,
    write_cursor,
)
from services.referral.api.context import Context
from services.referral.eraser import Eraser
from services.referral.handlers import erasures, holds, retention
from services.referral.handlers.audit import actor_of, note
from services.referral.handlers.childless import Due
from services.referral.model.audit import Action
from services.referral.model.erasure import BlockedBy, Erasure, ErasureReason
from services.referral.model.people import Family
from services.referral.model.retention import RetentionPlan

_AT_ONCE = 100


class DueFamily(Body):
    """A family whose record is due, and what keeps its erasure back all the same."""

    family: str
    site: str
    blocked_by: tuple[BlockedBy, ...]


class RetentionView(Body):
    """The dry run: nothing is changed by it.

    Attributes:
        retention_years: the district's rule; None: nothing is ever due by itself.
        closed_before: day before which all of a record was closed that is listed.
        asked_at: since when the district is asked to look; None: it has.
        next_asking: when it is asked again.
        families: how many are due.
        by_site: the same by school.
        items: a page of them, by id.
    """

    retention_years: int | None
    closed_before: date | None
    asked_at: datetime | None
    next_asking: datetime | None
    families: int
    by_site: dict[str, int]
    items: tuple[DueFamily, ...]
    next: str | None


class RunBody(Body):
    """The families to erase, as the dry run listed them."""

    families: tuple[Id, ...] = Field(min_length=1, max_length=_AT_ONCE)


class RunRow(Body):
    """What came of one: the id of its erasure, or why it stays."""

    family: str
    erasure: str | None
    detail: str | None
    detail_es: str | None = None


class RunAnswer(Body):
    """What a run came to; sent again it changes nothing more."""

    ordered: int
    refused: int
    rows: tuple[RunRow, ...]


def retention_router(context: Context, eraser: Eraser) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/retention", tags=["rights"])
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
    zone = context.settings.zone

    @router.get("")
    async def list_due(caller: admin, cursor: Cursor = None, limit: Limit = 50) -> RetentionView:
        """List the records that are due to be erased: counts and ids, nothing is changed."""
        found = await _all_due(context)
        after = read_cursor(cursor) or ""
        rest = [each for each in found if each.family > after]
        page = rest[:limit]
        plan = await context.store.get(RetentionPlan, RETENTION)
        bound = retention.limit_of(context.desk, zone)
        by_site: dict[str, int] = {}
        for each in found:
            by_site[each.site] = by_site.get(each.site, 0) + 1
        about = {"families": str(len(found))}
        await note(context.desk, actor_of(caller), Action.RETENTION_LISTED, about=about)
        return RetentionView(
            retention_years=context.desk.rules().retention_years,
            closed_before=retention.day_of(bound, zone),
            asked_at=plan.asked_at if plan else None,
            next_asking=plan.next_due if plan else None,
            families=len(found),
            by_site=by_site,
            items=tuple([await _due(context, each) for each in page]),
            next=write_cursor(page[-1].family) if len(rest) > limit else None,
        )

    @router.post("/run")
    async def run(body: RunBody, caller: admin) -> RunAnswer:
        """Erase families that the dry run listed, each by itself; one that stays says why."""
        if context.desk.rules().retention_years is None:
            raise rule(
                "no-retention",
                "The district has laid down no time after which records are erased. Nothing was "
                "changed: set retention_years in the rules first.",
                es="El distrito no ha fijado un plazo después del cual se borran los expedientes. "
                "No se cambió nada: fije primero retention_years en las reglas.",
            )
        listed = {each.family: each for each in await _all_due(context)}
        rows = [
            await _run(context, eraser, caller, each, listed.get(each))
            for each in map(identifier, body.families)
        ]
        ordered = sum(row.erasure is not None for row in rows)
        await retention.note_run(context.desk, actor_of(caller), ordered)
        return RunAnswer(ordered=ordered, refused=len(rows) - ordered, rows=tuple(rows))

    return router


async def _all_due(context: Context) -> list[Due]:
    limit = retention.limit_of(context.desk, context.settings.zone)
    if limit is None:
        return []
    return await retention.due_families(context.store, limit, context.settings.zone)


async def _due(context: Context, each: Due) -> DueFamily:
    family = await context.store.get(Family, each.family)
    held = await holds.standing(context.desk, family, context.settings.zone) if family else None
    return DueFamily(family=each.family, site=each.site, blocked_by=held.by if held else ())


async def _run(
    context: Context, eraser: Eraser, caller: Principal, family: str, found: Due | None
) -> RunRow:
    id = retention.erasure_id(family)
    known = await context.store.get(Erasure, id)
    if known is not None:
        return RunRow(family=family, erasure=known.id, detail=None)
    if found is None:
        return RunRow(
            family=family,
            erasure=None,
            detail="This record is not due, or not any more. It stays as it is.",
            detail_es="Este expediente no está por borrarse, o ya no. Queda como está.",
        )
    fresh = Erasure(
        id=id,
        family=family,
        site=found.site,
        reason=ErasureReason.RETENTION,
        ordered_at=context.clock.now(),
        ordered_by=caller.subject,
        fingerprint="",
    )
    try:
        ordered = await erasures.order(
            context.desk, fresh, actor_of(caller), zone=context.settings.zone
        )
    except EnlaceError as error:
        return RunRow(family=family, erasure=None, detail=error.detail, detail_es=error.es)
    # It is ordered: where this stops, the worker takes it up.
    with contextlib.suppress(EnlaceError, OSError, PyMongoError):
        await eraser.forget(ordered)
    return RunRow(family=family, erasure=ordered.id, detail=None)
