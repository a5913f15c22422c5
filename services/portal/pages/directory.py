"""The directory: found by name, need or school; one service, one agency, and whom to call there."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.pages.context import Pages
from services.portal.pages.listing import facts_of
from services.portal.pages.partners import WRITERS, Look, back, look
from services.portal.pages.performance import performance_of
from services.portal.pages.reading import checked

SHOWN = 30
AGENCIES = 6
"""Agencies whose own name was sought, above the services."""

NAME_CHARACTERS = 100

Sought = Annotated[str, Query(max_length=NAME_CHARACTERS)]
Code = Annotated[str, Query(max_length=64)]


def directory_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners", include_in_schema=False)

    @router.get("")
    async def find(
        request: Request,
        q: Sought = "",
        need: Code = "",
        school: Code = "",
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Response:
        """Show services by name. What is sought here names no person."""
        here = await look(pages, request)
        return await _list(here, q.strip(), need, school, cursor)

    @router.get("/services/{id}")
    async def service(request: Request, id: str) -> Response:
        """Show one service: for whom, when, where, and whom to call."""
        here = await look(pages, request)
        return await _service(here, checked(id))

    @router.get("/agencies/{id}")
    async def agency(request: Request, id: str) -> Response:
        """Show one agency: its people, services and agreements."""
        here = await look(pages, request)
        return await _agency(here, checked(id))

    @router.post("/agencies/{id}/contacts/{contact}/confirm")
    async def confirm_address(
        request: Request, id: str, contact: str, seen: Annotated[int, Form(ge=0)]
    ) -> Response:
        """Say that an address which somebody else entered is right."""
        here = await look(pages, request, *WRITERS)
        path = f"/v1/agencies/{checked(id)}/contacts/{checked(contact)}/confirm"
        await here.post(path, {}, seen)
        return back(f"/partners/agencies/{checked(id)}", "address-confirmed")

    return router


async def _list(here: Look, q: str, need: str, school: str, cursor: str | None) -> Response:
    kinds, schools = here.pages.district.now.needs, here.pages.sites.all
    known = need if kinds.get(need) else ""
    site = school if school in schools else ""
    page, agencies = await asyncio.gather(
        here.get(
            "/v1/services",
            q=q or None,
            category=known or None,
            site=site or None,
            cursor=cursor,
            limit=SHOWN,
        ),
        _named(here, q if cursor is None else ""),
    )
    names = await here.agencies(page["items"])
    asked = {name: value for name, value in (("q", q), ("need", known), ("school", site)) if value}
    return here.page(
        "directory.html",
        "directory",
        q=q,
        need=known,
        site=site,
        services=[_row(here, each, names) for each in page["items"]],
        agencies=agencies,
        onward=urlencode({**asked, "cursor": page["next"]}) if page["next"] else None,
        sought=bool(asked),
        needs=sorted(
            (
                (each.code.value, str(here.words.code("category", each.code.value)))
                for each in kinds.open
            ),
            key=lambda pair: pair[1],
        ),
        schools=sorted(((id, each.name) for id, each in schools.items()), key=lambda one: one[1]),
        longest=NAME_CHARACTERS,
    )


async def _named(here: Look, q: str) -> list[dict[str, Any]]:
    if not q:
        return []
    found = await here.get("/v1/agencies", q=q, limit=AGENCIES)
    return list(found["items"])


def _row(here: Look, service: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    words = here.words
    needs = [service["category"], *service["also"]]
    return {
        **service,
        "agency_name": here.agency(names, service["agency"]),
        "needs": words.listed([words.code("category", each) for each in needs]),
        "confirmed": confirmed_of(service),
        "spoken": words.listed([words.code("language", each) for each in service["languages"]]),
    }


async def _service(here: Look, id: str) -> Response:
    found = await here.get(f"/v1/services/{id}")
    agency, agreements, seats = await asyncio.gather(
        here.get(f"/v1/agencies/{found['agency']}"),
        here.every("/v1/agreements", agency=found["agency"]),
        here.every("/v1/capacities", service=id),
    )
    covering = [each for each in agreements if not each["services"] or id in each["services"]]
    own = _row(here, found, {agency["id"]: agency["name"]})
    return here.page(
        "service.html",
        "directory",
        service=own,
        facts=facts_of(found, here.words, here.when),
        schools=here.schools(found["sites"]) if found["sites"] else "",
        agency=agency,
        agreements=in_force(covering),
        seats=[_seats(here, each) for each in seats],
        confirmed=confirmed_of(found),
    )


async def _agency(here: Look, id: str) -> Response:
    found = await here.get(f"/v1/agencies/{id}")
    services, agreements, done = await asyncio.gather(
        here.every("/v1/services", agency=id),
        here.every("/v1/agreements", agency=id),
        performance_of(here, id),
    )
    names = {id: str(found["name"])}
    return here.page(
        "agency_entry.html",
        "directory",
        agency=found,
        services=[_row(here, each, names) for each in services],
        agreements=in_force(agreements),
        confirmed=confirmed_of(found),
        performance=done,
        sees_system=here.session.person.has(Role.ADMIN)
        or here.session.person.holds(Role.AGENCY_ADMIN, id),
    )


def confirmed_of(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return who last said that an entry holds, and when; None where nobody has."""
    told = entry["confirmed"]
    return {"by": told["by"], "at": datetime.fromisoformat(told["at"])} if told else None


def in_force(agreements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return agreements, those that hold first; of the past ones only the newest."""
    live = [each for each in agreements if each["live"]]
    open_ = [each for each in agreements if not each["live"] and each["status"] in _TO_COME]
    past = [each for each in agreements if each not in live and each not in open_]
    return [*live, *open_, *past[:1]]


_TO_COME = frozenset({"draft", "in-review", "active", "expiring"})


def _seats(here: Look, told: Mapping[str, Any]) -> dict[str, Any]:
    at = _moment(told["as_of"])
    return {**told, "school": here.school(told["site"]), "as_of": at}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
