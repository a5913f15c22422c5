"""An agency's own seats: one tap up or down, or the whole figure, on the version that was seen."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.auth import OF_AGENCY
from services.portal.errors import PageError
from services.portal.model.board import STATUSES, UNITS, Row, rows
from services.portal.pages.context import Pages
from services.portal.pages.own import Own, own
from services.portal.pages.partners import back
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking
from services.portal.pages.seats import MOST_NOTES, MOST_SEATS, SeatsTyped, Text, Typed

ONE_TAP = "one"
"""How the stepper sends a figure: where more are free than there were, there are more."""


def own_seats_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/agency/{agency}/seats", include_in_schema=False)

    @router.get("")
    async def show(request: Request, agency: str) -> Response:
        """Show the agency's seats, school by school."""
        mine = await own(pages, request, agency, *OF_AGENCY)
        return await _page(mine, "", Typed())

    @router.post("/{service}")
    async def told(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        agency: str,
        service: str,
        site: Text,
        typed: SeatsTyped,
        seen: Annotated[int | None, Form(ge=0)] = None,
        by: Text = "",
    ) -> Response:
        """Tell how many are free; the same form again changes nothing."""
        mine = await own(pages, request, agency, *OF_AGENCY)
        if site not in pages.sites.all:
            raise PageError(404)
        typed = replace(typed, service=checked(service))
        free, most = typed.available, typed.maximum
        if by == ONE_TAP and free.isdecimal() and most.isdecimal():
            typed = replace(typed, maximum=str(max(int(free), int(most))))
        lacks = typed.lacks()
        if lacks is not None:
            return await _page(mine, site, typed, lacking(lacks, mine.here.words), 422)
        try:
            await mine.here.put(f"/v1/capacities/{typed.service}/{site}", typed.body(), seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return await _page(mine, site, typed, mine.here.refusal(error), error.status)
        return back(f"{mine.place}/seats", "seats", f"s-{typed.service}-{site}")

    return router


async def _page(
    mine: Own, site: str, typed: Typed, problem: Refused | None = None, status: int = 200
) -> Response:
    schools = await _schools(mine)
    board = next((some for id, _, some in schools if id == site), [])
    known = any(row.service == typed.service for row in board)
    return mine.page(
        "own_seats.html",
        "seats",
        status=status,
        schools=schools,
        typed=typed,
        typed_at=site,
        row_problem=problem if known else None,
        problem=None if known else problem,
        units=UNITS,
        statuses=STATUSES,
        most=MOST_SEATS,
        most_notes=MOST_NOTES,
        one_tap=ONE_TAP,
    )


async def _schools(mine: Own) -> list[tuple[str, str, list[Row]]]:
    """Return the schools that may ask the agency, each with its services and their seats."""
    here = mine.here
    services, agreements, told = await asyncio.gather(
        here.every("/v1/services", agency=mine.agency),
        here.every("/v1/agreements", agency=mine.agency),
        here.every("/v1/capacities"),
    )
    open_ = [each for each in services if not each["retired"]]
    figures = [each for each in told if each["agency"] == mine.agency]
    names = {mine.agency: mine.name}
    found = []
    for site in here.pages.sites.all:
        of_site = [each for each in figures if each["site"] == site]
        known = {each["service"] for each in of_site}
        asked = [each for each in open_ if each["id"] in known or _may_ask(site, each, agreements)]
        if asked:
            found.append((site, here.school(site), rows(asked, of_site, names, mine.name)))
    return sorted(found, key=lambda each: each[1].casefold())


def _may_ask(site: str, service: Mapping[str, Any], agreements: list[dict[str, Any]]) -> bool:
    """Tell whether a school may ask a service: it serves there, under an agreement that holds."""
    serves = not service["sites"] or site in service["sites"]
    return serves and any(
        each["live"]
        and site in each["sites"]
        and (not each["services"] or service["id"] in each["services"])
        for each in agreements
    )
