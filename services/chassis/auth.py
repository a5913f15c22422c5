"""Who is calling: staff by their OpenID access token, services by a signed token of their own.

Staff tokens are checked at the provider's userinfo endpoint (OpenID Connect Core 1.0, 5.3), which
also takes the opaque tokens that several school providers issue. Services sign ES256 tokens; the
public keys are part of the installation.
"""

import base64
import ipaddress
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import httpx2
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from services.chassis.acting import Acting, ActorKind, Via, set_acting
from services.chassis.errors import EnlaceError, Kind, forbidden, unknown
from services.chassis.ids import new_id
from services.chassis.telemetry import current_traceparent

ROLES_CLAIM = "enlace_roles"
ALGORITHM = "ES256"
SERVICE_TOKEN_SECONDS = 300
ACCOUNT_CLAIM = "account"
"""Of a claimant's token: whose account it is, where somebody has signed in."""

CACHE_SECONDS = 60.0
_CACHE_SIZE = 5_000
_DOTS_OF_A_JWT = 2


class Role(StrEnum):
    """What somebody may be. Most roles are held for one site or agency.

    `staff` is anybody who works at a school: they ask for help for a child, and hear that it was
    received and handled; they see nothing else.

    At an agency, `agency` answers: offers, seats, who a child is that it took, how the help goes.
    `agency-admin` sees to its people, agreements, keys and endpoints, and sees no child: whoever
    looks after a system need not. Somebody may hold both.
    """

    COORDINATOR = "coordinator"
    CARE_TEAM = "care-team"
    AGENCY = "agency"
    AGENCY_ADMIN = "agency-admin"
    LEADERSHIP = "leadership"
    STAFF = "staff"
    ADMIN = "admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SERVICE = "service"
    CLAIMANT = "claimant"


OF_AGENCY = (Role.AGENCY, Role.AGENCY_ADMIN)
"""The roles of an agency's own staff."""

Grants = frozenset[tuple[Role, str]]
"""(role, scope); the scope is a site, an agency, a service's name, `*` or empty."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Which request somebody makes, and where from, as far as an audit may keep it.

    Attributes:
        request: the trace id, under which logs and traces have it too; empty outside of a request.
        address: the network that it came from (/24, or /48 of IPv6), not the machine.
        reading: whether it only reads.
        via: the portal, where the caller says that it is; otherwise a client of the API.
    """

    request: str = ""
    address: str = ""
    reading: bool = False
    via: Via = Via.API


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who has proved who they are.

    Attributes:
        subject: the provider's id, or the service's name.
        name: to be shown to colleagues; never logged.
        grants: what they may be, and where.
        claims: of a token that a service signed, for what it vouches.
        origin: the request in which they have proved it.
    """

    subject: str
    name: str
    grants: Grants
    claims: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin = Origin()

    def has(self, *roles: Role) -> bool:
        """Tell whether one of these roles is held, anywhere."""
        return any(role in roles for role, _ in self.grants)

    def holds(self, role: Role, scope: str) -> bool:
        """Tell whether a role is held for this site or agency."""
        return (role, scope) in self.grants or (role, "*") in self.grants

    def works_for(self, agency: str) -> bool:
        """Tell whether somebody is of an agency's own staff, whatever they do there."""
        return any(self.holds(role, agency) for role in OF_AGENCY)

    @property
    def agencies(self) -> frozenset[str]:
        """The agencies of whose staff somebody is."""
        return frozenset(scope for role, scope in self.grants if role in OF_AGENCY)

    def sites(self, *roles: Role) -> frozenset[str]:
        """Return the sites for which one of these roles is held; `*` for all."""
        if self.has(Role.ADMIN):
            return frozenset({"*"})
        return frozenset(scope for role, scope in self.grants if role in roles)

    @property
    def led(self) -> frozenset[str]:
        """The schools whose lead this is, to whom goes up what waits there too long.

        Each `leadership` of a named school is its lead. For all schools (`*`) it is the district's
        leadership team, which leads none of them: what goes beyond a school is its administrators'.
        """
        return frozenset(
            scope for role, scope in self.grants if role is Role.LEADERSHIP and scope != "*"
        )

    def need_site(self, site: str, *roles: Role, what: str) -> None:
        """Pass only who holds one of these roles at the site.

        Raises:
            EnlaceError: not found; who may not know of a thing is not told that it exists.
        """
        if not {"*", site} & self.sites(*roles):
            raise unknown(what)


def grants_of(texts: object) -> Grants:
    """Read `role:scope` texts of a claim; what is not understood grants nothing."""
    found = set()
    for text in texts if isinstance(texts, list) else []:
        name, _, scope = str(text).partition(":")
        # A staff claim can never make somebody a service, nor the staff of every agency.
        of_all = name in OF_AGENCY and scope in {"", "*"}
        if name in set(Role) - {Role.SERVICE, Role.CLAIMANT} and not of_all:
            found.add((Role(name), scope))
    return frozenset(found)


class ServiceIdentity:
    """Signs this service's own tokens, and checks those of the others."""

    def __init__(
        self, service: str, keys_dir: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self.service = service
        self._private = ECKey.import_key((keys_dir / f"{service}.pem").read_bytes())
        self._public = KeySet.import_key_set(_json(keys_dir / "services.jwks.json"))
        self._clock = clock

    def token(self, audience: str, **claims: str) -> str:
        """Return a token of five minutes for another service; `claims` say what it vouches for."""
        now = int(self._clock())
        return jwt.encode(
            {"alg": ALGORITHM, "kid": self.service},
            {
                "iss": f"enlace:{self.service}",
                "aud": audience,
                "iat": now,
                "exp": now + SERVICE_TOKEN_SECONDS,
                **claims,
            },
            self._private,
            algorithms=[ALGORITHM],
        )

    def check(self, token: str) -> Principal:
        """Return who signed it.

        Raises:
            EnlaceError: it is not signed by a service, not for this one, or too old.
        """
        try:
            signed = jwt.decode(token, self._public, algorithms=[ALGORITHM])
            jwt.JWTClaimsRegistry(
                now=int(self._clock()),
                aud={"essential": True, "value": self.service},
                iss={"essential": True},
                exp={"essential": True},
            ).validate(signed.claims)
        except (JoseError, ValueError, KeyError):
            raise _anonymous(
                "The token is not valid here.", "El token no es válido aquí."
            ) from None
        issuer = str(signed.claims["iss"]).removeprefix("enlace:")
        if signed.header.get("kid") != issuer:
            raise _anonymous(
                "The token names another issuer than its key.",
                "El token nombra a otro emisor que su clave.",
            )
        role = Role.CLAIMANT if "claim" in signed.claims else Role.SERVICE
        return Principal(issuer, issuer, frozenset({(role, issuer)}), signed.claims)


class Authenticator:
    """Turns a bearer token into a principal."""

    def __init__(self, issuer: str, identity: ServiceIdentity, client: httpx2.AsyncClient) -> None:
        self._issuer = issuer.rstrip("/")
        self._identity = identity
        self._client = client
        self._userinfo: str | None = None
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()

    async def principal(self, authorization: str | None) -> Principal:
        """Return who is calling.

        Raises:
            EnlaceError: nobody that we know; or the provider cannot be reached.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise not_signed_in()
        if token.count(".") == _DOTS_OF_A_JWT and _issued_by_us(token):
            return self._identity.check(token)
        known = self._known.get(token)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        principal = await self._ask_provider(token)
        self._known[token] = (time.monotonic() + CACHE_SECONDS, principal)
        while len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return principal

    async def _ask_provider(self, token: str) -> Principal:
        try:
            if self._userinfo is None:
                found = await self._client.get(f"{self._issuer}/.well-known/openid-configuration")
                found.raise_for_status()
                self._userinfo = str(found.json()["userinfo_endpoint"])
            answer = await self._client.get(
                self._userinfo, headers={"Authorization": f"Bearer {token}"}
            )
        except (httpx2.HTTPError, KeyError, ValueError):
            raise _sign_in_away() from None
        if answer.is_server_error:
            raise _sign_in_away()
        if not answer.is_success:
            raise _anonymous(
                "Your sign-in has run out. Sign in again.",
                "Su sesión terminó. Inicie sesión de nuevo.",
            )
        try:
            claims = answer.json()
            return Principal(
                subject=str(claims["sub"]),
                name=str(claims.get("name", claims["sub"])),
                grants=grants_of(claims.get(ROLES_CLAIM)),
            )
        except (KeyError, ValueError, AttributeError, TypeError):
            raise _sign_in_away() from None


class Narrower(Protocol):
    """Says what a token's roles are worth now; `services.chassis.staff` does."""

    async def narrow(self, principal: Principal) -> Principal:
        """Return somebody with the roles that count."""
        ...


class Allow:
    """A dependency that states who may call an endpoint; a test walks all of them.

    `Allow()` without roles lets anybody in: the endpoint checks a link or a signature itself.

    Attributes:
        scope: of the keys that are let in beside the roles; None: no key is.
    """

    scope: str | None = None

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Principal:
        """Return the caller.

        Raises:
            EnlaceError: nobody known, or none of the roles.
        """
        if not self.roles:
            return Principal("anonymous", "", frozenset())
        authenticator: Authenticator = request.app.state.authenticator
        register: Narrower | None = request.app.state.register
        principal = await authenticator.principal(request.headers.get("Authorization"))
        if register is not None:
            principal = await register.narrow(principal)
        if not principal.has(*self.roles):
            raise not_allowed()
        origin = _origin(request)
        set_acting(_acting(principal, origin))
        return replace(principal, origin=origin)


_NETWORKS = {4: 24, 6: 48}
_READING = frozenset({"GET", "HEAD"})


CLIENT_HEADER = "X-Enlace-Client"
"""By which the portal says that a person acts on its pages."""


def _acting(principal: Principal, origin: Origin) -> Acting:
    """Return a caller as the event log keeps them."""
    claimed = principal.claims.get("agency")
    if principal.has(Role.CLAIMANT) and isinstance(claimed, str):
        by_account = ACCOUNT_CLAIM in principal.claims
        via = origin.via if by_account else Via.AGENCY_LINK
        return Acting(ActorKind.AGENCY, claimed, via, origin.address, origin.request)
    kind = ActorKind.SERVICE if principal.has(Role.SERVICE) else ActorKind.STAFF
    return Acting(kind, principal.subject, origin.via, origin.address, origin.request)


def _origin(request: Request) -> Origin:
    trace = (current_traceparent() or "").split("-")
    host = request.client.host if request.client else ""
    return Origin(
        request=trace[1] if len(trace) > 1 else new_id().replace("-", ""),
        address=network_of(host),
        reading=request.method in _READING,
        via=Via.PORTAL if request.headers.get(CLIENT_HEADER) == Via.PORTAL else Via.API,
    )


def network_of(host: str) -> str:
    """Return the network of an address: enough to tell a school from a foreign country.

    Empty for what is no address.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, _NETWORKS[address.version]), strict=False))


def _issued_by_us(token: str) -> bool:
    payload = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return False
    return isinstance(claims, dict) and str(claims.get("iss", "")).startswith("enlace:")


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def not_signed_in() -> EnlaceError:
    """Return the refusal of whoever sends no token."""
    return _anonymous(
        "Sign in first: send a bearer token.",
        "Inicie sesión primero: envíe un token de portador.",
    )


def not_allowed() -> EnlaceError:
    """Return the refusal of whoever is known and has not the role."""
    return forbidden(
        "Your role does not allow this. Ask your district's administrator.",
        es="Su función no permite esto. Consulte a la administración de su distrito.",
    )


def _anonymous(detail: str, es: str) -> EnlaceError:
    return EnlaceError("not-signed-in", Kind.ANONYMOUS, detail, es=es)


def _sign_in_away() -> EnlaceError:
    return EnlaceError(
        "sign-in-away",
        Kind.UNAVAILABLE,
        "The sign-in service does not answer. Nothing was changed: try again in a minute.",
        es="El servicio de inicio de sesión no responde. No se cambió nada: intente de "
        "nuevo en un minuto.",
    )
