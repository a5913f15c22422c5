"""Rosters over HTTP: a zip archive in, a report out."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from contracts.codes import Relation
from services.chassis.auth import Allow, Principal, Role
from services.chassis.store import Store
from services.referral.api.context import Context
from services.referral.imports.plan import Plan, make_plan
from services.referral.imports.report import Counts, RosterReport
from services.referral.imports.write import carry_out
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.roster import RosterPackage, read_roster

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a roster as it is sent: a large school's export takes one."""

PATH = "/v1/imports/roster"

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def imports_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["imports"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.post(PATH, openapi_extra=_BODY)
    async def import_roster(
        caller: staff,
        request: Request,
        site: Annotated[str, Query(max_length=64)],
        *,
        org: Annotated[
            str | None, Query(max_length=255, description="One organization of the roster only.")
        ] = None,
        tell: Annotated[
            list[Relation] | None,
            Query(
                description="Relations whose holders the school says may be told: it answers for "
                "custody papers. Nobody without.",
                max_length=8,
            ),
        ] = None,
        dry_run: Annotated[
            bool, Query(description="Tell what would happen, write nothing.")
        ] = False,
    ) -> RosterReport:
        """Take a school's roster in (School Data Sync v2.1, zipped): all of it or nothing.

        The same roster again changes nothing. Who may be told is never taken from it: the school
        says so with `tell`, or for one person at a time.
        """
        caller.need_site(site, Role.COORDINATOR, what="site")
        package = await asyncio.to_thread(_read, await request.body(), org)
        plan = await _plan(context, site, package)
        if not dry_run:
            await carry_out(context, plan, tell or ())
        return _report(plan, package, dry_run=dry_run)

    return router


def _read(archive: bytes, org: str | None) -> RosterPackage:
    """Read an archive; a large one takes seconds of computing.

    Raises:
        PackageRefusedError: it is no roster.
    """
    with tempfile.TemporaryDirectory(prefix="enlace-roster-") as folder:
        path = Path(folder, "roster.zip")
        path.touch(mode=0o600)
        path.write_bytes(archive)
        return read_roster(path, org)


async def _plan(context: Context, site: str, package: RosterPackage) -> Plan:
    keys = {context.sis_key(row.source_id): row.source_id for row in package.students}
    stored = await _found(context.store, {"site": site, "sis_key": {"$in": list(keys)}})
    brought = await _found(context.store, {"site": site, "roster": {"$type": "string"}})
    ids = {student.family for student in stored}
    families = context.store.find(Family, {"_id": {"$in": sorted(ids)}})
    return make_plan(
        site,
        package,
        today=local_date(context.clock.now(), context.settings.zone),
        secret=context.secret,
        students={keys[student.sis_key]: student for student in stored if student.sis_key},
        families={family.id: family async for family in families},
        brought=brought,
    )


async def _found(store: Store, query: dict[str, object]) -> list[Student]:
    return [student async for student in store.find(Student, query)]


def _report(plan: Plan, package: RosterPackage, *, dry_run: bool) -> RosterReport:
    return RosterReport(
        dry_run=dry_run,
        site=plan.site,
        students=_counts((each.known is None, each.changed) for each in plan.students),
        families=_counts((each.known is None, each.changed) for each in plan.families),
        contacts=_counts((each.known is None, each.changed) for each in plan.contacts),
        withdrawn=plan.withdrawn,
        ended=plan.ended,
        problems=package.problems,
        ignored=package.ignored,
        dropped=package.dropped,
    )


def _counts(records: Iterable[tuple[bool, bool]]) -> Counts:
    """Count records given as (is new, is changed)."""
    found = list(records)
    return Counts(
        created=sum(new for new, _ in found),
        changed=sum(changed and not new for new, changed in found),
        unchanged=sum(not changed for _, changed in found),
    )
