"""The FastAPI application that every service starts from."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from services.chassis.auth import Authenticator, Narrower
from services.chassis.http import openapi, problems
from services.chassis.http.middleware import BodyLimit, RequestSpan
from services.chassis.limits import Largest

MAX_BODY_BYTES = 256 * 1024
"""Bodies of commands; uploads and imports set their own limit."""


class Health(Protocol):
    """What readiness asks."""

    async def check(self) -> tuple[bool, dict[str, Any]]:
        """Tell whether work can be done here, and the parts of that answer."""
        ...

    async def stuck(self) -> list[str]:
        """Name what will not go on by itself, and would after a restart."""
        ...


def create_app(
    service: str,
    version: str,
    routers: Iterable[APIRouter],
    *,
    health: Health,
    authenticator: Authenticator | None,
    register: Narrower | None = None,
    max_body: int = MAX_BODY_BYTES,
    large_bodies: Mapping[str, Largest] | None = None,
    examples: openapi.Examples | None = None,
    mounts: Mapping[str, Iterable[APIRouter]] | None = None,
) -> FastAPI:
    """Return the app: problems, limits, health, telemetry and the service's routers.

    `large_bodies` gives paths that take more than `max_body` bytes; whoever reads such a body must
    check the caller first. `mounts` are further APIs, each behind its path; limits and telemetry
    are the whole app's.
    """
    app = _api(f"Enlace {service}", version, routers, authenticator, register)
    _add_health(app, health)
    app.add_middleware(BodyLimit, most=Largest(max_body), large=large_bodies or {})
    app.add_middleware(RequestSpan)
    openapi.describe(app, examples)
    for path, further in (mounts or {}).items():
        inner = _api(f"Enlace {service} {path}", version, further, authenticator, register)
        openapi.describe(inner, examples)
        app.mount(path, inner)
    return app


def _api(
    title: str,
    version: str,
    routers: Iterable[APIRouter],
    authenticator: Authenticator | None,
    register: Narrower | None,
) -> FastAPI:
    app = FastAPIOffline(
        title=title,
        version=version,
        # Paths can hold links that act for somebody: our own middleware records routes instead.
        telemetry={"logs": False, "operation_spans": False},
        # From here, not from a CDN: a district's firewall lets nothing else through, and nobody
        # outside is told who reads.
        docs_url="/docs",
        redoc_url=None,
        favicon_url="data:,",
    )
    app.state.authenticator = authenticator
    app.state.register = register
    problems.install(app)
    for router in routers:
        app.include_router(router)
    return app


def _add_health(app: FastAPI, health: Health) -> None:
    @app.get("/health", include_in_schema=False)
    async def alive() -> JSONResponse:
        """Tell that the process runs its loop, and that a restart would mend nothing."""
        stuck = await health.stuck()
        if stuck:
            return JSONResponse({"status": "stuck", "groups": stuck}, status_code=503)
        return JSONResponse({"status": "alive"})

    @app.get("/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        """Tell whether it can do its work: database, consumers with progress, relay."""
        good, parts = await health.check()
        return JSONResponse({"ready": good, **parts}, status_code=200 if good else 503)
