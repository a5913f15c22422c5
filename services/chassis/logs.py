"""Logs: JSON lines with ids and codes only.

An error is told by its class and its place in the code. Its text and local variables are never
written: they hold what was sent, and what was sent holds people.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog
from opentelemetry import trace
from structlog.types import EventDict, WrappedLogger

# Their lower levels tell whole commands, addresses or records.
_QUIET = (
    "aiokafka",
    "aiosmtplib",
    "authlib",
    "faststream",
    "httpcore2",
    "httpx2",
    "pymongo",
    "uvicorn.access",
    "uvicorn.error",
)

_MAX_FRAMES = 20
_MAX_CAUSES = 5


def describe_exception(error: BaseException) -> list[dict[str, Any]]:
    """Return an error and its causes, outermost first: class names and frames, never a text.

    Frames are `file:line function`, the place of the raise last.
    """
    told: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < _MAX_CAUSES:
        frames = traceback.extract_tb(seen.__traceback__)[-_MAX_FRAMES:]
        entry: dict[str, Any] = {
            "class": f"{type(seen).__module__}.{type(seen).__qualname__}",
            "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if isinstance(seen, BaseExceptionGroup):
            entry["group"] = [describe_exception(each) for each in seen.exceptions[:_MAX_CAUSES]]
        told.append(entry)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told


def set_up(service: str, level: str) -> None:
    """Log to standard output as JSON, the libraries' warnings and a crash included."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
    ]
    last: list[Any] = [_with_exception, structlog.processors.JSONRenderer(sort_keys=False)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, _first_line],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).propagate = True
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed


def _with_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


def _with_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by what may be told of it."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if isinstance(given, tuple):
        given = given[1]
    elif given and not isinstance(given, BaseException):
        given = sys.exc_info()[1]
    if isinstance(given, BaseException):
        event["exception"] = describe_exception(given)
    return event


def _first_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep the first line of a library's message: asyncio shows a task's error in the second."""
    event["event"] = str(event.get("event", "")).partition("\n")[0]
    return event


def _crashed(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, frames)
        return
    structlog.get_logger().critical("process.crashed", exc_info=error)


def _thread_crashed(args: threading.ExceptHookArgs) -> None:
    structlog.get_logger().critical("thread.crashed", exc_info=args.exc_value)
