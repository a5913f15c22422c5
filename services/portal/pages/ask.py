"""Choosing whom to ask: the places that could help, why, and how fresh their seats are."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from contracts.categories import Category
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.pages.context import Pages
from services.portal.pages.lines import what_of
from services.portal.pages.reading import checked
from services.portal.sessions import Session

MOST = 20


def ask_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/ask", include_in_schema=False)

    @router.get("")
    async def choose(request: Request, id: str) -> Response:
        """Show the places that could help."""
        return await _form(pages, request, checked(id))

    @router.post("")
    async def send(
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        place: Annotated[list[str] | None, Form(max_length=MOST)] = None,
    ) -> Response:
        """Ask those that were chosen."""
        session = await pages.signed_in(request)
        chosen = [each.split("@", 1) for each in place or () if "@" in each]
        if not chosen:
            return await _form(pages, request, checked(id), problem="ask.choose", status=422)
        body = {"candidates": [{"service": one, "agency": two} for one, two in chosen]}
        try:
            await pages.upstream.post(
                "referral",
                f"/v1/referrals/{checked(id)}/offer",
                body,
                token=session.token,
                seen=seen,
            )
        except PageError as error:
            words = pages.words(request)
            slug = error.slug if words.has(f"error.{error.slug}.text") else str(error.status)
            if not words.has(f"error.{slug}.text"):
                raise
            return await _form(
                pages, request, checked(id), problem=f"error.{slug}.text", status=error.status
            )
        return RedirectResponse(f"/referrals/{checked(id)}?done=offer", status_code=303)

    return router


async def _form(
    pages: Pages, request: Request, id: str, *, problem: str | None = None, status: int = 200
) -> Response:
    session = await pages.signed_in(request)
    words = pages.words(request)
    found = await pages.upstream.get("referral", f"/v1/referrals/{id}", token=session.token)
    referral = Referral.model_validate(found)
    return pages.page(
        request,
        "ask.html",
        words=words,
        session=session,
        status=status,
        referral=referral,
        what=what_of(referral.grade, referral.category, words),
        one_only=pages.district.now.needs.restricted(Category(referral.category)),
        problem=problem,
        school=pages.site(referral.site).name,
        **await _matches(pages, session, referral),
    )


async def _matches(pages: Pages, session: Session, referral: Referral) -> dict[str, Any]:
    try:
        found = await pages.upstream.get(
            "partner",
            "/v1/matches",
            token=session.token,
            params={"category": referral.category, "site": referral.site},
        )
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return {"matches": None, "excluded": []}
    for each in found["matches"]:
        told = each.get("as_of")
        each["as_of"] = datetime.fromisoformat(told) if told else None
    return {"matches": found["matches"], "excluded": found["excluded"]}
