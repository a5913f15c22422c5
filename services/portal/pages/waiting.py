"""Who waits for a seat, in the order in which seats go, why, and by which policy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.errors import PageError
from services.portal.model.agreement_draft import POLICIES
from services.portal.pages.context import Pages
from services.portal.pages.partners import (
    DISTRICT,
    WRITERS,
    Look,
    back,
    chosen_school,
    look,
)
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

NAMED = 40
"""Children whose names are looked up; further rows lead to their referral without."""

Text = Annotated[str, Form(max_length=64)]


def waiting_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/seats/{service}/waitlist", include_in_schema=False)

    @router.get("")
    async def show(request: Request, service: str, site: str | None = None) -> Response:
        """Show who waits."""
        here = await look(pages, request, *DISTRICT)
        return await _page(here, checked(service), _school(here, site))

    @router.post("")
    async def choose(
        request: Request,
        service: str,
        *,
        site: Text,
        seen: Annotated[int, Form(ge=0)],
        policy: Text = "",
    ) -> Response:
        """Choose who goes first, on the version that was seen."""
        here = await look(pages, request, *WRITERS)
        school, id = _school(here, site), checked(service)
        if policy not in {*POLICIES, "district"}:
            problem = lacking("waits.choose", here.words)
            return await _page(here, id, school, problem, 422)
        body = {"policy": None if policy == "district" else policy}
        try:
            await here.put(f"/v1/capacities/{id}/{school}/waitlist-policy", body, seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return await _page(here, id, school, here.refusal(error), error.status)
        return back(f"/partners/seats/{id}/waitlist?site={school}", "policy")

    return router


def _school(here: Look, wanted: str | None) -> str:
    school = chosen_school(here, wanted)
    if school is None:
        raise PageError(404)
    return school


async def _page(
    here: Look, service: str, site: str, problem: Refused | None = None, status: int = 200
) -> Response:
    found = await here.get(f"/v1/capacities/{service}/{site}/waitlist")
    entry = await here.get(f"/v1/services/{service}")
    names = await here.agencies([entry])
    children = await here.each(
        [_child(here, each["referral"]) for each in found["rows"][:NAMED] if each["referral"]]
    )
    known = {each["id"]: each for each in children if each is not None}
    wait = found["wait"]["said"][here.words.language]
    return here.page(
        "waiting.html",
        "seats",
        problem=problem,
        status=status,
        service=entry,
        agency=here.agency(names, entry["agency"]),
        site=site,
        school=here.school(site),
        rows=[_row(each, known) for each in found["rows"]],
        total=found["total"],
        wait=wait,
        measured=found["wait"]["days"] is not None,
        policy=found["policy"],
        chosen_by=found["chosen_by"],
        version=found["version"],
        policies=POLICIES,
    )


def _row(row: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    child = known.get(row["referral"] or "")
    return {
        **row,
        "since": datetime.fromisoformat(row["since"]),
        "name": child["name"] if child else "",
        "grade": child["grade"] if child else None,
    }


async def _child(here: Look, referral: str) -> dict[str, Any] | None:
    """Return a referral of the list; None where the reader may not see it, or it is away."""
    try:
        found: dict[str, Any] = await here.pages.upstream.get(
            "referral", f"/v1/referrals/{referral}", token=here.session.token
        )
    except PageError as error:
        if error.status not in {403, 404, 503}:
            raise
        return None
    return found
