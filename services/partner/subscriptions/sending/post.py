"""One delivery over HTTP: to the address that was checked, without redirects, for 15 s at most."""

import asyncio
import dataclasses
import email.utils
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import aiohttp
from yarl import URL

from services.partner.subscriptions.model.address import RefusedAddressError, Target, read_url
from services.partner.subscriptions.model.attempt import MOST_RESPONSE
from services.partner.subscriptions.sending.resolve import LookUp, UnknownNameError, addresses_of

TIMEOUT = 15.0
"""Seconds for everything: finding the address, connecting, and the answer."""

_HEADERS = {"User-Agent": "Enlace-Webhooks/1.0", "Accept": "*/*", "Accept-Encoding": "identity"}
_CONNECTIONS = 32
_KEPT_OPEN = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request.

    Attributes:
        status: of the response; None where there was none.
        error: why there was none, as a slug.
        response: its first bytes.
        took: milliseconds.
        asked: for how long the receiver asked to be left alone.
    """

    status: int | None = None
    error: str | None = None
    response: bytes = b""
    took: int = 0
    asked: timedelta | None = None

    @property
    def good(self) -> bool:
        """Whether it was delivered: 2xx alone; a redirect is a failure."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == HTTPStatus.GONE


class Caller:
    """Calls one endpoint, over connections of its own.

    Shared ones could be slowed by another agency, and one made for another name at the same
    address would carry what that name's certificate does not cover.

    Args:
        local: take plain http to this machine.
        trust: certificates that are believed; None: the usual ones.
    """

    def __init__(
        self,
        url: str,
        look_up: LookUp,
        *,
        local: bool,
        trust: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.url = url
        self._look_up = look_up
        self._local = local
        self._timeout = timeout
        self._trust: ssl.SSLContext | bool = trust or True
        self._open: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        """Its connections. They know no proxy and no cookie, and have no time of their own."""
        if self._open is None:
            self._open = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEPT_OPEN),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
            )
        return self._open

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request. Whatever goes wrong is an answer too."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._post(body, headers)
        except TimeoutError:
            answer = Answer(error="timed-out")
        except RefusedAddressError as error:
            answer = Answer(error=error.slug)
        except UnknownNameError:
            answer = Answer(error="unknown-name")
        except aiohttp.ClientSSLError:
            answer = Answer(error="certificate-refused")
        except aiohttp.ClientConnectorError:
            answer = Answer(error="not-connected")
        except (aiohttp.ClientError, OSError):
            answer = Answer(error="no-answer")
        return dataclasses.replace(answer, took=int((time.monotonic() - started) * 1000))

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        target = read_url(self.url, local=self._local)
        found = await addresses_of(target, self._look_up, local=self._local)
        for address in found[:-1]:
            try:
                return await self._send(target, address, body, headers)
            except aiohttp.ClientConnectorError:
                continue  # nothing was sent yet: the next address may be reached
        return await self._send(target, found[-1], body, headers)

    async def _send(
        self, target: Target, address: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        host = f"[{address}]" if ":" in address else address
        async with self._session.post(
            URL(f"{target.scheme}://{host}:{target.port}{target.path}", encoded=True),
            data=body,
            headers={"Host": target.authority, **_HEADERS, **headers},
            allow_redirects=False,
            ssl=self._trust,
            server_hostname=target.host if target.scheme == "https" else None,
        ) as response:
            kept = await _first(response)
            asked = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            return Answer(status=response.status, response=kept, asked=asked)

    async def close(self) -> None:
        """Close its connections."""
        if self._open is not None:
            await self._open.close()


async def _first(response: aiohttp.ClientResponse) -> bytes:
    """Return a response's first bytes, unpacked by nobody; the rest, were it 10 GB, is not read."""
    kept = b""
    while len(kept) < MOST_RESPONSE and (more := await response.content.read(MOST_RESPONSE)):
        kept += more
    if not response.content.at_eof():
        response.close()
    return kept[:MOST_RESPONSE]


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Return for how long a receiver asks to be left alone: seconds, or a date (RFC 9110)."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        at = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta())
