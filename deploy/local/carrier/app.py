"""Puts the simulator together, and makes the server that runs it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from socket import socket

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.local.carrier import api, control, pages
from deploy.local.carrier.callbacks import Courier
from deploy.local.carrier.clock import Clock
from deploy.local.carrier.database import open_database
from deploy.local.carrier.errors import (
    Problem,
    TwilioError,
    malformed_response,
    problem_response,
    twilio_error_response,
)
from deploy.local.carrier.exchange import Exchange
from deploy.local.carrier.feed import Feed
from deploy.local.carrier.parts import Here, Parts
from deploy.local.carrier.settings import Options, SettingsBook
from services.chassis.tasks import end

HOST = "127.0.0.1"
_LARGEST_REQUEST = 1_000_000
_log = logging.getLogger("uvicorn.error")


def create_app(options: Options) -> FastAPI:
    """The simulator as an ASGI application; its worker runs while the application does.

    Raises:
        HomeInUseError: Another simulator runs on the same home.
    """
    connection = open_database(options.home)
    settings = SettingsBook(connection, options.settings)
    clock, feed, wake = Clock(options.clock_file), Feed(), asyncio.Event()
    exchange = Exchange(
        connection=connection,
        options=options,
        settings=settings,
        clock=clock,
        feed=feed,
        wake=wake.set,
    )
    courier = Courier(
        options=options, settings=settings, clock=clock, feed=feed, exchange=exchange, wake=wake
    )
    parts = Parts(options, settings, clock, feed, exchange, courier)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        parts.working = asyncio.create_task(courier.run())
        parts.working.add_done_callback(_report)
        try:
            yield
        finally:
            await end([parts.working])
            connection.close()

    app = FastAPI(
        title="Carrier simulator",
        lifespan=lifespan,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        telemetry={"logs": False, "operation_spans": False},
        max_body_size=_LARGEST_REQUEST,
    )
    app.state.parts = parts
    # A name that somebody else's DNS points at this machine is not this machine.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    app.add_exception_handler(TwilioError, twilio_error_response)
    app.add_exception_handler(Problem, problem_response)
    app.add_exception_handler(RequestValidationError, malformed_response)
    app.include_router(api.routes)
    app.include_router(control.routes)
    app.include_router(pages.routes)
    app.add_api_route("/health", health)
    return app


def _report(working: asyncio.Task[None]) -> None:
    """Say at once that the worker has died; until a restart nothing is delivered."""
    if not working.cancelled() and (error := working.exception()) is not None:
        _log.error("The carrier's queue has stopped; restart the simulator", exc_info=error)


async def health(here: Here) -> JSONResponse:
    """Ready while the worker of the queue is alive."""
    alive = here.working is not None and not here.working.done()
    document = {"status": "ok" if alive else "stopped", "deliveries": here.exchange.queue.counts()}
    return JSONResponse(document, 200 if alive else 503)


class CarrierServer(uvicorn.Server):
    """A server on loopback that ends the open pages' streams before it waits for requests."""

    def __init__(self, options: Options, port: int) -> None:
        app = create_app(options)
        self._parts: Parts = app.state.parts
        super().__init__(
            uvicorn.Config(
                app,
                host=HOST,
                port=port,
                log_level="warning",
                # A path holds a phone number.
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop, without waiting for pages that would stay open for ever."""
        self._parts.feed.close()
        await super().shutdown(sockets)
