"""The district's rules over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import (
    Body,
    Cursor,
    IfMatch,
    Limit,
    Page,
    cursor_malformed,
    expected_version,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.referral.handlers.audit import actor_of
from services.referral.handlers.rules import RulesBook
from services.referral.model.rules import Rules, RulesVersion


class RulesView(Body):
    """A version of the rules: what, by whom, when."""

    version: int
    by: str
    at: datetime
    rules: Rules


def rules_router(book: RulesBook, changed: Callable[[], Awaitable[None]]) -> APIRouter:
    """Return the router; `changed` is called after a change, for due times that follow from it."""
    router = APIRouter(prefix="/v1/rules", tags=["rules"])
    reader = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(Role.ADMIN))]

    @router.get("")
    async def get_rules(response: Response, caller: reader) -> RulesView:
        """Return the rules as they are now."""
        del caller
        await book.refresh()
        set_etag(response, book.current.number)
        return _view(book.current)

    @router.put("")
    async def put_rules(
        body: Rules, response: Response, caller: writer, if_match: IfMatch = None
    ) -> RulesView:
        """Lay the rules down anew, all of them: what is left out is as it is by default.

        In force everywhere within a minute. A follow-up that is scheduled keeps its date; its next
        step goes by the new rules.
        """
        after = await book.change(body, by=actor_of(caller), expected=expected_version(if_match))
        await changed()
        set_etag(response, after.number)
        return _view(after)

    @router.get("/versions")
    async def get_versions(
        caller: reader, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[RulesView]:
        """List every version, the newest first: who changed what, and when."""
        del caller
        found = await book.versions(before=_number(read_cursor(cursor)), limit=limit + 1)
        page: Sequence[RulesVersion] = found[:limit]
        return Page[RulesView](
            items=[_view(each) for each in page],
            next=write_cursor(str(page[-1].number)) if len(found) > limit else None,
        )

    return router


_LONGEST_NUMBER = 8


def _number(position: str | None) -> int | None:
    if position is None:
        return None
    if not (position.isascii() and position.isdigit() and len(position) <= _LONGEST_NUMBER):
        raise cursor_malformed()
    return int(position)


def _view(each: RulesVersion) -> RulesView:
    return RulesView(version=each.number, by=each.by, at=each.at, rules=each.rules)
