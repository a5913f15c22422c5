"""The local district's OpenID Connect provider, where the invented personas sign in."""

import json
import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2

from deploy.local.personas import PERSONAS, Persona
from deploy.local.servers.errors import ServerError
from deploy.local.servers.module import ModuleServer

_TOKEN_SECONDS = 8 * 3600  # a working day
_DISCOVERY = "/.well-known/openid-configuration"


class OidcServer(ModuleServer):
    """A provider that knows the personas and any client.

    It keeps sessions and tokens in memory: after a restart everybody signs in again. Somebody
    who signs in under another name than a persona's gets no role.

    Args:
        home: folder of its log and pid file.
        port: loopback port.
    """

    def __init__(self, home: Path, port: int) -> None:
        arguments = ["--port", str(port), "--token-max-age", str(_TOKEN_SECONDS)]
        for each in PERSONAS:
            arguments += ["--user-claims", json.dumps(each.claims())]
        super().__init__(
            "oidc",
            home,
            "oidc_provider_mock",
            port,
            arguments=arguments,
            # One that is told to take warnings for errors answers 500 to every sign-in.
            env={"PYTHONWARNINGS": "ignore"},
            ready=_DISCOVERY,
        )

    @property
    def issuer(self) -> str:
        """The issuer that services and portal are told."""
        return self.url


def access_token(issuer: str, persona: Persona, *, client_id: str = "enlace-cli") -> str:
    """Sign a persona in as a browser would, and return their access token.

    The authorization-code flow over HTTP: the form that the provider shows is posted with the
    persona's name. The token is opaque; the provider's userinfo endpoint knows it.

    Args:
        issuer: a local provider's address.
        persona: who signs in.
        client_id: any name; this provider knows every client.

    Raises:
        ServerError: the provider does not answer, or refused.
    """
    back = "http://127.0.0.1/signed-in"  # nobody listens there: the code is read off the redirect
    state = secrets.token_urlsafe(16)
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "scope": "openid profile email",
        "state": state,
        "nonce": secrets.token_urlsafe(16),
    }
    try:
        with httpx2.Client(timeout=10, trust_env=False) as client:
            found = client.get(issuer.rstrip("/") + _DISCOVERY).raise_for_status().json()
            signed_in = client.post(
                found["authorization_endpoint"], params=asked, data={"sub": persona.key}
            )
            answer = parse_qs(urlsplit(signed_in.headers.get("location", "")).query)
            if answer.get("state") != [state] or "code" not in answer:
                raise ServerError(
                    f"The provider at {issuer} did not sign {persona.name} in "
                    f"(status {signed_in.status_code}). Is it the local system's own?"
                )
            token = client.post(
                found["token_endpoint"],
                data={
                    "grant_type": "authorization_code",
                    "code": answer["code"][0],
                    "redirect_uri": back,
                },
                auth=(client_id, "any secret will do"),
            ).raise_for_status()
            return str(token.json()["access_token"])
    except (httpx2.HTTPError, KeyError, ValueError) as error:
        raise ServerError(
            f"No token from the provider at {issuer}: {error}. Start the local system: make run"
        ) from error
