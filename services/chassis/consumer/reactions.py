"""Reactions: one event, one handler, database work in the slice's transaction."""

import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from opentelemetry.trace import SpanKind

from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.acting import acting_as, told_by
from services.chassis.consumer.applier import ContestedError, PassingError, RefusedError
from services.chassis.consumer.incoming import Incoming
from services.chassis.database import is_duplicate, is_passing
from services.chassis.errors import EnlaceError
from services.chassis.telemetry import continuing

E = TypeVar("E", bound=Event)
Handler = Callable[[Any, Envelope], Awaitable[None]]


class Reactions:
    """An applier that dispatches each event to the handlers of its class.

    Events without a handler only move the watermark.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[Handler]] = {}

    def on(self, kind: type[E], handler: Callable[[E, Envelope], Awaitable[None]]) -> None:
        """Call `handler` for each event of this class, in the order of registration."""
        self._handlers.setdefault(kind, []).append(handler)

    @property
    def topics(self) -> tuple[str, ...]:
        """Names of the topics that have a handler."""
        return tuple(sorted({kind.TOPIC.name for kind in self._handlers}))

    async def apply(self, records: Sequence[Incoming]) -> None:
        """Apply each record's event; see `Applier.apply`."""
        for record in records:
            if record.event is None or record.envelope is None:
                continue
            handlers = self._handlers.get(type(record.event), ())
            for handler in handlers:
                with (
                    continuing(
                        record.envelope.traceparent,
                        f"react {record.envelope.type}",
                        SpanKind.CONSUMER,
                        key=record.key,
                        sequence=record.envelope.sequence,
                    ),
                    acting_as(told_by(record.envelope.source)),
                ):
                    await _guarded(handler, record.event, record.envelope, record.offset)


async def _guarded(handler: Handler, event: Event, envelope: Envelope, offset: int) -> None:
    """Run a handler, sorting what it raises into passing and permanent."""
    try:
        await handler(event, envelope)
    except PassingError:
        raise
    except EnlaceError as error:
        raise RefusedError(offset, f"{error.slug}: {error.detail}") from error
    except Exception as error:
        if is_passing(error):
            raise
        if is_duplicate(error):
            raise ContestedError(offset, describe(error)) from error
        raise RefusedError(offset, describe(error)) from error


def describe(error: BaseException) -> str:
    """Return the error's class and place; never its text, which could hold what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
