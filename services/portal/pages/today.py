"""Today: the queue of the coordinator's school, and the referral that is open beside it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.model.queue import Today, TodayRow
from services.portal.model.referral import Referral
from services.portal.model.situation import CALLS, Group, Row, situation
from services.portal.pages.context import Pages, only_asks, only_of_agency
from services.portal.pages.ending import endings
from services.portal.pages.gone_up import gone_up, reads_what_went_up
from services.portal.pages.lines import Line, line_of, today_line
from services.portal.pages.reading import read
from services.portal.sessions import Session
from services.portal.words import Words

STAFF = (Role.COORDINATOR, Role.CARE_TEAM)

OPEN_STATES = ("requested", "accepted", "in-progress", "on-hold")
_DONE = frozenset({"handled", "settled", "reported"})
PAGE = 100
PAGES = 5
"""At most so many pages of the queue are shown on one page."""


def today_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def today(request: Request) -> Response:
        """Show whom to help first."""
        session = await pages.signed_in(request)
        if only_asks(session):
            return RedirectResponse("/ask-for-help", status_code=303)
        if only_of_agency(session):
            return RedirectResponse("/agency", status_code=303)
        known = request.query_params.get("done")
        done = f"done.{known}" if known in _DONE else None
        if not session.person.has(*STAFF):
            if not reads_what_went_up(session.person):
                return pages.page(request, "nothing.html", session=session)
            rows, _ = await _queue(pages, session)
            return await gone_up(pages, request, session, rows, done=done, cut=_cut(rows))
        words = pages.words(request)
        shown = await queue_of(pages, session, words, request.query_params.get("show"))
        first = next((line.id for line in shown["lines"] if line.id), None)
        beside = await _first(pages, session, words, first)
        refers = session.person.has(Role.COORDINATOR)
        return pages.page(
            request,
            "today.html",
            words=words,
            session=session,
            can_refer=refers,
            done=done,
            endings=await endings(pages, session, words),
            **shown,
            **beside,
        )

    return router


async def queue_of(
    pages: Pages, session: Session, words: Words, show: str | None = None
) -> dict[str, Any]:
    """Return what the list of the queue shows."""
    rows, under_way = await _queue(pages, session)
    counts = Counter(group for row in rows for group in row.groups)
    group = Group(show) if show in set(Group) else None
    if group is Group.UNDER_WAY:
        lines = await _under_way(pages, session, words)
    else:
        lines = await _today(
            pages, session, words, [row for row in rows if group is None or group in row.groups]
        )
    return {
        "lines": lines,
        "calling": len(rows),
        "under_way": under_way,
        "show": group.value if group else None,
        "chips": [
            (each.value, words(f"group.{each.value}", n=number))
            for each, number in [
                *((each, counts[each]) for each in CALLS),
                (Group.UNDER_WAY, under_way),
            ]
            if number
        ],
        "cut": _cut(rows),
        "school": school_of(pages, session),
    }


async def _queue(pages: Pages, session: Session) -> tuple[list[TodayRow], int]:
    """Read the queue in its order; return how many referrals are under way besides."""
    rows: list[TodayRow] = []
    cursor: str | None = None
    for _ in range(PAGES):
        params: dict[str, Any] = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
        answer = await pages.upstream.get(
            "referral", "/v1/today", token=session.token, params=params
        )
        page = Today.model_validate(answer)
        rows += page.items
        cursor = page.next
        if cursor is None:
            break
    calls = (each for row in rows for each in (row, *row.more))
    calling = {each.referral for each in calls if each.referral}
    return rows, max(0, page.open - len(calling))


def _cut(rows: Sequence[TodayRow]) -> int | None:
    """Return how many rows are shown where that is as many as a page holds."""
    return len(rows) if len(rows) == PAGE * PAGES else None


async def _today(
    pages: Pages, session: Session, words: Words, rows: Sequence[TodayRow]
) -> list[Line]:
    names = await pages.names.agencies({id for row in rows for id in row.agencies}, session.token)
    when = pages.when(words)
    lines = [today_line(row, names, words, when) for row in rows]
    # Whoever does none of the work has nothing more to do with a row than to look at it.
    return lines if session.person.has(*STAFF) else [replace(each, more=()) for each in lines]


async def _under_way(pages: Pages, session: Session, words: Words) -> list[Line]:
    """Return the open referrals for which nobody is needed now, the newest first."""
    params = {"state": OPEN_STATES, "limit": PAGE}
    page = await pages.upstream.get("referral", "/v1/referrals", token=session.token, params=params)
    referrals = [Referral.model_validate(each) for each in page["items"]]
    rows = [Row(each, situation(each)) for each in referrals]
    shown = [row for row in rows if row.situation.group is Group.UNDER_WAY]
    names = await pages.names.agencies(
        {id for row in shown for id in row.referral.agencies}, session.token
    )
    when = pages.when(words)
    return [line_of(row, names, words, when) for row in shown]


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
