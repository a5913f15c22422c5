"""Today: the queue of the coordinator's school, and the referral that is open beside it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.model.situation import CALLS, Group, Row, queue
from services.portal.pages.context import Pages
from services.portal.pages.lines import line_of
from services.portal.pages.reading import read
from services.portal.sessions import Session
from services.portal.words import Words

STAFF = (Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN)

LOOKED_AT = ("draft", "requested", "accepted", "in-progress", "on-hold", "rejected", "failed")
PAGE = 200
PAGES = 5
"""At most so many pages of the list are read for one queue."""


def today_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def today(request: Request) -> Response:
        """Show whom to help first."""
        session = await pages.signed_in(request)
        if not session.person.has(*STAFF):
            return pages.page(request, "nothing.html", session=session)
        words = pages.words(request)
        shown = await queue_of(pages, session, words, request.query_params.get("show"))
        first = shown["lines"][0].id if shown["lines"] else None
        beside = await _first(pages, session, words, first)
        refers = session.person.has(Role.COORDINATOR)
        return pages.page(
            request,
            "today.html",
            words=words,
            session=session,
            can_refer=refers,
            **shown,
            **beside,
        )

    return router


async def queue_of(
    pages: Pages, session: Session, words: Words, show: str | None = None
) -> dict[str, Any]:
    """Return what the list of the queue shows."""
    referrals, cut = await _referrals(pages, session)
    rows = queue(referrals, pages.clock.now())
    counts = Counter(row.situation.group for row in rows)
    calling = sum(counts[group] for group in CALLS)
    chosen = _chosen(rows, show)
    wanted = {id for row in chosen for id in row.referral.agencies}
    names = await pages.names.agencies(wanted, session.token)
    when = pages.when(words)
    return {
        "lines": [line_of(row, names, words, when) for row in chosen],
        "calling": calling,
        "under_way": counts[Group.UNDER_WAY],
        "show": show if show in set(Group) else None,
        "chips": [
            (group.value, words(f"group.{group.value}", n=counts[group]))
            for group in (*CALLS, Group.UNDER_WAY)
            if counts[group]
        ],
        "cut": len(referrals) if cut else None,
        "school": school_of(pages, session),
    }


async def _first(pages: Pages, session: Session, words: Words, id: str | None) -> dict[str, Any]:
    """Return the first referral, to be shown beside the list; nothing where it cannot be read."""
    if id is None:
        return {"opened": None}
    try:
        return await read(pages, session, words, id)
    except PageError:
        return {"opened": None}


def school_of(pages: Pages, session: Session) -> str:
    """Return the name of the one school that somebody works at, or nothing."""
    sites = session.person.sites(Role.COORDINATOR, Role.CARE_TEAM) - {"*"}
    return pages.site(next(iter(sites))).name if len(sites) == 1 else ""


def _chosen(rows: list[Row], show: str | None) -> list[Row]:
    if show in set(Group):
        return [row for row in rows if row.situation.group == show]
    return [row for row in rows if row.situation.calls]


async def _referrals(pages: Pages, session: Session) -> tuple[list[Referral], bool]:
    """Return what may need somebody; whether the list was too long to be read to its end."""
    open_ones, cut = await _list(pages, session, LOOKED_AT, PAGES)
    # Of those that are done, only a family's no calls for anybody: one page of the newest.
    done, _ = await _list(pages, session, ("completed",), 1)
    return [*open_ones, *done], cut


async def _list(
    pages: Pages, session: Session, states: Sequence[str], most: int
) -> tuple[list[Referral], bool]:
    """Read at most so many pages of a list; tell whether there were more."""
    found: list[Referral] = []
    cursor: str | None = None
    for _ in range(most):
        params: dict[str, Any] = {"state": list(states), "limit": PAGE}
        if cursor is not None:
            params["cursor"] = cursor
        page = await pages.upstream.get(
            "referral", "/v1/referrals", token=session.token, params=params
        )
        found += [Referral.model_validate(each) for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found, False
    return found, True
