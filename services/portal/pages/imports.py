"""What imports of the directory came to: each with its problems, counted by kind, in pages."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.pages.context import Pages
from services.portal.pages.partners import Look, look
from services.portal.pages.reading import checked

SHOWN = 50
"""Problems on one page."""

_PATH = "/v1/imports/directory"
_COUNTS = ("added", "changed", "same", "gone", "kept")


def imports_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/imports", include_in_schema=False)

    @router.get("")
    async def show(request: Request) -> Response:
        """List the imports of the last two weeks."""
        here = await look(pages, request, Role.ADMIN)
        page = await here.get(_PATH, limit=SHOWN)
        rows = [{**each, "at": datetime.fromisoformat(each["at"])} for each in page["items"]]
        return here.page("imports.html", "imports", rows=rows)

    @router.get("/{id}")
    async def problems(
        request: Request,
        id: str,
        kind: Annotated[str | None, Query(max_length=12)] = None,
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        """Show one with its problems, all or those of one kind."""
        here = await look(pages, request, Role.ADMIN)
        path = f"{_PATH}/{checked(id)}"
        found, page = await asyncio.gather(
            here.get(path),
            here.get(f"{path}/problems", kind=kind, cursor=after, limit=SHOWN),
        )
        report = found["report"]
        kinds = [_kind(here, each) for each in report["problem_kinds"]]
        return here.page(
            "import.html",
            "imports",
            id=found["id"],
            at=datetime.fromisoformat(found["at"]),
            report=report,
            counts=[(name, report[name]) for name in ("agencies", "services")],
            columns=_COUNTS,
            kinds=kinds,
            kind=kind or "",
            problems=[_problem(here, each) for each in page["items"]],
            next=page["next"],
            begun=after is None,
        )

    return router


def _kind(here: Look, kind: Mapping[str, Any]) -> dict[str, Any]:
    return {**kind, "says": _said(here, kind, "what")}


def _problem(here: Look, problem: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **problem,
        "says": _said(here, problem, "what"),
        "do": _said(here, problem, "what_to_do"),
    }


def _said(here: Look, of: Mapping[str, Any], field: str) -> str:
    return str(of[f"{field}_es"] if here.words.language == "es" else of[field])
