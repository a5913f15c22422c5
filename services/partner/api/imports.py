"""Imports over HTTP: the package is the body, the answer is the report."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from services.chassis.auth import Allow, Principal, Role
from services.partner.api.context import Context
from services.partner.directory import read_directory
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

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def imports_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["imports"])

    importer = Importer(
        store=context.store,
        vault=context.vault,
        secret=context.secret,
        zone=context.settings.zone,
        clock=context.clock,
        asked_every=context.settings.entries_asked_every,
    )

    @router.post(PATH, openapi_extra=_BODY)
    async def import_(
        request: Request,
        caller: Annotated[Principal, Depends(Allow(Role.ADMIN))],
        *,
        dry_run: Annotated[bool, Query(description="Only tell what would happen.")] = False,
        source: Source = None,
    ) -> Report:
        """Take a service directory in: Open Referral HSDS 3.0 or Ohana, as one zip archive."""
        with tempfile.TemporaryDirectory(prefix="enlace-import-") as folder:
            path = Path(folder) / "directory.zip"
            with path.open("wb") as file:
                async for chunk in request.stream():
                    file.write(chunk)
            # Reading is all computing: in a thread, so that answers by link don't wait for it.
            needs = await context.district.needs()
            package = await asyncio.to_thread(read_directory, path, needs)
        return await import_directory(
            importer, package, source, needs, by=caller.subject, dry_run=dry_run
        )

    return router
