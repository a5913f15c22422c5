"""The pull feed: the same events as by webhook, for agencies that cannot receive."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from services.chassis.auth import Principal, Role
from services.chassis.errors import rule, unknown
from services.chassis.store import Store
from services.partner.model.agency import Agency
from services.partner.store import by_id
from services.partner.subscriptions import store as reading
from services.partner.subscriptions.api.bodies import FeedPage
from services.partner.subscriptions.api.caller import AllowKey, agency_of
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.entry import Feed, cloud_event
from services.partner.subscriptions.model.key import Scope
from services.partner.subscriptions.model.thread import Thread

_LOOK_EVERY = 0.25
"""Seconds between two looks of a call that waits."""

LONGEST_WAIT = 30


def feed_router(desk: Desk) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["feed"])
    rule_ = AllowKey(desk, Scope.FEED, Role.AGENCY)
    store = desk.store

    @router.get("/v1/feed")
    async def read_feed(
        request: Request,
        caller: Annotated[Principal, Depends(rule_)],
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of before.")] = 0,
        wait: Annotated[
            int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for an event.")
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=500, description="Events a page.")] = 100,
    ) -> FeedPage:
        """Return an agency's events behind a place in its feed; with none there, wait for one."""
        agency = await store.get(Agency, agency_of(caller, None, Role.AGENCY))
        if agency is None or agency.retired:
            raise unknown("agency")
        await _check(store, agency.id, after)
        await _wait(store, request, agency.id, after, wait)
        found = await reading.entries_after(store, agency.id, after, limit + 1)
        page = found[:limit]
        # Looked at anew: what an agency may see can have changed since it was written.
        threads = await by_id(store, Thread, [each.referral for each in page])
        return FeedPage(
            items=[cloud_event(each, threads.get(each.referral), desk.source) for each in page],
            next=page[-1].number if page else after,
            more=len(found) > limit,
        )

    return router


async def _check(store: Store, agency: str, after: int) -> None:
    """Refuse a place that the feed has not come to, or that lies behind what is kept."""
    feed = await store.get(Feed, agency)
    last = feed.last if feed else 0
    if after > last:
        raise rule(
            "cursor-ahead",
            f"This feed has come to {last}. Go on from `after={last}`.",
            es=f"Esta lista ha llegado a {last}. Continúe desde `after={last}`.",
        )
    first = await reading.first_number(store, agency)
    if 0 < after < (first or last + 1) - 1:
        raise rule(
            "cursor-too-old",
            f"Events before {first or last + 1} are kept no longer. Go on from `after=0`, and ask "
            "for the present state of what you have open.",
            es=f"Los eventos anteriores a {first or last + 1} ya no se guardan. Continúe desde "
            "`after=0` y consulte el estado actual de lo que tenga abierto.",
        )


async def _wait(store: Store, request: Request, agency: str, after: int, seconds: int) -> None:
    """Wait until there is something behind a place, the time is over, or nobody listens."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        feed = await store.get(Feed, agency)
        if (feed is not None and feed.last > after) or await request.is_disconnected():
            return
        await asyncio.sleep(min(_LOOK_EVERY, max(0.0, until - loop.time())))
