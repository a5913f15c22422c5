"""Runs a service: settings from the environment, then its role until it is told to stop.

Whatever keeps it from starting is told in one line with what to do, for that line is what
`kubectl describe pod` shows of a container that ended.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from contracts.topic import TOPICS
from services.chassis import logs, memory, telemetry
from services.chassis.events.topics import make_topics
from services.chassis.kafka import client_security
from services.chassis.service import VERSION, Chassis, Parts, Service
from services.chassis.settings import Role, ServiceSettings
from services.chassis.starting import NotStartedError, settings_told, told

_LOOP: Callable[[], asyncio.AbstractEventLoop] | None = None
with contextlib.suppress(ImportError):  # there is no uvloop on Windows
    import uvloop

    _LOOP = uvloop.new_event_loop

BAD_SETTINGS, NOT_STARTED = 2, 3
"""Exit codes: what was told is wrong; what is needed is missing or refused."""

log = structlog.get_logger()

S = TypeVar("S", bound=ServiceSettings)


def run(service: str, build: Callable[[Chassis[S]], Parts], settings_class: type[S]) -> None:
    """Run a service with settings from the environment until it is told to stop."""
    settings = read_settings(service, settings_class)
    work = _prepare if settings.role is Role.PREPARE else _serve
    to_its_end(service, settings, lambda: work(service, build, settings))


def to_its_end(
    service: str, settings: ServiceSettings, work: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Run a process's work in a loop of its own; tell what keeps it from starting."""
    provider = telemetry.set_up(service, VERSION, settings.otlp_endpoint)
    log.info("service.starting", role=settings.role, port=settings.port, version=VERSION)
    try:
        with asyncio.Runner(loop_factory=_LOOP) as runner:
            runner.run(work())
    except NotStartedError as error:
        log.critical("service.not_started", why=error.why, next=error.what_next)
        sys.exit(NOT_STARTED)
    log.info("service.stopped")
    provider.shutdown()


def read_settings(service: str, settings_class: type[S]) -> S:
    """Read the settings and begin to log; where they are wrong, say which and end."""
    try:
        settings = settings_class()
    except ValidationError as error:
        logs.set_up(service, "info")
        log.critical("service.not_started", why=settings_told(error), next="Mend the settings.")
        sys.exit(BAD_SETTINGS)
    logs.set_up(service, settings.log_level)
    return settings


async def serve(app: FastAPI, settings: ServiceSettings, *, patience: int = 10) -> None:
    """Serve an app until the process is told to stop.

    On SIGTERM it takes no new connection, waits for the answers that are under way, and then ends
    the app's lifespan: consumers finish their slice and leave their group.

    Args:
        app: with everything it needs in its lifespan.
        settings: where it listens.
        patience: seconds that answers under way may still take.

    Raises:
        NotStartedError: its lifespan did not begin, or the port is taken.
    """
    failures = _watched(app)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        # Paths can hold links: no access log; our own telemetry names routes.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=patience,
    )
    try:
        await _Server(config).serve()
    except SystemExit:  # the server's own way to say that it did not start
        if failures:
            raise await told(failures[0], settings) from None
        raise NotStartedError(
            f"Port {settings.port} cannot be listened on.", "See who holds it, or set ENLACE_PORT."
        ) from None


class _Server(uvicorn.Server):
    """Ends when it is told to, and lets what follows it run.

    The library's own sends the signal to the process once more at its end, which kills it before
    its last spans have left.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second Ctrl-C waits for nothing."""
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _watched(app: FastAPI) -> list[Exception]:
    """Return a list that gets what keeps the app from starting: the server tells nobody."""
    failures: list[Exception] = []
    lifespan = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def watched(app: FastAPI) -> AsyncIterator[None]:
        begun = False
        try:
            async with lifespan(app):
                begun = True
                yield
        except Exception as error:
            if not begun:
                failures.append(error)
            raise

    app.router.lifespan_context = watched
    return failures


async def _serve(service: str, build: Callable[[Chassis[S]], Parts], settings: S) -> None:
    running = await _built(service, build, settings)
    memory.settle()
    await serve(running.app, settings)


async def _prepare(service: str, build: Callable[[Chassis[S]], Parts], settings: S) -> None:
    running = await _built(service, build, settings)
    try:
        await running.prepare()
        if settings.topic_replicas is not None:
            made = await make_topics(
                settings.kafka,
                settings.cell,
                [topic for topic in TOPICS if topic.owner == service],
                replicas=settings.topic_replicas,
                security=client_security(settings),
            )
            log.info("service.topics_made", topics=made)
    except Exception as error:
        raise await told(error, settings) from error
    finally:
        await running.close()
    log.info("service.prepared")


async def _built(service: str, build: Callable[[Chassis[S]], Parts], settings: S) -> Service:
    try:
        chassis = Chassis(service, settings)
        return Service(chassis, build(chassis))
    except Exception as error:
        raise await told(error, settings) from error
