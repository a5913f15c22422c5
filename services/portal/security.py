"""What every answer and every command of a page must keep to, whatever the page is.

Commands from other websites are refused by what the browser says of where they come from
(Fetch Metadata, W3C; Origin, RFC 6454), so that no form needs a token of its own.
"""

from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.client import coming_from

log = structlog.get_logger()

LINKS = ("/a/", "/b/", "/d/", "/e/", "/f/", "/h/")
"""Addresses that hold a link which acts for somebody: nobody may learn them from us."""

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_POLICY = "; ".join(f"{what} {source}" for what, source in _SOURCES.items())
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(method: str, path: str, headers: Headers) -> bool:
    """Tell whether a command comes from another website."""
    if method in _SAFE:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    # A page behind a link sends no referrer, and old browsers then no origin either. There the
    # link itself is the leave to act: another website does not know it.
    if path.startswith(LINKS):
        return False
    origin = headers.get("origin", "")
    return not origin or urlsplit(origin).netloc != headers.get("host")


class Guard:
    """Refuses commands from elsewhere, and sets the headers that every answer carries.

    Args:
        app: what is guarded.
        refuse: answers a command from another website.
        fail: answers where the app failed. Here and not further out, so that this page too carries
            the headers.
        secure: whether people come by https.
    """

    def __init__(self, app: ASGIApp, *, refuse: ASGIApp, fail: ASGIApp, secure: bool) -> None:
        self._app = app
        self._refuse = refuse
        self._fail = fail
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add(MutableHeaders(scope=message), path)
            await send(message)

        foreign = is_foreign(scope["method"], path, Headers(scope=scope))
        try:
            with coming_from((scope.get("client") or ("",))[0]):
                await (self._refuse if foreign else self._app)(scope, receive, with_headers)
        except Exception as error:
            if begun:
                raise
            log.exception("portal.failed", error=type(error).__name__)
            await self._fail(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        # A page of its own kind may bring a narrower one.
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer" if path.startswith(LINKS) else "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if self._secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if not path.startswith("/static/"):
            headers["Cache-Control"] = "no-store"
