"""Many families at once, behind an agency's link or by an account: a POST takes so many."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from contracts.rules import ReasonedAct
from services.portal.errors import PageError
from services.portal.pages.card import in_words, words_for
from services.portal.pages.context import Pages
from services.portal.pages.doors import Door, LinkDoor
from services.portal.words import Words

Text = Annotated[str, Form(max_length=500)]
Turn = Annotated[int, Form(ge=0, le=1_000)]
Shown = Callable[[Request, str, PageError | None], Awaitable[Response]]
"""Shows the list again, with why something was refused."""

DONE = frozenset({"take", "decline"})


def batch_router(pages: Pages, opened_by: Door | None = None) -> APIRouter:
    """Return the router; without a door, of the pages behind a link."""
    door = opened_by or LinkDoor(pages, "/b", "/v1/batch-answers")
    router = APIRouter(prefix=door.prefix, include_in_schema=False)

    async def shown(request: Request, token: str, problem: PageError | None = None) -> Response:
        words = pages.words(request)
        found = await door.read(request, token)
        done = request.query_params.get("done")
        return pages.page(
            request,
            "batch.html",
            words=words,
            status=problem.status if problem else 200,
            problem=words_for(words, problem.slug if problem else None),
            place=door.place(request, token),
            batch=found,
            site=pages.site(found["site"]),
            need=words.code("need", found["category"]),
            done=done if done in DONE else None,
            answer_by=datetime.fromisoformat(found["answer_by"]),
            open_rows=[_row(each, found, words) for each in found["rows"] if each["place"]],
            taken_rows=[
                {**_row(each, found, words), "at": door.taken(request, each)}
                for each in found["rows"]
                if each["ours"]
            ],
            others=_others(found["rows"]),
            **await door.around(request),
        )

    @router.get("")
    async def show(request: Request, token: str) -> Response:
        """Show them; opening the link, as a mail scanner does, changes nothing."""
        return await shown(request, token)

    @router.post("/take")
    async def take(
        request: Request, token: str, take: Annotated[int, Form(ge=1, le=100)], turn: Turn
    ) -> Response:
        """Take so many of those that are open."""
        try:
            await door.send(request, token, "take", {"take": take, "turn": turn})
        except PageError as error:
            return await shown(request, token, error)
        return RedirectResponse(f"{door.place(request, token)}?done=take", status_code=303)

    _add_declining(router, pages, door, shown)
    return router


def _add_declining(router: APIRouter, pages: Pages, door: Door, shown: Shown) -> None:
    """Add the no to all that are open, with its reason."""

    def reasons() -> tuple[str, ...]:
        return pages.district.now.reasons.choices(ReasonedAct.DECLINE)

    async def asked_why(
        request: Request, token: str, problem: str | None = None, wrote: str = ""
    ) -> Response:
        words = pages.words(request)
        found = await door.read(request, token)
        return pages.page(
            request,
            "decline.html",
            words=words,
            status=422 if problem else 200,
            problem=words_for(words, problem),
            place=door.place(request, token),
            card=found,
            turn=found["turn"],
            site=pages.site(found["site"]),
            reasons=reasons(),
            wrote=wrote,
            **await door.around(request),
        )

    @router.get("/decline")
    async def why_not(request: Request, token: str) -> Response:
        """Ask for the reason, which then counts for each of them."""
        return await asked_why(request, token)

    @router.post("/decline")
    async def decline(
        request: Request, token: str, turn: Turn, reason: Text = "", words: Text = ""
    ) -> Response:
        """Take none of those that are open, with the reason."""
        if reason not in reasons() or (reason == "other" and not words.strip()):
            return await asked_why(request, token, problem="422", wrote=words)
        said = {"words": words} if words.strip() else {}
        try:
            body = {"turn": turn, "reason": reason, **said}
            await door.send(request, token, "decline", body)
        except PageError as error:
            return await shown(request, token, error)
        return RedirectResponse(f"{door.place(request, token)}?done=decline", status_code=303)


def _row(row: Mapping[str, Any], batch: Mapping[str, Any], words: Words) -> dict[str, Any]:
    said = in_words({"bands": row["bands"], "category": batch["category"]}, words)
    return {**said, "place": row["place"]}


def _others(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Count those that are neither open nor the agency's, by what became of them."""
    return dict(Counter(each["state"] for each in rows if not each["place"] and not each["ours"]))
