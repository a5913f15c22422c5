"""An agency answers by telephone: the coordinator records it, with who said it and when."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from contracts.rules import ReasonedAct
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.pages.context import Pages
from services.portal.pages.reading import checked
from services.portal.sessions import Session

SAID_BY_CHARACTERS = 100
_OPEN = frozenset({"open", "waitlisted"})
_ABOUT_THE_FORM = frozenset(
    {"no-seat", "offer-closed", "time-said", "stale-version", "taken", "reason-retired"}
)


def phone_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/phone", include_in_schema=False)

    @router.get("")
    async def form(request: Request, id: str) -> Response:
        """Ask who said what, and when."""
        return await _form(pages, request, checked(id), {})

    @router.post("")
    async def record(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        offer: Annotated[str, Form(max_length=36)] = "",
        answer: Annotated[str, Form(max_length=64)] = "",
        said_by: Annotated[str, Form(max_length=3 * SAID_BY_CHARACTERS)] = "",
        said_at: Annotated[str, Form(max_length=32)] = "",
    ) -> Response:
        """Record it; the same form again records nothing new."""
        session = await pages.signed_in(request)
        typed = {"offer": offer, "answer": answer, "said_by": said_by.strip(), "said_at": said_at}
        try:
            at = pages.when(pages.words(request)).local(said_at)
        except ValueError:
            at = None
        problem = _lacking(typed, at, _reasons(pages))
        if problem is not None or at is None:
            return await _form(pages, request, checked(id), typed, problem=problem, status=422)
        said = {"answer": "yes"} if answer == "yes" else {"answer": "no", "reason": answer}
        try:
            await pages.upstream.post(
                "partner",
                f"/v1/offerings/{checked(id)}/offers/{checked(offer)}/told",
                {**said, "said_by": typed["said_by"], "said_at": at.isoformat()},
                token=session.token,
                seen=seen,
            )
        except PageError as error:
            if error.slug not in _ABOUT_THE_FORM:
                raise
            return await _form(
                pages,
                request,
                checked(id),
                typed,
                problem=f"phone.{error.slug}",
                status=error.status,
            )
        return RedirectResponse(f"/referrals/{checked(id)}?done=told", status_code=303)

    return router


def _reasons(pages: Pages) -> tuple[str, ...]:
    return pages.district.now.reasons.choices(ReasonedAct.DECLINE)


def _lacking(typed: dict[str, str], at: datetime | None, reasons: tuple[str, ...]) -> str | None:
    """Return the words for what the form lacks, or None."""
    if not typed["offer"]:
        return "phone.choose-agency"
    if typed["answer"] not in {"yes", *reasons}:
        return "phone.choose-answer"
    if not typed["said_by"] or len(typed["said_by"]) > SAID_BY_CHARACTERS:
        return "phone.say-who"
    return "phone.say-when" if at is None else None


async def _numbers(pages: Pages, session: Session, agency: str) -> list[tuple[str, str]]:
    """Return whom to call at an agency, with the number; none where that cannot be had now."""
    try:
        found = await pages.upstream.get("partner", f"/v1/agencies/{agency}", token=session.token)
    except PageError:
        return []
    return [(each["name"] or "", each["phone"]) for each in found["contacts"] if each["phone"]]


async def _form(
    pages: Pages,
    request: Request,
    id: str,
    typed: dict[str, str],
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    session = await pages.signed_in(request)
    words = pages.words(request)
    found = await pages.upstream.get("referral", f"/v1/referrals/{id}", token=session.token)
    referral = Referral.model_validate(found)
    offering = await pages.upstream.get("partner", f"/v1/offerings/{id}", token=session.token)
    offers = [each for each in offering["offers"] if each["state"] in _OPEN]
    numbers = await asyncio.gather(*[_numbers(pages, session, each["agency"]) for each in offers])
    fresh: dict[str, Any] = {
        "offer": offers[0]["offer"] if len(offers) == 1 else "",
        "answer": "",
        "said_by": "",
        "said_at": pages.when(words).now_local,
    }
    return pages.page(
        request,
        "phone.html",
        words=words,
        session=session,
        status=status,
        referral=referral,
        offers=offers,
        to_call=[
            (each, found, datetime.fromisoformat(each["answer_by"]))
            for each, found in zip(offers, numbers, strict=True)
            if each.get("by_phone")
        ],
        version=offering["version"],
        typed={**fresh, **typed},
        reasons=_reasons(pages),
        longest=SAID_BY_CHARACTERS,
        problem=problem,
        school=pages.site(referral.site).name,
    )
