"""How it goes with a child that an agency has taken."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.pages.card import Card
from services.portal.pages.context import Pages
from services.portal.pages.doors import Door
from services.portal.when import When

OUTCOMES = {
    "completed": ("need-met", "partly-met"),
    "failed": ("client-declined", "not-eligible", "referred-elsewhere", "other"),
}
CODES_ALONE = {"completed": "attended", "failed": "other"}
"""What is sent where attendance is all that is told, and nobody is asked."""

PROGRESS = ("scheduled", "started", "completed", "failed", "no-show", "could-not-contact")

Text = Annotated[str, Form(max_length=500)]

CHOICES: Mapping[str, Any] = {
    "choices": PROGRESS,
    "outcomes": OUTCOMES,
    "codes": CODES_ALONE,
}


def progress_router(pages: Pages, door: Door | None = None) -> APIRouter:
    """Return the router; without a door, behind an offer's link."""
    card = Card(pages, door)
    router = APIRouter(prefix=card.door.prefix, include_in_schema=False)

    @router.get("/progress")
    async def how(request: Request, token: str) -> Response:
        """Ask how it goes."""
        return await card.step(request, token, "progress.html", appointment_typed="", **CHOICES)

    @router.post("/progress")
    async def progress(
        request: Request,
        token: str,
        progress: Text = "",
        appointment: Text = "",
        outcome: Text = "",
    ) -> Response:
        """Tell how it goes."""
        when = pages.when(pages.words(request))
        body, missing = report(progress, appointment, outcome, when)
        if missing is not None:
            shown = {"missing": missing, "appointment_typed": appointment, **CHOICES}
            return await card.step(request, token, "progress.html", status=422, **shown)
        return await card.act(request, token, "progress", body)

    return router


def report(
    progress: str, appointment: str, outcome: str, when: When
) -> tuple[dict[str, Any], str | None]:
    """Return what is reported, and the words for what is missing, if anything is."""
    body: dict[str, Any] = {"progress": progress}
    if progress not in PROGRESS:
        return body, "progress.choose"
    if progress == "scheduled":
        try:
            body["appointment"] = when.local(appointment).isoformat()
        except ValueError:
            return body, "progress.appointment-missing"
    if progress in OUTCOMES:
        if outcome not in {*OUTCOMES[progress], CODES_ALONE[progress]}:
            return body, "progress.outcome-missing"
        body["outcome"] = outcome
    return body, None
