"""An agency's answer: behind its link, without an account, or by one. A GET shows, a POST acts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from contracts.rules import ReasonedAct
from services.portal.pages.card import Card
from services.portal.pages.context import Pages
from services.portal.pages.doors import Door

Text = Annotated[str, Form(max_length=500)]


def agency_router(pages: Pages, door: Door | None = None) -> APIRouter:
    """Return the router; without a door, of the pages behind a link."""
    card = Card(pages, door)
    router = APIRouter(prefix=card.door.prefix, include_in_schema=False)

    def reasons() -> tuple[str, ...]:
        return pages.district.now.reasons.choices(ReasonedAct.DECLINE)

    @router.get("")
    async def show(request: Request, token: str) -> Response:
        """Show the offer; opening the link, as a mail scanner does, changes nothing."""
        return await card.show(request, token)

    @router.post("/claim")
    async def claim(request: Request, token: str) -> Response:
        """Say yes."""
        return await card.act(request, token, "claim", {})

    @router.post("/waitlist")
    async def waitlist(request: Request, token: str) -> Response:
        """Say yes for when a seat is free."""
        return await card.act(request, token, "waitlist", {})

    @router.get("/decline")
    async def why_not(request: Request, token: str) -> Response:
        """Ask for the reason."""
        return await card.step(request, token, "decline.html", reasons=reasons(), wrote="")

    @router.post("/decline")
    async def decline(
        request: Request, token: str, reason: Text = "", words: Text = ""
    ) -> Response:
        """Say no, with the reason."""
        if reason not in reasons() or (reason == "other" and not words.strip()):
            shown = {"reasons": reasons(), "wrote": words}
            return await card.step(
                request, token, "decline.html", status=422, problem="422", **shown
            )
        body = {"reason": reason, **({"words": words} if words.strip() else {})}
        return await card.act(request, token, "decline", body)

    @router.post("/contest")
    async def contest(request: Request, token: str) -> Response:
        """Say that what the school recorded after a call is not what the agency said."""
        return await card.act(request, token, "contest", {})

    @router.post("/seats")
    async def seats(
        request: Request,
        token: str,
        available: Annotated[int, Form(ge=0, le=9_999)],
        seen: Annotated[int | None, Form()] = None,
    ) -> Response:
        """Tell how many seats are free."""
        body = {"available": available, "version": seen}
        return await card.act(request, token, "seats", body)

    return router
