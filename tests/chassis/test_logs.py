"""What leaves by logs and traces: ids, codes, classes and places. Never what was sent."""

import asyncio
import contextlib
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from contracts.cloudevents import Envelope
from contracts.referrals import ReferralCompleted
from services.chassis import logs, telemetry
from services.chassis.consumer.reactions import Reactions
from tests.chassis.build import (
    completed,
    create_topics,
    database,
    eventually,
    group,
    producer,
    send,
    worker,
)
from tests.servers import Cell

MARK = "Marisol Quintanilla-Testperson"


@contextlib.contextmanager
def as_in_production() -> Iterator[None]:
    """Log as a service does, at its most talkative, to what is captured now; then put it back."""
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    logs.set_up("test", "debug")
    structlog.configure(cache_logger_on_first_use=False)  # nothing of it must outlive the test
    try:
        yield
    finally:
        root.handlers, root.level, sys.excepthook, threading.excepthook = kept
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def fail() -> None:
    hidden = MARK
    try:
        raise KeyError(hidden)
    except KeyError as error:
        raise ValueError(f"no such person: {hidden}") from error


@as_in_production()
def test_an_exception_is_told_by_class_and_place_and_never_by_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("it.failed", key="r-1")
        logging.getLogger("some.library").exception("it failed")
    ours, library = lines(capsys)
    assert MARK not in json.dumps([ours, library])
    assert (ours["event"], ours["key"], ours["service"]) == ("it.failed", "r-1", "test")
    for told in (ours["exception"], library["exception"]):
        assert [cause["class"] for cause in told] == ["builtins.ValueError", "builtins.KeyError"]
        assert told[0]["frames"][-1].endswith(" fail")
        assert "test_logs.py:" in told[0]["frames"][-1]


@as_in_production()
def test_a_group_of_exceptions_is_told_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().error("failed", exc_info=ExceptionGroup("two", [ValueError(MARK)]))
    (told,) = lines(capsys)
    assert told["exception"][0]["group"][0][0]["class"] == "builtins.ValueError"
    assert MARK not in json.dumps(told)


async def test_a_task_that_nobody_waited_for_does_not_tell_its_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with as_in_production():
        loop = asyncio.get_running_loop()

        async def lost() -> None:
            raise ValueError(MARK)

        task = asyncio.create_task(lost())
        await asyncio.sleep(0.01)
        loop.call_exception_handler(
            {
                "message": "Task exception was never retrieved",
                "exception": task.exception(),
                "future": task,
            }
        )
        (told,) = lines(capsys)
        assert told["event"] == "Task exception was never retrieved"
        assert MARK not in json.dumps(told)


@as_in_production()
def test_a_crash_of_the_process_or_a_thread_is_a_line_like_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = ValueError(MARK)
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    captured = capsys.readouterr()
    assert MARK not in captured.out + captured.err
    events = [json.loads(line)["event"] for line in captured.out.splitlines()]
    assert events == ["process.crashed", "thread.crashed"]


async def test_nothing_of_an_event_or_a_record_reaches_the_log_at_any_level(
    cell: Cell, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_in_production():
        await create_topics(cell)
        marked = MARK.replace(" ", "-")
        async with database(cell) as data, producer(cell) as sender:
            reactions = Reactions()

            async def refuse(event: ReferralCompleted, _: Envelope) -> None:
                await data["people"].insert_one({"name": event.claim})
                await data["people"].find_one({"name": event.claim})
                raise ValueError(event.claim)

            reactions.on(ReferralCompleted, refuse)
            members = group(data, reactions)
            await send(sender, cell, completed("a", marked), 1, 2)
            topic = f"{cell.topic_prefix}referrals"
            for value in (marked.encode(), b'{"referral": {"x": "' + marked.encode() + b'"}}'):
                await sender.send_and_wait(topic, value, key=b"b", headers=[("ce_x", value)])
            async with worker(cell, members):

                async def all_parked() -> bool:
                    return await members.parked.count() == 4

                await eventually(all_parked, "all are parked")
        captured = capsys.readouterr()
        assert "consumer.parked" in captured.out
        assert marked not in captured.out + captured.err


def test_a_span_keeps_the_class_of_an_error_and_not_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("test"))
    with pytest.raises(ValueError, match=MARK), telemetry.continuing(None, "react", key="r-1"):
        raise ValueError(MARK)
    (span,) = exporter.get_finished_spans()
    assert MARK not in span.to_json()
    assert span.status.description == "ValueError"
    assert span.events == ()


def test_a_span_goes_on_where_the_event_s_trace_left_off(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("test"))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with telemetry.continuing(parent, "react"):
        inside = telemetry.current_traceparent()
    (span,) = exporter.get_finished_spans()
    context = span.get_span_context()
    assert context is not None
    assert f"{context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert inside is not None
    assert inside.startswith("00-0af7651916cd43dd8448eb211c80319c-")


@pytest.mark.parametrize(
    "traceparent",
    [
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "nonsense",
    ],
)
def test_a_header_is_read_as_the_library_reads_it(traceparent: str) -> None:
    theirs = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
    its = trace.get_current_span(theirs).get_span_context()
    ours = trace.get_current_span(telemetry._parent_of(traceparent)).get_span_context()
    assert ours.is_valid == its.is_valid
    if its.is_valid:
        assert ours == its


def test_what_could_hold_a_link_is_blanked_before_a_span_is_exported() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(telemetry.RedactPaths())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("GET", attributes={"url.path": "/l/secret", "n": 1}):
        pass
    (span,) = exporter.get_finished_spans()
    assert dict(span.attributes or {}) == {"url.path": "redacted", "n": 1}
