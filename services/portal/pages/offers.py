"""Who was asked to help, and what each one answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, refused
from services.portal.pages.today import STAFF

_OPEN = frozenset({"open", "waitlisted"})
_UNANSWERED = frozenset({"open", "expired", "withdrawn", "taken"})


def offers_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/referrals/{id}/offers")
    async def show(request: Request, id: str) -> Response:
        """Show each place that was asked, the newest round first."""
        return await _page(await visit(pages, request, id, *STAFF))

    @router.post("/referrals/{id}/offers/{offer}/withdraw")
    async def withdraw(
        request: Request, id: str, offer: str, seen: Annotated[int, Form(ge=0)]
    ) -> Response:
        """Ask one place no more; it is told, with thanks."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        return await _taken_back(here, f"offers/{checked(offer)}/withdraw", seen, "withdrawn")

    @router.post("/referrals/{id}/waves/{wave}/take-back")
    async def take_back(
        request: Request,
        id: str,
        wave: Annotated[int, Path(ge=1)],
        seen: Annotated[int, Form(ge=0)],
    ) -> Response:
        """Ask nobody of a wave that is still to come; they never hear of it."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        return await _taken_back(here, f"waves/{wave}/take-back", seen, "planned-back")

    return router


async def _taken_back(here: Visit, what: str, seen: int, done: str) -> Response:
    """Take back what was asked, or was to be; refused, the page says why."""
    path = f"/v1/offerings/{here.referral.id}/{what}"
    try:
        await here.pages.upstream.post("partner", path, {}, token=here.session.token, seen=seen)
    except PageError as error:
        if not about_the_form(error):
            raise
        told = refused(error, here.words, here.pages.when(here.words))
        return await _page(here, told, error.status)
    return here.back("offers", done)


async def _page(here: Visit, problem: Refused | None = None, status: int = 200) -> Response:
    away, found = False, None
    try:
        found = await here.pages.upstream.get(
            "partner", f"/v1/offerings/{here.referral.id}", token=here.session.token
        )
    except PageError as error:
        away = error.status != 404  # noqa: PLR2004 - nobody was asked yet
    offers = [_told(each) for each in found["offers"]] if found else []
    return await here.page(
        "offers.html",
        "offers",
        refused=problem,
        status=status,
        offers=offers,
        planned=[_planned(each) for each in found.get("planned", ())] if found else [],
        version=found["version"] if found else 0,
        away=away,
        answer_by=_moment(found.get("answer_by")) if found else None,
        waits=any(each["open"] for each in offers),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _planned(wave: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "wave": wave["wave"],
        "at": datetime.fromisoformat(wave["opens_at"]),
        "names": [each["agency_name"] for each in wave["candidates"]],
    }


def _told(offer: Mapping[str, Any]) -> dict[str, Any]:
    hand = offer.get("by_hand")
    return {
        "id": offer["offer"],
        "name": offer.get("agency_name"),
        "until": _moment(offer.get("answer_by")) if offer["state"] == "open" else None,
        "reminded": _moment(offer.get("reminded_at")) if offer["state"] == "open" else None,
        "open": offer["state"] in _OPEN,
        "by_phone": offer.get("by_phone", False),
        "asks": offer["state"] in _OPEN
        and any(each["answer"] is None for each in offer.get("questions", ())),
        "service": offer.get("service_name"),
        "round": offer.get("round", 1),
        "state": offer["state"],
        "reason": offer.get("reason"),
        "words": offer.get("words"),
        "at": _moment(offer.get("answered_at")) if offer["state"] not in _UNANSWERED else None,
        "claim": offer.get("claim_state"),
        "by_hand": hand.get("said_by") if hand else None,
    }
