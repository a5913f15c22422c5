"""A family's page behind its link: where things stand, and whom to call. No need is named."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.chassis.ics import MEDIA_TYPE, Entry, calendar_of
from services.chassis.links import hash_token
from services.portal.errors import PageError
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
            calendar=f"/f/{token}/cita.ics",
            appointment=datetime.fromisoformat(appointment) if appointment else None,
            site=pages.site(status["site"]),
        )

    @router.get("/f/{token}/cita.ics")
    async def show_calendar(request: Request, token: str) -> Response:
        """Give the appointment for the family's own calendar; what it is for stands nowhere."""
        status = await pages.upstream.get("referral", "/v1/family-status", link=token)
        appointment = status.get("appointment")
        if _key(status) != "appointment" or not appointment:
            raise PageError(404)
        words = pages.words(request, prefer=str(status.get("reads")))
        entry = Entry(
            id=hash_token(token)[:32],
            at=datetime.fromisoformat(appointment),
            told=pages.clock.now(),
            title=str(words("family.calendar-title", school=pages.site(status["site"]).name)),
        )
        return Response(calendar_of(entry), media_type=MEDIA_TYPE)

    return router


def _key(status: dict[str, Any]) -> str:
    """Return which words say where things stand; whatever ended otherwise has *stopped*."""
    business = _BUSINESS.get(str(status.get("business")))
    return business or _STATES.get(str(status.get("state")), "stopped")
