"""Agreements (MOUs): a list that says what is due of each, and by when."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.model.agreement import LIVE, Group, due_of, group_of
from services.portal.pages.agreement_words import roles_of, said_of, standing
from services.portal.pages.context import Pages
from services.portal.pages.partners import Look, chosen_school, look, own_schools


def agreements_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/agreements", include_in_schema=False)

    @router.get("")
    async def show(request: Request, site: str | None = None) -> Response:
        """Show agreements, those first that stop offers or wait for the reader."""
        here = await look(pages, request)
        schools = own_schools(here)
        chosen = chosen_school(here, site) if site and schools else None
        found = await here.every("/v1/agreements", site=chosen)
        measured = [each for each in found if each["status"] in LIVE and each["metrics"]]
        standings = await here.each([standing(here, each["id"]) for each in measured])
        by_id = {each["id"]: some for each, some in zip(measured, standings, strict=True)}
        names = await here.agencies(found)
        renewed = {each["renews"] for each in found if each["renews"] and each["status"] != "ended"}
        rows = [_row(here, each, by_id.get(each["id"], []), names, renewed) for each in found]
        groups = [
            (group, sorted((row for row in rows if row["group"] is group), key=_first))
            for group in Group
        ]
        return here.page(
            "agreements.html",
            "agreements",
            groups=[(group, some) for group, some in groups if some],
            schools=schools,
            chosen=chosen or "",
            calls=sum(row["group"] in _CALLS for row in rows),
            total=len(rows),
        )

    return router


_CALLS = frozenset({Group.STOPPED, Group.YOURS, Group.DUE, Group.RISK})


def _first(row: Mapping[str, Any]) -> tuple[date, str]:
    days = [each.day for each in row["due"] if each.day]
    return (min(days, default=date.max), str(row["agency_name"]).casefold())


def _row(
    here: Look,
    agreement: Mapping[str, Any],
    measures: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    renewed: set[str],
) -> dict[str, Any]:
    due = due_of(
        agreement,
        measures,
        here.when.now.date(),
        roles=roles_of(here, agreement),
        renewed=agreement["id"] in renewed,
    )
    return {
        **agreement,
        "agency_name": here.agency(names, agreement["agency"]),
        "schools": here.schools(agreement["sites"]),
        "due": due,
        "lines": [said_of(here, agreement, each) for each in due],
        "group": group_of(agreement, due),
    }
