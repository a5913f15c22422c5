"""The running system's public APIs, as the people and programs outside of it use them.

Coordinators and operators call the services with their own tokens, agencies hold links and codes
that came by text or mail, families write texts. There is no other way in.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2

from deploy.local.personas import persona
from deploy.local.servers.oidc import access_token
from deploy.local.system.places import Ports, url

_MARKUP = re.compile(r"<(head|header|footer)\b.*?</\1>|<[^>]*>", re.DOTALL)


class RefusedError(Exception):
    """The system has refused a request; the text is its own."""

    def __init__(self, asked: str, status: int, detail: str) -> None:
        super().__init__(f"{asked}: {detail} (status {status})")
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to.

    Attributes:
        etag: the version of what is returned, None where there is none.
    """

    body: Any
    etag: str | None


@dataclass(slots=True)
class Client:
    """Calls the services of one local system.

    Args:
        ports: where its parts listen.
        at_once: how many requests are under way at the most.
    """

    ports: Ports
    at_once: int = 8
    _http: httpx2.AsyncClient = field(init=False, repr=False)
    _tokens: dict[str, str] = field(init=False, default_factory=dict, repr=False)
    _turns: asyncio.Semaphore = field(init=False, repr=False)

    async def __aenter__(self) -> Self:
        """Open connections."""
        # Servers close connections that rest for 5 s: ours are let go before.
        limits = httpx2.Limits(max_connections=self.at_once + 4, keepalive_expiry=2)
        # A proxy of the surroundings has nothing to do with the loopback address.
        self._http = httpx2.AsyncClient(timeout=30, trust_env=False, limits=limits)
        self._turns = asyncio.Semaphore(self.at_once)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close connections."""
        await self._http.aclose()

    def url(self, part: str) -> str:
        """Return a part's address."""
        return url(self.ports.by_name()[part])

    async def token(self, who: str) -> str:
        """Return a persona's access token, signing them in the first time.

        Raises:
            ServerError: the provider does not answer.
        """
        if who not in self._tokens:
            issuer = self.url("oidc")
            self._tokens[who] = await asyncio.to_thread(access_token, issuer, persona(who))
        return self._tokens[who]

    async def call(
        self,
        method: str,
        part: str,
        path: str,
        *,
        who: str | None = None,
        body: object = None,
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | list[str]] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Ask a part of the system.

        Args:
            method: of HTTP.
            part: a service, `carrier` or `mail`.
            path: within the part.
            who: the persona that asks; None for nobody.
            body: sent as JSON.
            etag: the version that was seen, for a change.
            headers: further ones.
            query: of the address.
            content: a zip archive, instead of JSON.

        Raises:
            RefusedError: the answer is no success.
        """
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {await self.token(who)}"
        if etag is not None:
            sent["If-Match"] = etag
        if content is not None:
            sent["Content-Type"] = "application/zip"
        async with self._turns:
            answer = await self._http.request(
                method,
                self.url(part) + path,
                json=body,
                content=content,
                headers=sent,
                params=dict(query) if query else None,
            )
        if not answer.is_success:
            raise RefusedError(f"{method} {part}{path}", answer.status_code, _detail(answer))
        is_json = "json" in answer.headers.get("content-type", "")
        return Answer(answer.json() if is_json else answer.text, answer.headers.get("etag"))

    async def form(self, path: str, fields: Mapping[str, str]) -> str:
        """Send one of the portal's forms, as a browser does; return the page that follows.

        Raises:
            RefusedError: the page says that it could not be done.
        """
        async with self._turns:
            answer = await self._http.post(
                self.url("portal") + path,
                data=dict(fields),
                headers={"Sec-Fetch-Site": "same-origin"},
                follow_redirects=True,
            )
        return self._page("POST", path, answer)

    async def page(self, path: str) -> str:
        """Return one of the portal's pages.

        Raises:
            RefusedError: it cannot be shown.
        """
        async with self._turns:
            answer = await self._http.get(self.url("portal") + path, follow_redirects=True)
        return self._page("GET", path, answer)

    def _page(self, method: str, path: str, answer: httpx2.Response) -> str:
        if not answer.is_success:
            # The link is the key: it stands in no error.
            shown = path.rsplit("/", maxsplit=1)[-1] if path.startswith(("/a/", "/d/")) else path
            what = " ".join(_MARKUP.sub(" ", answer.text).split())[:300]
            raise RefusedError(f"{method} portal …/{shown}", answer.status_code, what)
        return answer.text

    async def get(self, part: str, path: str, **how: Any) -> Any:
        """Return what an address holds."""
        return (await self.call("GET", part, path, **how)).body

    async def put(self, part: str, path: str, body: object, *, who: str) -> Answer:
        """Make something, or send the same again."""
        return await self.call("PUT", part, path, who=who, body=body)

    async def post(self, part: str, path: str, body: object = None, **how: Any) -> Answer:
        """Do something."""
        return await self.call("POST", part, path, body={} if body is None else body, **how)


def _detail(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
        fields = [f"{each['field']}: {each['what']}" for each in problem.get("fields", ())]
        return " ".join([str(problem["detail"]), *fields])
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.text[:300]
