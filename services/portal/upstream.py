"""The services that the pages read and act through, each with the caller's own token or link."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import httpx2
import structlog

from services.chassis.acting import Via
from services.chassis.auth import CLIENT_HEADER
from services.portal.client import client_address
from services.portal.errors import PageError, SignedOutError
from services.portal.settings import PortalSettings

log = structlog.get_logger()

LONGEST_PAGE = 200
"""Items of a list that a service gives at once."""


class Upstream:
    """Calls one service after another and turns refusals into pages.

    A link never stands in an address: it travels in a header that nobody logs.
    """

    def __init__(self, http: httpx2.AsyncClient, settings: PortalSettings) -> None:
        self._http = http
        self._bases = {
            "referral": settings.referral_url,
            "partner": settings.partner_url,
            "notify": settings.notify_url,
            "reporting": settings.reporting_url,
        }

    async def get(
        self,
        service: str,
        path: str,
        *,
        token: str | None = None,
        link: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read something.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        return await self._call("GET", service, path, _headers(token, link), params=params)

    async def every(
        self,
        service: str,
        path: str,
        *,
        token: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> list[Any]:
        """Read a whole list, page by page.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        found: list[Any] = []
        asked = {"limit": LONGEST_PAGE, **(params or {})}
        while True:
            page = await self.get(service, path, token=token, params=asked)
            found += page["items"]
            if page["next"] is None:
                return found
            asked["cursor"] = page["next"]

    async def post(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        *,
        token: str | None = None,
        link: str | None = None,
        seen: int | None = None,
    ) -> Any:
        """Do something; `seen` is the version that it was based on.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        headers = _headers(token, link) | _seen(seen)
        return await self._call("POST", service, path, headers, json=body)

    async def put(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        *,
        token: str | None = None,
        seen: int | None = None,
    ) -> Any:
        """Make something under an id of our own making; the same again changes nothing.

        `seen` is the version that a replacement is based on.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        headers = _headers(token, None) | _seen(seen)
        return await self._call("PUT", service, path, headers, json=body)

    async def delete(self, service: str, path: str, *, token: str) -> None:
        """Delete something; what is gone already is no error.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        headers = _headers(token, None)
        answer = await self._answer("DELETE", service, path, headers)
        if not answer.is_success:
            _refuse(answer, headers, service)

    async def put_file(
        self,
        service: str,
        path: str,
        content: bytes,
        *,
        token: str,
        params: Mapping[str, str],
    ) -> Any:
        """Hand a file in.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        headers = _headers(token, None) | {"Content-Type": "application/octet-stream"}
        return await self._call("PUT", service, path, headers, content=content, params=params)

    async def get_file(
        self, service: str, path: str, *, token: str, params: Mapping[str, str]
    ) -> tuple[bytes, str]:
        """Return a file and its media type.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        headers = _headers(token, None) | {"Accept": "*/*"}
        answer = await self._answer("GET", service, path, headers, params=params)
        if not answer.is_success:
            _refuse(answer, headers, service)
        return answer.content, answer.headers.get("content-type", "").split(";")[0]

    async def _call(
        self, method: str, service: str, path: str, headers: Mapping[str, str], **more: Any
    ) -> Any:
        answer = await self._answer(method, service, path, headers, **more)
        if not answer.is_success:
            _refuse(answer, headers, service)
        try:
            return answer.json()
        except ValueError:
            raise _away(service, "ValueError") from None

    async def _answer(
        self, method: str, service: str, path: str, headers: Mapping[str, str], **more: Any
    ) -> httpx2.Response:
        try:
            return await self._http.request(
                method, f"{self._bases[service].rstrip('/')}{path}", headers=headers, **more
            )
        except httpx2.HTTPError as error:
            raise _away(service, type(error).__name__) from None


def _away(service: str, error: str) -> PageError:
    log.warning("portal.service_away", service=service, error=error)
    return PageError(HTTPStatus.SERVICE_UNAVAILABLE)


def _refuse(answer: httpx2.Response, headers: Mapping[str, str], service: str) -> NoReturn:
    """Turn a refusal into a page.

    Raises:
        PageError: always, except where the reader has to sign in again.
        SignedOutError: the token has run out.
    """
    if answer.status_code == HTTPStatus.UNAUTHORIZED and "X-Enlace-Link" not in headers:
        raise SignedOutError
    if answer.is_server_error:
        log.warning("portal.service_failed", service=service, status=answer.status_code)
        raise PageError(HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        body = answer.json()
    except ValueError:
        raise _away(service, "ValueError") from None
    raise _refusal(answer.status_code, body)


def _refusal(status: int, body: object) -> PageError:
    """Return what a service refused, with its own words for it (RFC 9457)."""
    if not isinstance(body, dict):
        return PageError(status)
    slug = str(body.get("type", "")).rpartition("/")[2]
    said = {"en": body.get("detail"), "es": body.get("detail_es")}
    told = {language: text for language, text in said.items() if isinstance(text, str)}
    changes = body.get("meanwhile")
    meanwhile = [each for each in changes if isinstance(each, dict)] if changes else []
    return PageError(status, slug or None, told=told, meanwhile=meanwhile)


def _seen(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _headers(token: str | None, link: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json", CLIENT_HEADER: Via.PORTAL.value}
    address = client_address()
    if address:
        # A service on this side of the firewall believes it; the network alone is kept.
        headers["X-Forwarded-For"] = address
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if link is not None:
        headers["X-Enlace-Link"] = link
    return headers
