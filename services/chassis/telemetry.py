"""Traces and metrics. The trace goes from the HTTP request through Kafka to the text message.

Only ids and names of routes are recorded: paths can hold links that act for somebody.
"""

import re
from contextvars import Token

import httpx2
from opentelemetry import context as otel_context
from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
tracer = trace.get_tracer("enlace")
meter = metrics.get_meter("enlace")

_REDACTED = ("url.path", "url.query", "url.full", "http.target", "http.url")


class RedactPaths(SpanProcessor):
    """Overwrites whatever could hold a magic link before a span is exported."""

    def on_start(self, span: Span, parent_context: otel_context.Context | None = None) -> None:
        """Blank the attributes that were set at the start."""
        del parent_context
        for name in _REDACTED:
            if span.attributes and name in span.attributes:
                span.set_attribute(name, "redacted")


def set_up(service: str, version: str, endpoint: str | None) -> TracerProvider:
    """Install tracing and metrics for this process; without an endpoint nothing leaves it.

    Trace ids exist all the same, so that logs and events can be joined by them.
    """
    resource = Resource.create({"service.name": f"enlace-{service}", "service.version": version})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(RedactPaths())
    if endpoint is not None:
        # A tenth of a service's start; a local system sends nothing anywhere.
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter,
        )
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )

        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces"))
        )
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(endpoint=f"{endpoint}/v1/metrics")
        )
        metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[reader]))
    trace.set_tracer_provider(provider)
    return provider


def current_traceparent() -> str | None:
    """Return the W3C header of the span in progress, or None outside of any."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


async def carry_trace(request: httpx2.Request) -> None:
    """Put the span in progress into a request's headers, as a hook of the HTTP client."""
    traceparent = current_traceparent()
    if traceparent is not None:
        request.headers["traceparent"] = traceparent


def _parent_of(traceparent: str) -> Context:
    """Return the context of a W3C header (Trace Context, 3.2.2).

    Read by hand where it is of version 00: the library's reader, which also looks for a state that
    events do not carry, took a third of what a span costs.
    """
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return _propagator.extract({"traceparent": traceparent})
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    remote = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return trace.set_span_in_context(NonRecordingSpan(remote), Context())


class continuing:  # noqa: N801 - used as a function; a generator would cost an event its half
    """Opens a span as the child of the one that `traceparent` names, for a `with` block.

    Of an error the span keeps the class alone: its text could hold what was sent.

    Args:
        traceparent: W3C header; None begins a trace.
        name: of the span.
        kind: of the span.
        attributes: ids, codes and names of routes.
    """

    __slots__ = ("_context", "_span", "_token")

    def __init__(
        self,
        traceparent: str | None,
        name: str,
        kind: SpanKind = SpanKind.INTERNAL,
        **attributes: str | int,
    ) -> None:
        parent = _parent_of(traceparent) if traceparent else None
        self._span = tracer.start_span(
            name,
            context=parent,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        )
        self._context = trace.set_span_in_context(self._span, parent)
        self._token: Token[Context] | None = None

    def __enter__(self) -> trace.Span:
        self._token = otel_context.attach(self._context)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if isinstance(error, Exception):
            self._span.set_status(StatusCode.ERROR, type(error).__name__)
        if self._token is not None:
            otel_context.detach(self._token)
        self._span.end()
