"""What was sent to an agency's endpoint: one delivery, and sending it again."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.ids import is_id
from services.portal.errors import PageError
from services.portal.model.hooks import event_of
from services.portal.pages.context import Pages
from services.portal.pages.own import SYSTEM, Own, moment, own
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form

OUTCOMES = ("delivered", "failed", "given-up")
_ROUNDS = 50
"""Times that a replay is asked for; each queues a thousand events."""


def own_deliveries_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/agency/{agency}/system/webhooks/{id}", include_in_schema=False)

    @router.get("/deliveries/{delivery}")
    async def show(request: Request, agency: str, id: str, delivery: str) -> Response:
        """Show what was sent and what came back."""
        mine = await own(pages, request, agency, *SYSTEM)
        return await _page(mine, id, delivery)

    @router.post("/deliveries/{delivery}/again")
    async def again(request: Request, agency: str, id: str, delivery: str) -> Response:
        """Send it again, at once, under its own id."""
        mine = await own(pages, request, agency, *SYSTEM)
        line = await mine.here.get(f"/v1/webhooks/{checked(id)}/deliveries/{checked(delivery)}")
        try:
            queued = await replay(mine, id, {"event": line["event"]})
        except PageError as error:
            if not about_the_form(error):
                raise
            refusal = mine.here.refusal(error)
            return await _page(mine, id, delivery, refusal, error.status)
        return queued_at(mine, id, queued)

    return router


def line_of(mine: Own, id: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the log as the pages speak of it."""
    words = mine.here.words
    return {
        **line,
        "what": words.code("hook-event", event_of(line["type"])),
        "why": words.code("hook-error", line["error"]) if line["error"] else "",
        "at": moment(line["at"]),
        "next_try": moment(line["next_try"]),
        "place": f"{mine.place}/system/webhooks/{checked(id)}/deliveries/{line['id']}",
    }


async def replay(mine: Own, id: str, what: Mapping[str, Any]) -> int:
    """Have events sent again; returns how many were queued.

    Raises:
        PageError: it is refused: the endpoint is off, or nothing has that id.
    """
    queued, asked = 0, dict(what)
    for _ in range(_ROUNDS):
        done = await mine.here.post(f"/v1/webhooks/{checked(id)}/replay", asked)
        queued += int(done["queued"])
        if done["next"] is None:
            break
        asked["after"] = done["next"]
    return queued


def asked_again(mine: Own, since: str, event: str) -> dict[str, str] | None:
    """Return what a form asks to be sent again; None where nothing usable was said."""
    if event:
        return {"event": event.lower()} if is_id(event) else None
    try:
        return {"since": mine.here.when.local(since).isoformat()}
    except ValueError:
        return None


def queued_at(mine: Own, id: str, queued: int) -> Response:
    """Go to the endpoint, which says how many are on their way."""
    to = f"{mine.place}/system/webhooks/{checked(id)}?queued={queued}"
    return RedirectResponse(to, status_code=303)


async def _page(
    mine: Own, id: str, delivery: str, problem: Refused | None = None, status: int = 200
) -> Response:
    path = f"/v1/webhooks/{checked(id)}/deliveries/{checked(delivery)}"
    line = await mine.here.get(path)
    return mine.page(
        "delivery.html",
        "system",
        problem=problem,
        status=status,
        line=line_of(mine, id, line),
        leads_back=f"{mine.place}/system/webhooks/{checked(id)}",
    )
