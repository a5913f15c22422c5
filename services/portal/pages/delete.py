"""An agency confirms behind its link that it has deleted. A GET shows, a POST acts."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.portal.pages.context import Pages


def delete_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/d/{token}", include_in_schema=False)

    @router.get("")
    async def show(request: Request, token: str) -> Response:
        """Show what is to be deleted; opening the link, as a mail scanner does, does nothing."""
        asked = await pages.upstream.get("partner", "/v1/deletion-answers", link=token)
        confirmed = asked.get("confirmed_at")
        return pages.page(
            request,
            "delete.html",
            words=pages.words(request),
            place=f"/d/{token}",
            agency=asked["agency_name"],
            site=pages.site(asked["site"] or ""),
            referrals=[_shown(each) for each in asked["referrals"]],
            due_on=asked["due_on"],
            confirmed=datetime.fromisoformat(confirmed) if confirmed else None,
        )

    @router.post("/confirm")
    async def confirm(token: str) -> Response:
        """Say that it has been deleted, then show that it was said."""
        await pages.upstream.post("partner", "/v1/deletion-answers/confirm", {}, link=token)
        return RedirectResponse(f"/d/{token}", status_code=303)

    return router


def _shown(referral: dict[str, Any]) -> dict[str, Any]:
    taken = referral.get("taken_at")
    return {
        "reference": reference(referral["referral"]),
        "service": referral["service_name"],
        "taken": datetime.fromisoformat(taken) if taken else None,
    }


def reference(referral: str) -> str:
    """Return the short form of an id that people compare: its last characters differ."""
    return referral[-6:].upper()
