"""The event viewer as a server on loopback: a page, its live rows, and the same as JSON."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from socket import socket
from typing import Annotated, Any

import structlog
import uvicorn
from aiokafka.errors import KafkaError
from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.local import stream
from deploy.local.viewer.memory import Memory
from services.chassis.tasks import end

HOST = "127.0.0.1"
SHOWN = 300

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

Referral = Annotated[str | None, Query(max_length=64)]

log = structlog.get_logger()


def create_app(kafka: str, cell: str) -> FastAPI:
    """Return the application; it reads Kafka while it runs.

    Args:
        kafka: `host:port` of the broker.
        cell: prefix of the topics.
    """
    memory = Memory()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        reading = asyncio.create_task(_read(kafka, cell, memory))
        try:
            yield
        finally:
            await end([reading])

    app = FastAPI(
        title="Event viewer",
        lifespan=lifespan,
        docs_url=None,  # its page would come from a CDN
        redoc_url=None,
        telemetry={"logs": False, "operation_spans": False},
    )
    app.state.memory = memory
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    _add_routes(app, memory)
    return app


def _add_routes(app: FastAPI, memory: Memory) -> None:
    @app.get("/health")
    async def health() -> JSONResponse:
        """Tell that the page is served."""
        return JSONResponse({"status": "alive"})

    @app.get("/ready")
    async def ready() -> JSONResponse:
        """Tell whether the page shows what comes: a broker that is away is waited for."""
        return JSONResponse({"reading": memory.reading}, 200 if memory.reading else 503)

    @app.get("/api/events")
    async def events(
        referral: Referral = None, limit: Annotated[int, Query(ge=1, le=5_000)] = SHOWN
    ) -> list[dict[str, Any]]:
        """Return the newest envelopes, oldest first."""
        found = memory.after(0, _given(referral), limit)
        return [event.envelope() for _, event in found]

    @app.get("/", response_class=HTMLResponse)
    async def page(request: Request, referral: Referral = None) -> HTMLResponse:
        """Show the newest events."""
        del request
        wanted = _given(referral)
        rows = memory.after(0, wanted, SHOWN)
        nonce = secrets.token_urlsafe(16)
        html = _templates.get_template("events.html").render(
            rows=rows, referral=wanted or "", nonce=nonce, last=rows[-1][0] if rows else 0
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
            "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        return HTMLResponse(
            html, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        )

    @app.get("/live", response_class=EventSourceResponse)
    async def live(
        referral: Referral = None,
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """Send each new row as HTML; its id is where a page that lost the line goes on."""
        resumed = last_event_id is not None and last_event_id.isdecimal()
        position = int(last_event_id or 0) if resumed else after
        with memory.listening() as more:
            while not memory.closing:
                more.clear()
                for number, event in memory.after(position, _given(referral), SHOWN):
                    position = number
                    html = _templates.get_template("_row.html").render(event=event)
                    yield ServerSentEvent(raw_data=html, id=str(number))
                await more.wait()


def _given(referral: str | None) -> str | None:
    return (referral or "").strip().lower() or None


async def _read(kafka: str, cell: str, memory: Memory) -> None:
    """Read Kafka until cancelled; a broker that is away is waited for."""
    while True:
        try:
            async with stream.opened(kafka, cell, from_start=not memory.after(0, None, 1)) as line:
                while True:
                    if found := await line.read(1.0):
                        memory.add(found)
                    memory.reading = True
        except (KafkaError, OSError) as error:
            log.warning("viewer.waiting", error=type(error).__name__)
        except Exception as error:
            # The boundary: an onlooker that has gone blind would still show a page.
            log.exception("viewer.failed", error=type(error).__name__)
        finally:
            memory.reading = False
        await asyncio.sleep(1)


class ViewerServer(uvicorn.Server):
    """A server on loopback that ends the open pages' streams before it waits for requests."""

    def __init__(self, kafka: str, cell: str, port: int) -> None:
        app = create_app(kafka, cell)
        self._memory: Memory = app.state.memory
        super().__init__(
            uvicorn.Config(
                app,
                host=HOST,
                port=port,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        )

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop, without waiting for pages that would stay open for ever."""
        self._memory.close()
        await super().shutdown(sockets)
