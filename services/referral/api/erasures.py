"""Holds and erasures over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Response
from pymongo.errors import PyMongoError

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, unknown
from services.chassis.fields import Day, Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    page_of,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.referral.api.context import Context
from services.referral.eraser import Eraser
from services.referral.handlers import erasures, holds
from services.referral.handlers.audit import actor_of
from services.referral.model.erasure import (
    BlockedBy,
    Erasure,
    ErasureReason,
    ErasureState,
    Hold,
    HoldReason,
)
from services.referral.model.people import Family

log = structlog.get_logger()


class HoldBody(Body):
    """Which records must stay, why, and until which day; left out: until it is lifted."""

    family: Id
    reason: HoldReason
    until: Day | None = None


class HoldView(Body):
    """A hold."""

    id: str
    family: str
    reason: HoldReason
    until: date | None
    set_at: datetime
    set_by: str
    lifted_at: datetime | None
    lifted_by: str | None


class EraseBody(Body):
    """Which family, and why."""

    family: Id
    reason: ErasureReason


class ErasureView(Body):
    """How far an erasure is.

    Attributes:
        keys_destroyed_at: a minute later nothing sealed can be read anywhere.
        confirmed: services that hold nothing of the family any more, and since when.
        missing: those that have not said so yet.
    """

    id: str
    family: str
    site: str
    reason: ErasureReason
    state: ErasureState
    ordered_at: datetime
    ordered_by: str
    keys_destroyed_at: datetime | None
    confirmed: dict[str, datetime]
    missing: tuple[str, ...]
    completed_at: datetime | None


class Blocked(Body):
    """What keeps a family's erasure back today; nothing where it can be ordered.

    Attributes:
        holds: the holds that stand, each with its reason; also those of households that were merged
            into this one.
    """

    family: str
    blocked_by: tuple[BlockedBy, ...]
    holds: tuple[HoldView, ...] = ()


def erasures_router(context: Context, eraser: Eraser) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["rights"])
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
    reader = Annotated[Principal, Depends(Allow(Role.ADMIN, Role.AUDITOR))]

    @router.put("/erasures/{id}")
    async def order(
        id: Identifier, body: EraseBody, response: Response, caller: admin
    ) -> ErasureView:
        """Erase a family: its names are gone from every place within a minute.

        It cannot be undone. Totals stay as they are; agencies that read who the children are get
        asked to delete it. A hold, an open crisis or an open protection matter keeps it back.
        """
        fresh = Erasure(
            id=identifier(id),
            family=identifier(body.family),
            site="",
            reason=body.reason,
            ordered_at=context.clock.now(),
            ordered_by=caller.subject,
            fingerprint=fingerprint(context.secret, body),
        )
        ordered = await erasures.order(
            context.desk, fresh, actor_of(caller), zone=context.settings.zone
        )
        try:
            ordered = await eraser.forget(ordered)
        except (EnlaceError, OSError, PyMongoError) as error:
            # It is ordered: the worker takes it up where this stopped.
            log.warning("erasure.goes_on_later", erasure=ordered.id, error=type(error).__name__)
        set_etag(response, ordered.version)
        return _view(ordered)

    @router.get("/erasures")
    async def list_erasures(
        caller: reader,
        state: Annotated[ErasureState | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ErasureView]:
        """List erasures, newest first, with the confirmations that are still missing."""
        del caller
        query: dict[str, Any] = {} if state is None else {"state": state.value}
        before = read_cursor(cursor)
        if before is not None:
            query["_id"] = {"$lt": before}
        rows = context.store.find(Erasure, query, sort=[("_id", -1)], limit=limit + 1)
        found = [each async for each in rows]
        page = found[:limit]
        return Page[ErasureView](
            items=[_view(each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/erasures/{id}")
    async def get_erasure(id: Identifier, response: Response, caller: reader) -> ErasureView:
        """Return one erasure."""
        del caller
        known = await context.store.get(Erasure, identifier(id))
        if known is None:
            raise unknown("erasure")
        set_etag(response, known.version)
        return _view(known)

    _add_holds(router, context)
    return router


def _add_holds(router: APIRouter, context: Context) -> None:
    admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]

    @router.put("/holds/{id}")
    async def put_hold(
        id: Identifier, body: HoldBody, response: Response, caller: admin
    ) -> HoldView:
        """Hold a family's records: nothing of them is erased until it ends or is lifted."""
        fresh = Hold(
            id=identifier(id),
            family=identifier(body.family),
            site="",
            reason=body.reason,
            until=body.until,
            set_at=context.clock.now(),
            set_by=caller.subject,
            fingerprint=fingerprint(context.secret, body),
        )
        zone = context.settings.zone
        known = await erasures.set_hold(context.desk, fresh, actor_of(caller), zone)
        set_etag(response, known.version)
        return _hold(known)

    @router.get("/holds")
    async def list_holds(
        caller: admin,
        family: Annotated[str, Query(max_length=36)],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[HoldView]:
        """List the holds over a family's records, past ones too; the newest first.

        Also those that were set on a household that was merged into this one, and those that were
        set on both while they were one. `family` of a hold says where it was set.
        """
        del caller
        known = await context.store.get(Family, identifier(family))
        rows = await holds.holds_over(context.store, known) if known else []
        page, following = page_of(rows, lambda each: each.id, cursor, limit, falling=True)
        return Page[HoldView](items=[_hold(each) for each in page], next=following)

    @router.post("/holds/{id}/lift")
    async def lift(id: Identifier, caller: admin) -> HoldView:
        """Lift a hold."""
        return _hold(await erasures.lift_hold(context.desk, identifier(id), actor_of(caller)))

    @router.get("/families/{id}/erasure-check")
    async def check(id: Identifier, caller: admin) -> Blocked:
        """Tell whether a family can be erased today, and what keeps it back."""
        del caller
        family = await context.store.get(Family, identifier(id))
        if family is None:
            raise unknown("family")
        family.need_open()
        held = await holds.standing(context.desk, family, context.settings.zone)
        return Blocked(
            family=family.id, blocked_by=held.by, holds=tuple(_hold(each) for each in held.holds)
        )


def _view(each: Erasure) -> ErasureView:
    return ErasureView(
        id=each.id,
        family=each.family,
        site=each.site,
        reason=each.reason,
        state=each.state,
        ordered_at=each.ordered_at,
        ordered_by=each.ordered_by,
        keys_destroyed_at=each.keys_destroyed_at,
        confirmed={one.service: one.at for one in each.confirmations},
        missing=each.missing,
        completed_at=each.completed_at,
    )


def _hold(each: Hold) -> HoldView:
    return HoldView.model_validate({name: getattr(each, name) for name in HoldView.model_fields})
