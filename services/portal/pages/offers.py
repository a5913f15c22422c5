"""Who was asked to help, and what each one answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import visit
from services.portal.pages.today import STAFF

_UNANSWERED = frozenset({"open", "expired", "withdrawn", "taken"})


def offers_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/referrals/{id}/offers")
    async def show(request: Request, id: str) -> Response:
        """Show each place that was asked, the newest round first."""
        here = await visit(pages, request, id, *STAFF)
        away, found = False, None
        try:
            found = await pages.upstream.get(
                "partner", f"/v1/offerings/{here.referral.id}", token=here.session.token
            )
        except PageError as error:
            away = error.status != 404  # noqa: PLR2004 - nobody was asked yet
        offers = [_told(each) for each in found["offers"]] if found else []
        ends = found.get("answer_by") if found else None
        return await here.page(
            "offers.html",
            "offers",
            offers=offers,
            away=away,
            answer_by=datetime.fromisoformat(ends) if ends else None,
            waits=any(each["state"] in {"open", "waitlisted"} for each in offers),
        )

    return router


def _told(offer: Mapping[str, Any]) -> dict[str, Any]:
    at = offer.get("answered_at")
    hand = offer.get("by_hand")
    return {
        "name": offer.get("agency_name"),
        "service": offer.get("service_name"),
        "round": offer.get("round", 1),
        "state": offer["state"],
        "reason": offer.get("reason"),
        "words": offer.get("words"),
        "at": datetime.fromisoformat(at) if at and offer["state"] not in _UNANSWERED else None,
        "claim": offer.get("claim_state"),
        "by_hand": hand.get("said_by") if hand else None,
    }
