"""An agency's own system: its webhook endpoints and its API keys at a glance."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.model.hooks import event_of, health_of, life_of, working_first
from services.portal.pages.context import Pages
from services.portal.pages.own import SYSTEM, Own, moment, own


def own_system_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/agency/{agency}/system", include_in_schema=False)

    @router.get("")
    async def show(request: Request, agency: str) -> Response:
        """Show the endpoints and the keys, and what needs somebody."""
        mine = await own(pages, request, agency, *SYSTEM)
        hooks, keys = await asyncio.gather(
            mine.here.get("/v1/webhooks", agency=mine.agency),
            mine.here.get("/v1/api-keys", agency=mine.agency),
        )
        now = mine.here.when.now
        return mine.page(
            "system.html",
            "system",
            hooks=[hook_in_words(mine, each) for each in hooks["items"]],
            keys=[key_in_words(mine, each) for each in working_first(keys["items"], now)],
        )

    return router


def hook_in_words(mine: Own, hook: Mapping[str, Any]) -> dict[str, Any]:
    """Return an endpoint as the pages speak of it."""
    words = mine.here.words
    named = [words.code("hook-event", event_of(each)) for each in hook["types"]]
    return {
        **hook,
        "health": health_of(hook),
        "hears": words.listed(named),
        "place": f"{mine.place}/system/webhooks/{hook['id']}",
        "disabled_at": moment(hook["disabled_at"]),
        "failing_since": moment(hook["failing_since"]),
    }


def key_in_words(mine: Own, key: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key as the pages speak of it."""
    words = mine.here.words
    return {
        **key,
        "life": life_of(key, mine.here.when.now),
        "may": words.listed([words.code("key-scope", each) for each in key["scopes"]]),
        "place": f"{mine.place}/system/keys/{key['id']}",
        "expires": moment(key["expires"]),
        "last_used": moment(key["last_used"]),
    }
