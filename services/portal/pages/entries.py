"""An agency confirms behind its link what the directory says of it. A GET shows, a POST acts."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.portal.pages.context import Pages
from services.portal.words import Words


def entries_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/e/{token}", include_in_schema=False)

    @router.get("")
    async def show(request: Request, token: str) -> Response:
        """Show the entries; opening the link, as a mail scanner does, confirms nothing."""
        found = await pages.upstream.get("partner", "/v1/entries-answers", link=token)
        words = pages.words(request)
        confirmed = (found.get("confirmed") or {}).get("at")
        return pages.page(
            request,
            "entries.html",
            words=words,
            place=f"/e/{token}",
            agency=found["agency_name"],
            website=found["website"],
            services=[_shown(each, words) for each in found["services"]],
            more=max(0, found["total"] - len(found["services"])),
            done=found["done"],
            confirmed=datetime.fromisoformat(confirmed) if confirmed else None,
        )

    @router.post("/confirm")
    async def confirm(token: str) -> Response:
        """Say that all of it holds, then show that it was said."""
        await pages.upstream.post("partner", "/v1/entries-answers/confirm", {}, link=token)
        return RedirectResponse(f"/e/{token}", status_code=303)

    return router


def _shown(service: dict[str, Any], words: Words) -> dict[str, Any]:
    low, high = service["minimum_age"], service["maximum_age"]
    terms = service["terms"]
    return {
        "name": service["name"],
        "need": words.code("need", service["category"]),
        "description": service["description"],
        "languages": [words.code("language", each) for each in service["languages"]],
        "ages": None if low is None and high is None else (_years(low), _years(high)),
        "places": [_place(each) for each in service["locations"]],
        "hours": [(each["day"], each["opens_at"], each["closes_at"]) for each in terms["hours"]],
    }


def _years(age: float | None) -> str:
    return "…" if age is None else f"{age:g}"


def _place(place: dict[str, Any]) -> str:
    parts = [place["name"], *place["lines"], place["city"], place["postal_code"]]
    return ", ".join(each for each in parts if each)
