"""The audit log over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.closed import need_listed
from services.chassis.fields import Moment
from services.chassis.http.commands import (
    Body,
    Cursor,
    Limit,
    Page,
    read_moment,
    write_moment,
)
from services.referral.api.context import Context
from services.referral.handlers.audit import lines
from services.referral.model.audit import Action, AuditEntry


class AuditView(Body):
    """Who did what, when and from where.

    Attributes:
        about: ids and codes by name.
        request: the trace id, under which logs and traces have it too.
        address: the network that the request came from (/24, or /48 of IPv6).
        via: `portal` or `api`; empty for what the service did by itself.
    """

    id: str
    at: datetime
    action: Action
    subject: str
    roles: tuple[str, ...]
    site: str | None
    about: dict[str, str]
    request: str
    address: str
    via: str


def audit_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["audit"])
    reader = Annotated[Principal, Depends(Allow(Role.ADMIN, Role.AUDITOR))]

    @router.get("/audit-log")
    async def get_audit_log(
        caller: reader,
        *,
        action: Annotated[
            list[Action] | None, Query(max_length=20), AfterValidator(need_listed)
        ] = None,
        subject: Annotated[str | None, Query(max_length=100)] = None,
        site: Annotated[str | None, Query(max_length=64)] = None,
        about: Annotated[
            str | None,
            Query(
                max_length=140,
                pattern=r"^[a-z_]{1,30}:[^:]{1,100}$",
                description="What it was about, as `family:id`.",
            ),
        ] = None,
        since: Moment | None = None,
        before: Moment | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[AuditView]:
        """List what was done, newest first."""
        del caller
        query: dict[str, Any] = {}
        if action:
            query["action"] = {"$in": [each.value for each in action]}
        if subject is not None:
            query["subject"] = subject
        if site is not None:
            query["site"] = site
        if about is not None:
            name, _, value = about.partition(":")
            query[f"about.{name}"] = value
        span = {"$gte": since, "$lt": before}
        if since is not None or before is not None:
            query["at"] = {sign: at for sign, at in span.items() if at is not None}
        found = await lines(context.store, query, before=read_moment(cursor), limit=limit + 1)
        page = found[:limit]
        return Page[AuditView](
            items=[_view(each) for each in page],
            next=_next(page[-1]) if len(found) > limit else None,
        )

    return router


def _view(each: AuditEntry) -> AuditView:
    return AuditView(**{name: getattr(each, name) for name in AuditView.model_fields})


def _next(last: AuditEntry) -> str:
    return write_moment(last.at, last.id)
