"""Signing in with OpenID Connect (authorization code with PKCE, RFC 7636), and out again."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog
from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from joserfc.errors import JoseError

from services.portal.errors import PageError
from services.portal.pages.context import Pages

log = structlog.get_logger()

SCOPES = "openid profile email"


def sign_in_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)
    settings = pages.settings
    oauth = OAuth()
    oauth.register(
        "enlace",
        client_id=settings.oidc_client,
        client_secret=settings.oidc_secret.get_secret_value(),
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPES,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
        },
    )

    @router.get("/welcome")
    async def welcome(request: Request) -> Response:
        """Say where one is; the button leads to the provider."""
        to = _local(request.query_params.get("to"))
        left = request.query_params.get("left") == "yes"
        return pages.page(request, "welcome.html", to=to, left=left)

    @router.get("/sign-in")
    async def sign_in(request: Request) -> Response:
        """Send the browser to the provider."""
        request.session["to"] = _local(request.query_params.get("to"))
        try:
            away: Response = await oauth.enlace.authorize_redirect(
                request, f"{settings.public_url.rstrip('/')}/signed-in"
            )
        except (httpx2.HTTPError, OAuthError, ValueError) as error:
            log.warning("portal.provider_away", error=type(error).__name__)
            raise PageError(503) from None
        return away

    @router.get("/signed-in")
    async def signed_in(request: Request) -> Response:
        """Take the provider's answer, begin a session, and go where one was going."""
        try:
            token: dict[str, Any] = await oauth.enlace.authorize_access_token(request)
            claims = dict(await oauth.enlace.userinfo(token=token))
            access = str(token["access_token"])
        except (OAuthError, JoseError, httpx2.HTTPError, KeyError, ValueError) as error:
            log.warning("portal.sign_in_failed", error=type(error).__name__)
            raise PageError(403, "sign-in-failed") from None
        to = _local(request.session.pop("to", None))
        request.session.clear()
        # A session that was open before is not taken over: the key is always a fresh one.
        await pages.sessions.end(request.cookies.get(pages.session_cookie))
        response = RedirectResponse(to, status_code=303)
        response.set_cookie(
            pages.session_cookie,
            await pages.sessions.open(access, claims),
            max_age=int(settings.session_lifetime.total_seconds()),
            path="/",
            httponly=True,
            samesite="lax",
            secure=settings.secure,
        )
        return response

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the session here."""
        await pages.sessions.end(request.cookies.get(pages.session_cookie))
        response = RedirectResponse("/welcome?left=yes", status_code=303)
        response.delete_cookie(
            pages.session_cookie,
            path="/",
            httponly=True,
            samesite="lax",
            secure=settings.secure,
        )
        return response

    return router


def _local(address: str | None) -> str:
    """Return an address of this site; another one, or none, is the start."""
    address = address or "/"
    parts = urlsplit(address)
    foreign = parts.scheme or parts.netloc or not address.startswith("/")
    # Browsers read a backslash as a slash: `/\evil.example` would be another host.
    return "/" if foreign or address[1:2] in {"/", "\\"} or "\\" in address else address
