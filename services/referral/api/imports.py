"""Rosters over HTTP: a zip archive in, a report out, and the rows that somebody must mend."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import IO, Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from contracts.codes import Relation
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import Body, Identifier, identifier
from services.chassis.ids import new_id
from services.chassis.limits import Largest
from services.chassis.received import received
from services.chassis.tasks import end
from services.referral.api.context import Context
from services.referral.imports.bad_rows import BadRows
from services.referral.imports.report import RosterReport
from services.referral.imports.run import Import, Order, begin
from services.referral.model.roster_run import RosterRun, RunState
from services.referral.roster import Scope

LARGEST = Largest(
    256 * 1024 * 1024,
    "send the roster's files as one ZIP, one school at a time (`site` and `org`), or in parts with "
    "part=true: without it, whoever a part does not name would count as withdrawn",
    "envíe los archivos de la lista en un ZIP, una escuela a la vez (`site` y `org`), o por partes "
    "con part=true: sin eso, quien no esté en una parte contaría como dado de baja",
)
"""Bytes of a roster as it is sent: a large district's export, zipped, takes a tenth of it."""

PATH = "/v1/imports/roster"

log = structlog.get_logger()

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class RunView(Body):
    """How far an import is.

    Attributes:
        sites: the schools.
        preview: nothing is or was written.
        children: how many there are to be taken; 0 while the roster is read.
        handled: how many have been.
        gone: how many children of earlier rosters it does not name.
        slug: why it stopped, as a code.
        detail: the same in words, and what to do.
        detail_es: the same in Spanish.
        report: what it came to, once it is done; its problems are in the CSV of bad rows.
    """

    id: str
    sites: tuple[str, ...]
    preview: bool
    state: RunState
    started_at: datetime
    children: int
    handled: int
    gone: int
    slug: str | None
    detail: str | None
    detail_es: str | None
    report: RosterReport | None


_KILLED = (
    "The import was interrupted. What it has written is whole; send the same file again, and it "
    "goes on with the rest."
)
_KILLED_ES = (
    "La carga se interrumpió. Lo que guardó está completo; envíe el mismo archivo otra vez y sigue "
    "con lo que falta."
)


class RosterImports:
    """The imports that this process is at."""

    def __init__(self, context: Context, bad_rows: BadRows) -> None:
        self.context = context
        self.bad_rows = bad_rows
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop; what was written stays, and the same file goes on with it."""
        await end(self._tasks)

    def start(self, order: Order, held: contextlib.AsyncExitStack, file: IO[bytes]) -> None:
        """Take a roster in behind the answer; what holds its file lets it go at the end."""

        async def work() -> None:
            try:
                async with held:
                    await Import(self.context, self.bad_rows, order).take_in(file)
            except EnlaceError:
                return  # it stands in the import's record
            except Exception as error:
                # There, too; nobody else is told of what a task of its own raises.
                log.exception("roster.failed", run=order.run.id, error=type(error).__name__)

        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def imports_router(imports: RosterImports) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["imports"])
    context = imports.context
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.post(
        PATH,
        openapi_extra=_BODY,
        response_model=RosterReport,
        responses={202: {"model": RunView, "description": "Being taken in; ask how far it is."}},
    )
    async def import_roster(
        caller: staff,
        request: Request,
        site: Annotated[
            str | None,
            Query(max_length=64, description="The school; without it, the whole district."),
        ] = None,
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
            bool, Query(description="A preview: tell what would happen, write nothing.")
        ] = False,
        run: Annotated[
            str | None, Query(max_length=36, description="A UUIDv7 to ask for it by.")
        ] = None,
        preview: Annotated[
            str | None,
            Query(max_length=36, description="The preview that you looked at, by its id."),
        ] = None,
        part: Annotated[
            bool,
            Query(description="The roster is of a part: whoever it does not name has not left."),
        ] = False,
        wait: Annotated[
            bool, Query(description="False: answer at once (202), and ask how far it is later.")
        ] = True,
    ) -> Response | RosterReport:
        """Take a roster in (School Data Sync v2.1, zipped).

        All of it is read and checked before anything is written. The same roster again changes
        nothing; sent again after an interruption, it goes on with the rest. Who may be told is
        never taken from it: the school says so with `tell`, or for one person at a time.
        """
        scope = _scope(context, caller, site, org)
        confirmed = await _preview(context, caller, preview)
        async with contextlib.AsyncExitStack() as stack:
            file, digest = await stack.enter_async_context(received(request.stream()))
            now = datetime.now(UTC)
            recorded = await begin(
                context.store,
                RosterRun(
                    id=identifier(run or new_id()),
                    sites=_sites_of(scope),
                    org=org,
                    by=caller.subject,
                    digest=digest,
                    preview=dry_run,
                    started_at=now,
                    touched_at=now,
                ),
            )
            order = Order(recorded, scope, tuple(tell or ()), confirmed, part=part)
            if wait:
                return await Import(context, imports.bad_rows, order).take_in(file)
            imports.start(order, stack.pop_all(), file)
            answer = _view(recorded, now).model_dump(mode="json")
            return JSONResponse(answer, status_code=202)

    @router.get(PATH + "/{id}")
    async def get_import(id: Identifier, caller: staff) -> RunView:
        """Return how far an import is, and what it came to."""
        return _view(await _run_for(context, caller, id), datetime.now(UTC))

    @router.get(
        PATH + "/{id}/bad-rows",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def get_bad_rows(id: Identifier, caller: staff) -> StreamingResponse:
        """Return the rows that were not taken, as a CSV to mend.

        Mended, it goes back as `mended-rows.csv` in the same archive. It is kept for two weeks.
        """
        run = await _run_for(context, caller, id)
        return StreamingResponse(
            imports.bad_rows.read(run.id),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": 'attachment; filename="mended-rows.csv"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    @router.delete(PATH + "/{id}/bad-rows", status_code=204)
    async def forget_bad_rows(id: Identifier, caller: staff) -> None:
        """Destroy the rows of an import that were kept to be mended."""
        run = await _run_for(context, caller, id)
        await imports.bad_rows.forget(run.id)

    return router


def _scope(context: Context, caller: Principal, site: str | None, org: str | None) -> Scope:
    if site is not None:
        caller.need_site(site, Role.COORDINATOR, what="site")
        return Scope(site=site, org=org)
    if not caller.has(Role.ADMIN):
        raise EnlaceError(
            "site-missing",
            Kind.MALFORMED,
            "Say for which school the roster is; a whole district's is taken in by its admin.",
            es="Diga para qué escuela es la lista; la de todo un distrito la carga su "
            "administración.",
        )
    known = {each.sis_org: id for id, each in context.sites.all.items() if each.sis_org}
    return Scope(sites=known)


def _sites_of(scope: Scope) -> tuple[str, ...]:
    if scope.site is not None:
        return (scope.site,)
    return tuple(sorted((scope.sites or {}).values())) or ("*",)


async def _preview(context: Context, caller: Principal, id: str | None) -> RosterRun | None:
    if id is None:
        return None
    run = await _run_for(context, caller, id)
    if run.state is not RunState.PREVIEWED:
        raise EnlaceError(
            "no-preview",
            Kind.MALFORMED,
            "The preview that you name is none, or is not done yet.",
            es="La vista previa que nombra no existe o no ha terminado todavía.",
        )
    return run


async def _run_for(context: Context, caller: Principal, id: str) -> RosterRun:
    """Return an import of the caller's schools."""
    run = await context.store.get(RosterRun, identifier(id))
    if run is None:
        raise unknown("import")
    for site in run.sites:
        caller.need_site(site, Role.COORDINATOR, what="import")
    return run


def _view(run: RosterRun, now: datetime) -> RunView:
    state = run.state_at(now)
    killed = state is RunState.STOPPED and run.state is not RunState.STOPPED
    return RunView(
        id=run.id,
        sites=run.sites,
        preview=run.preview,
        state=state,
        started_at=run.started_at,
        children=run.children,
        handled=run.handled,
        gone=run.gone,
        slug="interrupted" if killed else run.slug,
        detail=_KILLED if killed else run.detail,
        detail_es=_KILLED_ES if killed else run.detail_es,
        report=RosterReport.model_validate_json(run.report) if run.report else None,
    )
