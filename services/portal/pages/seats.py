"""The board of seats: what each service of a school has free, and what one was told by telephone.

A figure goes back with the version that was seen, so that it never erases a seat held since.
"""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from services.portal.errors import PageError
from services.portal.model.board import STATUSES, UNITS, Row, rows, shelves
from services.portal.pages.context import Pages
from services.portal.pages.partners import (
    DISTRICT,
    PAGE,
    WRITERS,
    Look,
    back,
    chosen_school,
    look,
    own_schools,
)
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

MOST_SEATS = 9_999
MOST_NOTES = 500
_AGENCIES = 200
"""Agencies with an agreement whose services a board reads."""

Figure = Annotated[str, Form(max_length=10)]
Text = Annotated[str, Form(max_length=64)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What one row's form holds, as it was typed.

    Attributes:
        service: of the row; empty: no form was sent.
    """

    service: str = ""
    available: str = ""
    maximum: str = ""
    unit: str = UNITS[0]
    status: str = STATUSES[0]
    notes: str = ""
    problem: Refused | None = field(default=None)

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        free, most = _number(self.available), _number(self.maximum)
        if free is None or most is None:
            return "seats.say-numbers"
        if len(self.notes) > MOST_NOTES:
            return "seats.say-notes"
        if free > most:
            return "seats.more-than-all"
        known = self.unit in UNITS and self.status in STATUSES
        return None if known else "seats.say-numbers"

    def body(self) -> dict[str, Any]:
        """Return what is sent."""
        return {
            "available": int(self.available),
            "maximum": int(self.maximum),
            "unit": self.unit,
            "status": self.status,
            "notes": self.notes or None,
        }


def typed_seats(
    available: Figure = "",
    maximum: Figure = "",
    unit: Text = UNITS[0],
    status: Text = STATUSES[0],
    notes: Annotated[str, Form(max_length=3 * MOST_NOTES)] = "",
) -> Typed:
    """Return what a row's form holds; which row it is stands in the address."""
    said = notes.replace("\r\n", "\n").strip()
    return Typed("", available.strip(), maximum.strip(), unit, status, said)


SeatsTyped = Annotated[Typed, Depends(typed_seats)]


def seats_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/seats", include_in_schema=False)

    @router.get("")
    async def show(request: Request, site: str | None = None, need: str | None = None) -> Response:
        """Show the seats of a school's services."""
        here = await look(pages, request, *DISTRICT)
        return await _page(here, site, need, Typed())

    @router.post("/{service}")
    async def told(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        service: str,
        site: Text,
        typed: SeatsTyped,
        seen: Annotated[int | None, Form(ge=0)] = None,
        need: Text = "",
    ) -> Response:
        """Record what an agency told; the same form again changes nothing."""
        here = await look(pages, request, *WRITERS)
        school = chosen_school(here, site)
        typed = replace(typed, service=checked(service))
        lacks = typed.lacks()
        if lacks is not None:
            return await _page(here, school, need, typed, lacking(lacks, here.words), 422)
        path = f"/v1/capacities/{typed.service}/{school}"
        try:
            await here.put(path, typed.body(), seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return await _page(here, school, need, typed, here.refusal(error), error.status)
        more = f"&need={need}" if pages.district.now.needs.get(need) else ""
        return back(f"/partners/seats?site={school}{more}", "seats-told", f"s-{typed.service}")

    return router


async def _page(  # noqa: PLR0917 - what was looked at, what was typed, what was wrong
    here: Look,
    site: str | None,
    need: str | None,
    typed: Typed,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    school = chosen_school(here, site)
    known = here.pages.district.now.needs.get(need) if need else None
    board = await _board(here, school) if school else []
    needs = sorted({row.category for row in board})
    shown = [row for row in board if known is None or row.category == need]
    open_row = next((row for row in board if row.service == typed.service), None)
    return here.page(
        "seats.html",
        "seats",
        status=status,
        shelves=shelves(shown),
        total=len(board),
        waiting=sum(row.waiting for row in shown),
        chosen=school,
        school=here.school(school) if school else "",
        schools=own_schools(here),
        need=need if known else "",
        needs=sorted(
            ((code, str(here.words.code("category", code))) for code in needs),
            key=lambda pair: pair[1],
        ),
        typed=typed,
        row_problem=problem if open_row else None,
        problem=None if open_row else problem,
        units=UNITS,
        statuses=STATUSES,
        most=MOST_SEATS,
        most_notes=MOST_NOTES,
    )


async def _board(here: Look, school: str) -> list[Row]:
    """Return what a school could ask: under live agreements, and whatever has told its seats."""
    agreements, capacities = await asyncio.gather(
        here.every("/v1/agreements", site=school), here.every("/v1/capacities", site=school)
    )
    live = [each for each in agreements if each["live"]]
    services = [
        each
        for each in await _services(here, school, sorted({one["agency"] for one in live}))
        if not each["retired"] and any(_covers(one, each) for one in live)
    ]
    known = {each["id"] for each in services}
    others = [each["service"] for each in capacities if each["service"] not in known]
    services += [
        each
        for each in await here.each([_service(here, id) for id in others])
        if each is not None and not each["retired"]
    ]
    names = await here.agencies(services)
    return rows(services, capacities, names, str(here.words("agency.unknown")))


async def _services(here: Look, school: str, agencies: list[str]) -> list[dict[str, Any]]:
    """Return the services of a school's agencies.

    All that are there for the school, where one page holds them; of a whole county's directory
    those of its agencies alone.
    """
    if not agencies:
        return []
    page = await here.get("/v1/services", site=school, limit=PAGE)
    if page["next"] is None:
        return list(page["items"])
    lists = await here.each(
        [here.every("/v1/services", site=school, agency=each) for each in agencies[:_AGENCIES]]
    )
    return [each for some in lists for each in some]


def _covers(agreement: dict[str, Any], service: dict[str, Any]) -> bool:
    named = agreement["services"]
    return agreement["agency"] == service["agency"] and (not named or service["id"] in named)


async def _service(here: Look, id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await here.get(f"/v1/services/{id}")
    except PageError as error:
        if error.status != 404:  # noqa: PLR2004 - it has gone
            raise
        return None
    return found


def _number(text: str) -> int | None:
    if not text.isascii() or not text.isdigit():
        return None
    return int(text) if int(text) <= MOST_SEATS else None
