"""How far referrals come, for the coordinator and the leadership of a school."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.today import school_of

COLUMNS = (
    "created",
    "offered",
    "accepted",
    "started",
    "partner_closed",
    "family_verified",
    "disputed",
)


def reports_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/reports")
    async def reports(request: Request) -> Response:
        """Show the two closing rates, the time until somebody took it, and the table."""
        session = await pages.signed_in(request)
        if not session.person.has(Role.COORDINATOR, Role.LEADERSHIP, Role.ADMIN):
            return pages.page(request, "nothing.html", session=session)
        site = request.query_params.get("site")
        funnel: dict[str, Any] = await pages.upstream.get(
            "reporting",
            "/v1/funnel",
            token=session.token,
            params={"site": site} if site else None,
        )
        if not isinstance(funnel, dict):
            raise PageError(503)
        return pages.page(
            request,
            "reports.html",
            session=session,
            funnel=funnel,
            columns=COLUMNS,
            school=pages.site(site).name if site else school_of(pages, session),
        )

    return router
