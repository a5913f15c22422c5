"""A family's page behind its link: where things stand, and whom to call. No need is named."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.pages.context import Pages

_BUSINESS = {
    "awaiting-consent": "awaiting-consent",
    "appointment-scheduled": "appointment",
    "family-verified": "verified",
    "disputed": "disputed",
}
_STATES = {
    "draft": "draft",
    "requested": "requested",
    "accepted": "accepted",
    "in-progress": "in-progress",
    "on-hold": "accepted",
    "completed": "completed",
}


def family_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/f/{token}")
    async def show(request: Request, token: str) -> Response:
        """Tell a family where things stand, in its language."""
        status = await pages.upstream.get("referral", "/v1/family-status", link=token)
        words = pages.words(request, prefer=str(status.get("reads")))
        appointment = status.get("appointment")
        return pages.page(
            request,
            "family.html",
            words=words,
            status_key=_key(status),
            name=status["greeting"],
            child=status["child"],
            appointment=datetime.fromisoformat(appointment) if appointment else None,
            site=pages.site(status["site"]),
        )

    return router


def _key(status: dict[str, Any]) -> str:
    """Return which words say where things stand; whatever ended otherwise has *stopped*."""
    business = _BUSINESS.get(str(status.get("business")))
    return business or _STATES.get(str(status.get("state")), "stopped")
