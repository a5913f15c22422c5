"""One delivery over HTTP: to the address that was checked, without redirects, for 15 s at most."""

import asyncio
import email.utils
import ssl
import time
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2

from services.partner.subscriptions.model.address import RefusedAddressError, Target, read_url
from services.partner.subscriptions.model.attempt import MOST_RESPONSE
from services.partner.subscriptions.sending.resolve import LookUp, UnknownNameError, addresses_of

TIMEOUT = 15.0
"""Seconds for everything: finding the address, connecting, and the answer."""

_HEADERS = {"User-Agent": "Enlace-Webhooks/1.0", "Accept": "*/*", "Accept-Encoding": "identity"}
_LIMITS = httpx2.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=5.0)
_GONE = 410


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
        return self.status is not None and httpx2.codes.is_success(self.status)

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == _GONE


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
        # A transport alone knows no proxies, redirects and cookies: what was checked is what is
        # connected to. It also does half of a client's work.
        self._transport = httpx2.AsyncHTTPTransport(
            verify=trust or True, trust_env=False, limits=_LIMITS
        )
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout)

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
        except httpx2.TimeoutException:
            answer = Answer(error="timed-out")
        except httpx2.ConnectError as error:
            secure = isinstance(error.__context__, ssl.SSLError) or "SSL" in str(error)
            answer = Answer(error="certificate-refused" if secure else "not-connected")
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError):
            answer = Answer(error="no-answer")
        return Answer(
            status=answer.status,
            error=answer.error,
            response=answer.response,
            took=int((time.monotonic() - started) * 1000),
            asked=answer.asked,
        )

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        target = read_url(self.url, local=self._local)
        found = await addresses_of(target, self._look_up, local=self._local)
        for address in found[:-1]:
            try:
                return await self._send(target, address, body, headers)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # nothing was sent yet: the next address may be reached
        return await self._send(target, found[-1], body, headers)

    async def _send(
        self, target: Target, address: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        host = f"[{address}]" if ":" in address else address
        request = httpx2.Request(
            "POST",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            content=body,
            headers={"Host": target.authority, **_HEADERS, **headers},
            extensions={"sni_hostname": target.host, "timeout": self._timeouts},
        )
        response = await self._transport.handle_async_request(request)
        try:
            kept = bytearray()
            async for chunk in _chunks(response):
                kept += chunk[: MOST_RESPONSE - len(kept)]
                if len(kept) >= MOST_RESPONSE:
                    break  # the rest, were it 10 GB, is never read
            asked = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            return Answer(status=response.status_code, response=bytes(kept), asked=asked)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close its connections."""
        await self._transport.aclose()


def _chunks(response: httpx2.Response) -> AsyncIterable[bytes]:
    """Return a response's bytes as they come, unpacked by nobody.

    Raises:
        TypeError: the transport is not an asynchronous one: a mistake of the code.
    """
    if not isinstance(response.stream, AsyncIterable):
        raise TypeError("not an asynchronous response")
    return response.stream


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
