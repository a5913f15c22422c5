"""The services that the pages read and act through, each with the caller's own token or link."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx2
import structlog

from services.chassis.acting import Via
from services.chassis.auth import CLIENT_HEADER
from services.portal.client import client_address
from services.portal.errors import PageError, SignedOutError
from services.portal.settings import PortalSettings

log = structlog.get_logger()


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
        headers = _headers(token, link)
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        return await self._call("POST", service, path, headers, json=body)

    async def put(
        self, service: str, path: str, body: Mapping[str, Any], *, token: str | None = None
    ) -> Any:
        """Make something under an id of our own making; the same again changes nothing.

        Raises:
            PageError: the service refused, or does not answer.
            SignedOutError: the token has run out.
        """
        return await self._call("PUT", service, path, _headers(token, None), json=body)

    async def _call(
        self, method: str, service: str, path: str, headers: Mapping[str, str], **more: Any
    ) -> Any:
        try:
            answer = await self._http.request(
                method, f"{self._bases[service].rstrip('/')}{path}", headers=headers, **more
            )
            body = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("portal.service_away", service=service, error=type(error).__name__)
            raise PageError(HTTPStatus.SERVICE_UNAVAILABLE) from None
        if answer.is_success:
            return body
        if answer.status_code == HTTPStatus.UNAUTHORIZED and "X-Enlace-Link" not in headers:
            raise SignedOutError
        slug = str(body.get("type", "")).rpartition("/")[2] if isinstance(body, dict) else ""
        if answer.is_server_error:
            log.warning("portal.service_failed", service=service, status=answer.status_code)
            raise PageError(HTTPStatus.SERVICE_UNAVAILABLE)
        raise PageError(answer.status_code, slug or None)


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
