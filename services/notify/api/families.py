"""All that was said with one family, about whichever referral, on one timeline."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.fields import Sought
from services.chassis.http.commands import (
    Cursor,
    Identifier,
    Limit,
    Page,
    identifier,
    read_moment,
    write_moment,
)
from services.chassis.sight import Bearer
from services.chassis.texted import bare
from services.notify.api.context import Context
from services.notify.api.lines import Line, Row, line_of, moment_of, rows_of
from services.notify.model.cause import KnownReferral
from services.notify.model.contact import Book, Contact

_PAGE = 50
_STAFF = (Role.COORDINATOR, Role.CARE_TEAM)


def families_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["messages"])

    @router.get("/families/{id}/conversation")
    async def get_conversation(
        *,
        id: Identifier,
        caller: Annotated[Principal, Depends(Allow(*_STAFF))],
        bearer: Bearer,
        q: Annotated[
            Sought | None, Query(description="Words to look for."), AfterValidator(_bare)
        ] = None,
        cursor: Cursor = None,
        limit: Limit = _PAGE,
    ) -> Page[Line]:
        """List what was said with a family, newest first, as far as the caller may know of it.

        What is about a referral of another school, or about a restricted need that the caller may
        not see, is left out.
        """
        before = read_moment(cursor)
        family = identifier(id)
        seen = await _seen(context, family, caller, bearer)
        people = {"household": family, "book": Book.PEOPLE.value}
        persons = [each.id async for each in context.store.find(Contact, people)]
        rows = [
            row
            for row in await rows_of(context.store, {"person": {"$in": persons}})
            if row.referral in seen and (before is None or _place(row) < before)
        ]
        found: list[tuple[Row, Line]] = []
        for row in rows:
            line = await line_of(context.book, row)
            if q is None or q in bare(line.text or ""):
                found.append((row, line))
            if len(found) > limit:
                break
        page = found[:limit]
        more = write_moment(*_place(page[-1][0])) if len(found) > limit else None
        return Page(items=[line for _, line in page], next=more)

    return router


def _bare(words: str | None) -> str | None:
    return (bare(words) or None) if words else None


def _place(row: Row) -> tuple[datetime, str]:
    return moment_of(row), row.id


async def _seen(
    context: Context, family: str, caller: Principal, bearer: str
) -> frozenset[str | None]:
    """Return the referrals of which the caller may read, and None for what is about none.

    Raises:
        EnlaceError: the family has none at a school of theirs, so it is not there for them.
    """
    sites = caller.sites(*_STAFF)
    seen: set[str | None] = set()
    theirs = False
    async for each in context.store.find(KnownReferral, {"family": family}):
        if "*" not in sites and each.site not in sites:
            continue
        theirs = True
        try:
            await context.sight.need(each.id, each.category, bearer, what="referral")
        except EnlaceError as error:
            if error.kind is not Kind.UNKNOWN:
                raise
            continue
        seen.add(each.id)
    if not theirs:
        raise unknown("family")
    return frozenset({*seen, None})
