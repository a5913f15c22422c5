"""One webhook endpoint: made, changed, tried out, paused, switched on again, ended."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from services.chassis.ids import new_id
from services.portal.errors import PageError
from services.portal.model.hooks import EVENTS, event_of, missed_since, type_of
from services.portal.pages.context import Pages
from services.portal.pages.own import SYSTEM, Own, moment, own
from services.portal.pages.own_deliveries import (
    OUTCOMES,
    asked_again,
    line_of,
    queued_at,
    replay,
)
from services.portal.pages.own_system import hook_in_words
from services.portal.pages.partners import back
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

LONGEST_URL = 2_000
MOST_SERVICES = 200
SHOWN = 20

Text = Annotated[str, Form(max_length=3 * LONGEST_URL)]
Short = Annotated[str, Form(max_length=64)]
Code = Annotated[str, StringConstraints(max_length=64)]
Chosen = Annotated[list[Code] | None, Form(max_length=MOST_SERVICES)]
Seen = Annotated[int, Form(ge=0)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds."""

    url: str = "https://"
    events: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        if not 0 < len(self.url) <= LONGEST_URL or self.url == "https://":
            return "hook.say-url"
        return None

    def body(self, agency: str) -> dict[str, Any]:
        """Return what is sent."""
        types = [type_of(each) for each in EVENTS if each in self.events]
        return {"agency": agency, "url": self.url, "types": types, "services": list(self.services)}


def typed_hook(url: Text = "", event: Chosen = None, service: Chosen = None) -> Typed:
    """Return what the form holds."""
    return Typed(url.strip(), tuple(event or ()), tuple(service or ()))


HookTyped = Annotated[Typed, Depends(typed_hook)]


def own_hooks_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/agency/{agency}/system/webhooks", include_in_schema=False)

    @router.get("/new")
    async def ask(request: Request, agency: str) -> Response:
        """Ask where to, and what."""
        mine = await own(pages, request, agency, *SYSTEM)
        return await _form(mine, new_id(), Typed())

    @router.post("/{id}")
    async def make(
        request: Request,
        agency: str,
        id: str,
        typed: HookTyped,
    ) -> Response:
        """Make it, and show its secret, this once; sent twice it makes one."""
        mine = await own(pages, request, agency, *SYSTEM)
        lacks = typed.lacks()
        if lacks is not None:
            return await _form(mine, id, typed, lacking(lacks, mine.here.words), 422)
        try:
            made = await mine.here.put(f"/v1/webhooks/{checked(id)}", typed.body(mine.agency))
        except PageError as error:
            if not about_the_form(error):
                raise
            return await _form(mine, id, typed, mine.here.refusal(error), error.status)
        return _shown(mine, made)

    @router.get("/{id}")
    async def show(
        request: Request,
        agency: str,
        id: str,
        outcome: Annotated[str, Query(max_length=20)] = "",
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Response:
        """Show how it stands, and what was sent."""
        mine = await own(pages, request, agency, *SYSTEM)
        return await hook_page(mine, id, outcome=outcome, cursor=cursor)

    _add_changes(router, pages)
    _add_steps(router, pages)
    _add_replay(router, pages)
    return router


def _add_changes(router: APIRouter, pages: Pages) -> None:
    """Add the form of one that is there."""

    @router.get("/{id}/change")
    async def change(request: Request, agency: str, id: str) -> Response:
        """Ask what is to be otherwise."""
        mine = await own(pages, request, agency, *SYSTEM)
        known = await mine.here.get(f"/v1/webhooks/{checked(id)}")
        events = tuple(event_of(each) for each in known["types"])
        typed = Typed(known["url"], events, tuple(known["services"]))
        return await _form(mine, id, typed, seen=known["version"])

    @router.post("/{id}/change")
    async def save(
        request: Request,
        agency: str,
        id: str,
        typed: HookTyped,
        seen: Seen,
    ) -> Response:
        """Keep it, on the version that was seen."""
        mine = await own(pages, request, agency, *SYSTEM)
        lacks = typed.lacks()
        if lacks is not None:
            return await _form(mine, id, typed, lacking(lacks, mine.here.words), 422, seen)
        try:
            await mine.here.put(f"/v1/webhooks/{checked(id)}", typed.body(mine.agency), seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            # What is there now is what the next try is based on: the page has said who was faster.
            now = (await mine.here.get(f"/v1/webhooks/{checked(id)}"))["version"]
            return await _form(mine, id, typed, mine.here.refusal(error), error.status, now)
        return back(_place(mine, id), "hook-changed")


def _add_steps(router: APIRouter, pages: Pages) -> None:
    """Add what is one press."""

    @router.post("/{id}/rotate")
    async def rotate(request: Request, agency: str, id: str, seen: Seen) -> Response:
        """Make a fresh secret, shown this once; for a day the former one signs beside it."""
        mine = await own(pages, request, agency, *SYSTEM)
        path = f"/v1/webhooks/{checked(id)}/rotate-secret"
        try:
            made = await mine.here.post(path, {}, seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return await hook_page(mine, id, problem=mine.here.refusal(error), status=error.status)
        return _shown(mine, made, rotated=True)

    @router.post("/{id}/pause")
    async def pause(request: Request, agency: str, id: str) -> Response:
        """Send nothing for now; what waits is kept."""
        mine = await own(pages, request, agency, *SYSTEM)
        await mine.here.post(f"/v1/webhooks/{checked(id)}/disable", {})
        return back(_place(mine, id), "hook-paused")

    @router.post("/{id}/enable")
    async def enable(
        request: Request,
        agency: str,
        id: str,
        missed: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        """Send again; with `missed`, also what happened while it was off."""
        mine = await own(pages, request, agency, *SYSTEM)
        path = f"/v1/webhooks/{checked(id)}"
        before = await mine.here.get(path)
        since = missed_since(moment(before["disabled_at"]), mine.here.when.now)
        await mine.here.post(f"{path}/enable", {})
        if missed != "yes" or since is None:
            return back(_place(mine, id), "hook-enabled")
        queued = await replay(mine, id, {"since": since.isoformat()})
        return queued_at(mine, id, queued)

    @router.post("/{id}/test")
    async def test(request: Request, agency: str, id: str) -> Response:
        """Send a test event, and show what came of it."""
        mine = await own(pages, request, agency, *SYSTEM)
        line = await mine.here.post(f"/v1/webhooks/{checked(id)}/test", {})
        to = f"{_place(mine, id)}/deliveries/{line['id']}"
        return RedirectResponse(to, status_code=303)

    @router.post("/{id}/delete")
    async def delete(request: Request, agency: str, id: str) -> Response:
        """End it, with all that waits for it."""
        mine = await own(pages, request, agency, *SYSTEM)
        token = mine.here.session.token
        await pages.upstream.delete("partner", f"/v1/webhooks/{checked(id)}", token=token)
        return back(f"{mine.place}/system", "hook-deleted")


def _add_replay(router: APIRouter, pages: Pages) -> None:
    """Add what is sent again."""

    @router.post("/{id}/replay")
    async def send_again(
        request: Request, agency: str, id: str, since: Short = "", event: Short = ""
    ) -> Response:
        """Send again what happened since a time, or one event by its id."""
        mine = await own(pages, request, agency, *SYSTEM)
        what = asked_again(mine, since.strip(), event.strip())
        if what is None:
            problem = lacking("hook.say-what", mine.here.words)
            return await hook_page(mine, id, problem=problem, status=422, typed=event)
        try:
            return queued_at(mine, id, await replay(mine, id, what))
        except PageError as error:
            if error.slug != "not-found" and not about_the_form(error):
                raise
            problem = mine.here.refusal(error)
            if error.slug == "not-found":  # the event, or the endpoint: then its page says so
                problem = lacking("hook.no-such-event", mine.here.words)
            return await hook_page(mine, id, problem=problem, status=error.status, typed=event)


async def hook_page(
    mine: Own,
    id: str,
    *,
    outcome: str = "",
    cursor: str | None = None,
    problem: Refused | None = None,
    status: int = 200,
    typed: str = "",
) -> Response:
    """Show one endpoint with its log."""
    path = f"/v1/webhooks/{checked(id)}"
    known = await mine.here.get(path)
    if known["state"] == "deleted":
        raise PageError(404)
    only = outcome if outcome in OUTCOMES else None
    log = await mine.here.get(f"{path}/deliveries", outcome=only, cursor=cursor, limit=SHOWN)
    queued = mine.here.request.query_params.get("queued", "")
    return mine.page(
        "hook.html",
        "system",
        problem=problem,
        status=status,
        hook=hook_in_words(mine, known),
        lines=[line_of(mine, id, each) for each in log["items"]],
        onward=log["next"],
        outcome=only or "",
        outcomes=OUTCOMES,
        queued=int(queued) if queued.isdecimal() and len(queued) < 7 else None,  # noqa: PLR2004 - a count
        typed=typed,
    )


async def _form(  # noqa: PLR0917 - what was typed, and what was wrong
    mine: Own,
    id: str,
    typed: Typed,
    problem: Refused | None = None,
    status: int = 200,
    seen: int | None = None,
) -> Response:
    services = await mine.here.every("/v1/services", agency=mine.agency)
    offered = [each for each in services if not each["retired"] or each["id"] in typed.services]
    new = seen is None
    return mine.page(
        "hook_form.html",
        "system",
        problem=problem,
        status=status,
        action=_place(mine, id) + ("" if new else "/change"),
        leads_back=f"{mine.place}/system" if new else _place(mine, id),
        typed=typed,
        seen=seen,
        events=EVENTS,
        services=[(each["id"], each["name"]) for each in offered][:MOST_SERVICES],
        longest=LONGEST_URL,
    )


def _shown(mine: Own, made: dict[str, Any], *, rotated: bool = False) -> Response:
    """Show a secret, this once; no address leads to this page."""
    hook = hook_in_words(mine, made)
    return mine.page("hook_shown.html", "system", hook=hook, rotated=rotated)


def _place(mine: Own, id: str) -> str:
    return f"{mine.place}/system/webhooks/{checked(id)}"
