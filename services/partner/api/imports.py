"""Imports over HTTP: the package is the body, the answer is the report; its problems in pages."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Cursor,
    Identifier,
    Limit,
    Page,
    cursor_malformed,
    identifier,
    read_cursor,
    write_cursor,
)
from services.chassis.received import received
from services.chassis.tabular import ToldProblem
from services.partner.api.context import Context
from services.partner.directory import read_directory
from services.partner.directory.spanish import in_spanish
from services.partner.imports.kept import Imported, KeptImports
from services.partner.imports.report import Report
from services.partner.imports.run import Importer, import_directory

PATH = "/v1/imports/directory"
Source = Annotated[
    str | None,
    Query(
        description="What the directory is called here; found by its organizations if left out.",
        min_length=1,
        max_length=64,
    ),
]
KindCode = Annotated[str | None, Query(max_length=12, description="Of `problem_kinds`.")]

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_admin = Depends(Allow(Role.ADMIN))


class ImportView(BaseModel):
    """An import of the last two weeks. `by`: subject of who sent it."""

    id: str
    by: str
    at: datetime
    report: Report


class ImportSummary(BaseModel):
    """An import in a list."""

    id: str
    by: str
    at: datetime
    source: str
    dry_run: bool
    problem_count: int


def imports_router(context: Context, kept: KeptImports) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["imports"])

    importer = Importer(
        store=context.store,
        vault=context.vault,
        secret=context.secret,
        zone=context.settings.zone,
        clock=context.clock,
        asked_every=context.settings.entries_asked_every,
        kept=kept,
    )

    @router.post(PATH, openapi_extra=_BODY)
    async def import_(
        request: Request,
        caller: Annotated[Principal, _admin],
        *,
        dry_run: Annotated[bool, Query(description="Only tell what would happen.")] = False,
        source: Source = None,
    ) -> Report:
        """Take a service directory in: Open Referral HSDS 3.0 or Ohana, as one zip archive."""
        async with received(request.stream()) as (file, _):
            # Reading is all computing: in a thread, so that answers by link don't wait for it.
            needs = await context.district.needs()
            package = await asyncio.to_thread(read_directory, file, needs)
        return await import_directory(
            importer, package, source, needs, by=caller.subject, dry_run=dry_run
        )

    _add_reading(router, kept)
    return router


def _add_reading(router: APIRouter, kept: KeptImports) -> None:
    """Add what earlier imports came to."""

    @router.get(PATH, dependencies=[_admin])
    async def list_imports(cursor: Cursor = None, limit: Limit = 50) -> Page[ImportSummary]:
        """List the imports of the last two weeks, the newest first."""
        found = await kept.listed(read_cursor(cursor), limit + 1)
        page = found[:limit]
        return Page[ImportSummary](
            items=[_summary(each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get(PATH + "/{id}", dependencies=[_admin])
    async def get_import(id: Identifier) -> ImportView:
        """Return what an import came to."""
        found = await _known(kept, id)
        return ImportView(id=found.id, by=found.by, at=found.at, report=_report(found))

    @router.get(PATH + "/{id}/problems", dependencies=[_admin])
    async def list_problems(
        id: Identifier, kind: KindCode = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[ToldProblem]:
        """List an import's problems by file and line, all or those of one kind."""
        known = await _known(kept, id)
        found = await kept.problems(known.id, kind=kind, after=_position(cursor), limit=limit + 1)
        page = found[:limit]
        return Page[ToldProblem](
            items=[ToldProblem.of(each, in_spanish) for _, each in page],
            next=write_cursor(str(page[-1][0])) if len(found) > limit else None,
        )


def _position(cursor: str | None) -> int:
    text = read_cursor(cursor) or "0"
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise cursor_malformed()
    return int(text)


_DIGITS = 10


async def _known(kept: KeptImports, id: str) -> Imported:
    found = await kept.get(identifier(id))
    if found is None:
        raise unknown("import")
    return found


def _report(found: Imported) -> Report:
    return Report.model_validate(found.report, strict=False)


def _summary(found: Imported) -> ImportSummary:
    said = found.report
    return ImportSummary(
        id=found.id,
        by=found.by,
        at=found.at,
        source=said["source"],
        dry_run=said["dry_run"],
        problem_count=said["problem_count"],
    )
