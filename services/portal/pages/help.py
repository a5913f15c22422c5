"""The page on which a family asks its school for help: no account, no script, nobody is told who.

Reached by a QR code on a sheet that the school hangs up. It says the same to everybody, whether
anybody of that name is known or not.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.pages.context import Pages

LONGEST: Mapping[str, int] = {"child": 100, "grade": 20, "words": 2_000, "reach": 200}
"""Characters of each field; the same that referral takes."""

_TEMPLATE = "help.html"


def help_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/help/{site}")
    async def form(request: Request, site: str) -> Response:
        """Show the form of a school."""
        _need(pages, site)
        return _form(pages, request, site, {})

    @router.post("/help/{site}")
    async def ask(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        site: str,
        id: Annotated[str, Form(max_length=36)] = "",
        child: Annotated[str, Form(max_length=2_000)] = "",
        grade: Annotated[str, Form(max_length=2_000)] = "",
        words: Annotated[str, Form(max_length=12_000)] = "",
        reach: Annotated[str, Form(max_length=2_000)] = "",
        subject_line: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        """Take what was written; the same form again is the same request."""
        _need(pages, site)
        typed = {
            "id": id if is_id(id) else new_id(),
            "child": child.strip(),
            "grade": grade.strip(),
            # A browser sends a line's end as two characters; they count as one.
            "words": words.replace("\r\n", "\n").strip(),
            "reach": reach.strip(),
        }
        problem = _lacking(typed, robot=bool(subject_line.strip()))
        if problem is not None:
            return _form(pages, request, site, typed, problem=problem, status=422)
        host = request.client.host if request.client else ""
        if not await pages.floods.lets_pass(site, host):
            return _form(pages, request, site, typed, problem="help.too-many", status=429)
        body = {name: typed[name] for name in LONGEST if typed[name]}
        try:
            receipt = await pages.upstream.put(
                "referral",
                f"/v1/page-help-requests/{typed['id']}",
                {"site": site, **body},
                token=pages.identity.token("referral"),
            )
        except PageError as error:
            # Whatever it is, what a family has typed is not thrown away.
            key = "help.sent-otherwise" if error.slug == "id-taken" else "help.away"
            fresh = {**typed, "id": new_id()} if error.slug == "id-taken" else typed
            return _form(pages, request, site, fresh, problem=key, status=error.status)
        return RedirectResponse(f"/h/{receipt['token']}", status_code=303)

    @router.get("/h/{token}")
    async def receipt(request: Request, token: str) -> Response:
        """Tell whoever asked that it was received, and later that it was handled; never how."""
        told = await pages.upstream.get("referral", "/v1/help-receipts", link=token)
        return pages.page(
            request,
            "help_receipt.html",
            handled=told["state"] == "handled",
            asked_at=datetime.fromisoformat(told["asked_at"]),
            handled_at=moment(told["handled_at"]),
            site=pages.site(told["site"] or ""),
        )

    @router.get("/help/{site}/sheet")
    async def sheet(request: Request, site: str) -> Response:
        """Show the sheet to print and hang up: the QR code, and lines for whoever has no phone."""
        _need(pages, site)
        address = f"{pages.settings.public_url.rstrip('/')}/help/{site}"
        return pages.page(
            request,
            "help_sheet.html",
            site=pages.site(site),
            address=address,
            code=qr_code(address),
        )

    return router


def moment(text: str | None) -> datetime | None:
    """Return a time that a service told."""
    return datetime.fromisoformat(text) if text else None


def qr_code(address: str) -> Markup:
    """Return a QR code (ISO/IEC 18004) as SVG, readable also where a corner is torn off."""
    out = io.BytesIO()
    segno.make_qr(address, error="q").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=4,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - made here, of an address alone


def _need(pages: Pages, site: str) -> None:
    """Pass only a school of the district.

    Raises:
        PageError: it is none.
    """
    if site not in pages.sites.all:
        raise PageError(404)


def _lacking(typed: Mapping[str, str], *, robot: bool) -> str | None:
    """Return the words for what the form lacks, or None."""
    if robot:
        return "help.robot"
    if not typed["words"]:
        return "help.say-what"
    if not typed["child"] and not typed["reach"]:
        return "help.say-who"
    too_long = any(len(typed[name]) > most for name, most in LONGEST.items())
    return "help.too-long" if too_long else None


def _form(
    pages: Pages,
    request: Request,
    site: str,
    typed: Mapping[str, str],
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    fresh: dict[str, Any] = {"id": new_id(), "child": "", "grade": "", "words": "", "reach": ""}
    return pages.page(
        request,
        _TEMPLATE,
        status=status,
        place=f"/help/{site}",
        site=pages.site(site),
        typed={**fresh, **typed},
        longest=LONGEST,
        problem=problem,
    )
