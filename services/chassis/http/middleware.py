"""What every request passes through before its route: the limit of its body, and its span.

Plain ASGI: a request costs two calls more, and a stream is passed on as it comes.
"""

from collections.abc import Mapping

from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.acting import acting_as
from services.chassis.http import problems
from services.chassis.limits import Largest, too_large
from services.chassis.telemetry import continuing


class BodyLimit:
    """Refuses bodies that are too large, or do not say how large they are, before any is read.

    Args:
        most: the largest body.
        large: the same by path, where a path takes more.
    """

    def __init__(self, app: ASGIApp, *, most: Largest, large: Mapping[str, Largest]) -> None:
        self._app = app
        self._most = most
        self._large = large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            largest = self._large.get(scope["path"], self._most)
            if not _fits(Headers(scope=scope), largest.most):
                refusal = problems.answer_to(too_large(largest))
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _fits(headers: Headers, most: int) -> bool:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return False
    length = headers.get("content-length", "0")
    # "²" is a digit to Python, and no number.
    return length.isascii() and length.isdigit() and int(length[:20]) <= most


class RequestSpan:
    """Opens a span per request, as the child of the caller's, named after the route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        with continuing(
            Headers(scope=scope).get("traceparent"),
            method,
            SpanKind.SERVER,
            **{"http.request.method": method},
        ) as span:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    # The path could hold a link that acts for somebody; its pattern holds none.
                    route = getattr(scope.get("route"), "path", "unmatched")
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            # Nobody acts yet: whoever called before on this task is not who calls now.
            with acting_as(None):
                await self._app(scope, receive, watched)
