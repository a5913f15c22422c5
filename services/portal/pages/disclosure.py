"""What was told outside the network without a consent: looked at by somebody who did not tell it.

Whoever leads looks at it, also where they may not see the need: then without child, need and place.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Principal, Role
from services.portal.errors import PageError
from services.portal.pages.colleagues import named, names_at
from services.portal.pages.context import Pages
from services.portal.pages.hand_off import hand_off_page
from services.portal.pages.help import moment
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import checked
from services.portal.sessions import Session

_LEADS = (Role.COORDINATOR, Role.LEADERSHIP, Role.ADMIN)


def disclosure_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/hand-off", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show the hand-off, or what of it the reader may look at."""
        session = await _lead(pages, request)
        here = await _visited(pages, request, session.person, id)
        if here is None:
            return await _page(pages, request, session, checked(id))
        if here.referral.hand_off is None and not session.person.has(Role.COORDINATOR):
            raise PageError(404)
        return await hand_off_page(here, {})

    @router.post("/seen")
    async def look_at(request: Request, id: str) -> Response:
        """Say that one has looked at what was told without a consent."""
        session = await _lead(pages, request)
        try:
            await pages.upstream.post(
                "referral", f"/v1/referrals/{checked(id)}/hand-off/seen", {}, token=session.token
            )
        except PageError as error:
            if error.slug != "own-disclosure":
                raise
            here = await _visited(pages, request, session.person, id)
            if here is None:
                raise
            problem = f"hand.{error.slug}"
            return await hand_off_page(here, {}, problem=problem, status=error.status)
        return RedirectResponse("/?done=settled", status_code=303)

    return router


async def _lead(pages: Pages, request: Request) -> Session:
    session = await pages.signed_in(request)
    if not session.person.has(*_LEADS):
        raise PageError(403)
    return session


async def _visited(pages: Pages, request: Request, person: Principal, id: str) -> Visit | None:
    """Return the referral where the reader may see it."""
    if not person.has(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN):
        return None
    try:
        return await visit(pages, request, id)
    except PageError as error:
        if error.status != 404:  # noqa: PLR2004 - the need is not theirs to see
            raise
        return None


async def _page(pages: Pages, request: Request, session: Session, id: str) -> Response:
    """Show what was told without a consent, without child, need and place."""
    made: dict[str, Any] = await pages.upstream.get(
        "referral", f"/v1/referrals/{id}/hand-off", token=session.token
    )
    words = pages.words(request)
    names = await names_at(pages, session, made["site"])
    return pages.page(
        request,
        "disclosure.html",
        words=words,
        session=session,
        id=id,
        by=named(made["by"], names, words),
        school=pages.site(made["site"]).name,
        made={**made, "handed_at": moment(made["handed_at"])},
        own=made["by"] == session.person.subject,
    )
