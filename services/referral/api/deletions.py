"""Requests to delete over HTTP: what is open or overdue, and the receipts that staff were told."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import StringConstraints

from contracts.consents import ReceiptMethod
from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    identifier,
    read_cursor,
    write_cursor,
)
from services.chassis.privacy import KeyGoneError
from services.referral.api.children import sees_restricted
from services.referral.api.context import Context
from services.referral.api.sight import named_sites
from services.referral.handlers import deletions
from services.referral.model.deletion import DeletionRequest, DeletionState, Receipt

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ConfirmBody(Body):
    """Who at the agency said, by telephone or in a letter, that it has been deleted."""

    told_by: Name


class ReceiptView(Body):
    """How the confirmation came. `told_by`: None where the agency confirmed by itself."""

    at: datetime
    method: ReceiptMethod
    recorded_by: str
    told_by: str | None


class DeletionView(Body):
    """A request as staff of the school see it.

    Attributes:
        consent: the one taken back; null where the referral was entered in error.
    """

    id: str
    site: str
    student: str
    consent: str | None
    agency: str
    referrals: tuple[str, ...]
    asked_at: datetime
    due_on: date
    state: DeletionState
    receipt: ReceiptView | None


def deletions_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["consents"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get("/deletion-requests")
    async def list_requests(
        caller: staff,
        state: Annotated[list[DeletionState] | None, Query(max_length=3)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[DeletionView]:
        """List what agencies were asked to delete, at the caller's schools; first due first.

        Those that tell of a restricted need are for those who may see them.
        """
        query: dict[str, Any] = {}
        sites = caller.sites(Role.COORDINATOR)
        named = named_sites(caller, context.desk.rules())
        if "*" not in sites:
            query["site"] = {"$in": sorted(sites)}
        if "*" not in named:
            harmless = [{"restricted": False}, {"site": {"$in": sorted(named)}}]
            query["$and"] = [{"$or": harmless}]
        if state:
            query["state"] = {"$in": [each.value for each in state]}
        after = read_cursor(cursor)
        if after is not None:
            due_on, _, id = after.partition(" ")
            query["$or"] = [{"due_on": {"$gt": due_on}}, {"due_on": due_on, "_id": {"$gt": id}}]
        order = [("due_on", 1), ("_id", 1)]
        requests = context.store.find(DeletionRequest, query, sort=order, limit=limit + 1)
        found = [each async for each in requests]
        page = found[:limit]
        return Page[DeletionView](
            items=[await _view(context, each) for each in page],
            next=write_cursor(f"{page[-1].due_on} {page[-1].id}") if len(found) > limit else None,
        )

    @router.post("/deletion-requests/{id}/confirm")
    async def confirm(id: Identifier, body: ConfirmBody, caller: staff) -> DeletionView:
        """Record the confirmation that somebody at the agency gave to staff."""
        known = await context.store.get(DeletionRequest, identifier(id))
        if known is None:
            raise unknown("deletion request")
        caller.need_site(known.site, Role.COORDINATOR, what="deletion request")
        if known.restricted and not sees_restricted(context, caller, known.site):
            raise unknown("deletion request")
        receipt = Receipt(
            at=context.clock.now(),
            method=ReceiptMethod.TOLD_STAFF,
            recorded_by=caller.subject,
            told_by=await _sealed(context, known.student, body.told_by),
        )
        after = await deletions.confirm_deletion(context.desk, known.id, receipt)
        return await _view(context, after)

    return router


async def _sealed(context: Context, student: str, name: str) -> Sealed | None:
    try:
        return await context.vault.seal(student, name)
    except KeyGoneError:
        # The child was erased since: the receipt still counts, without a name under no key.
        return None


async def _view(context: Context, request: DeletionRequest) -> DeletionView:
    receipt = request.receipt
    shown = None
    if receipt is not None:
        told_by = await context.vault.open_if(receipt.told_by)
        shown = ReceiptView(
            at=receipt.at, method=receipt.method, recorded_by=receipt.recorded_by, told_by=told_by
        )
    return DeletionView(
        id=request.id,
        site=request.site,
        student=request.student,
        consent=request.consent,
        agency=request.agency,
        referrals=request.referrals,
        asked_at=request.asked_at,
        due_on=request.due_on,
        state=request.state,
        receipt=shown,
    )
