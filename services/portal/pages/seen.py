"""Who has seen who the child is, and who of the staff did what from where."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.model.referral import Entry
from services.portal.pages.context import Pages
from services.portal.pages.lines import agencies, said
from services.portal.pages.parts import Staff, Visit, visit
from services.portal.pages.today import STAFF

SHOWN = 50


def seen_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/referrals/{id}/seen")
    async def show(request: Request, id: str, before: str | None = None) -> Response:
        """Show the readings by agencies, and what was done by whom."""
        here = await visit(pages, request, id, *STAFF)
        staff = await here.staff()
        more = {"cursor": before[:200]} if before else {}
        found = await here.get(f"/v1/referrals/{here.referral.id}/history", limit=SHOWN, **more)
        readings = await readings_of(here) if here.session.person.has(Role.COORDINATOR) else None
        ids = {each["agency"] for each in readings or ()}
        ids |= {each["about"].get("agency", "") for each in found["items"]} - {""}
        names = await pages.names.agencies(ids, here.session.token)
        return await here.page(
            "seen.html",
            "seen",
            readings=None
            if readings is None
            else [
                {
                    **each,
                    "who": agencies([each["agency"]], names, here.words),
                    "at": datetime.fromisoformat(each["made_at"]),
                    "shown": [here.words.code("part", part) for part in each["parts"]],
                }
                for each in readings
                if each["referral"] == here.referral.id
            ],
            deeds=[_told(each, names, here, staff) for each in found["items"]],
            earlier=found["next"],
        )

    return router


async def readings_of(here: Visit) -> list[dict[str, Any]] | None:
    """Return who read who the family's children are; None where it cannot be had now."""
    try:
        child = await here.get(f"/v1/students/{here.referral.student}")
        return await here.every(f"/v1/families/{child['family']}/disclosures")
    except PageError:
        return None


def _told(
    line: Mapping[str, Any], names: Mapping[str, str], here: Visit, staff: Staff
) -> dict[str, Any]:
    who = line["who"]
    entry = Entry(
        id=line["id"],
        at=datetime.fromisoformat(line["at"]),
        what=line["what"],
        about=line["about"],
    )
    return {
        "at": entry.at,
        "text": said(entry, names, here.words),
        "by": _who(who, names, here, staff),
        "via": here.words.code("via", line["via"]) if line["via"] else "",
    }


def _who(who: Mapping[str, Any], names: Mapping[str, str], here: Visit, staff: Staff) -> str:
    if who["kind"] == "staff":
        known = who["id"] == here.session.person.subject
        return staff.name(who["id"]) if known or not who["name"] else str(who["name"])
    if who["kind"] == "agency":
        return agencies([who["id"]] if who["id"] else [], names, here.words)
    return str(here.words.code("actor", who["kind"]))
