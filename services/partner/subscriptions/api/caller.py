"""Who calls: staff by their sign-in, an agency's own system by its key."""

from collections.abc import Sequence

from fastapi import Request

from services.chassis.acting import Acting, ActorKind, Via, set_acting
from services.chassis.auth import OF_AGENCY, Allow, Origin, Principal, Role, network_of
from services.chassis.errors import EnlaceError, Kind, forbidden, unknown
from services.partner.model.agency import Agency
from services.partner.subscriptions.handlers import Desk, change_key
from services.partner.subscriptions.model.key import PREFIX, ApiKey, Scope, hash_key
from services.partner.subscriptions.store import key_by_hash

_KEY = "api_key"
_READING = frozenset({"GET", "HEAD"})


class AllowKey(Allow):
    """A dependency that lets in these roles, and keys with a scope as staff of their agency.

    What a key opens is what its scope names: no endpoint without this dependency takes one.
    """

    def __init__(self, desk: Desk, scope: Scope, *roles: Role) -> None:
        super().__init__(*roles)
        self._desk = desk
        self.scope = scope.value
        self._needed = scope

    async def __call__(self, request: Request) -> Principal:
        """Return the caller.

        Raises:
            EnlaceError: nobody known, a key that works no longer, one without the scope, or one
                that calls too often.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.startswith(PREFIX):
            return await super().__call__(request)
        key = await self._open(token)
        await self._desk.rates.count(key.id, self._desk.clock.now())
        if self._needed not in key.scopes:
            raise forbidden(
                f"This key has not the scope `{self.scope}`. Make one that has.",
                es=f"Esta clave no tiene el permiso `{self.scope}`. Cree una que lo tenga.",
            )
        address = network_of(request.client.host) if request.client else ""
        set_acting(Acting(ActorKind.AGENCY, key.agency, Via.API, address))
        return Principal(
            subject=f"key:{key.id}",
            name=key.name,
            grants=frozenset((role, key.agency) for role in OF_AGENCY),
            claims={_KEY: key},
            origin=Origin(address=address, reading=request.method in _READING),
        )

    async def _open(self, token: str) -> ApiKey:
        now = self._desk.clock.now()
        key = await key_by_hash(self._desk.store, hash_key(token))
        agency = await self._desk.store.get(Agency, key.agency) if key else None
        if key is None or not key.works(now) or agency is None or agency.retired:
            raise EnlaceError(
                "key-not-valid",
                Kind.ANONYMOUS,
                "This key is not known, has expired or was revoked. Make a fresh one.",
                es="Esta clave no se conoce, venció o fue revocada. Cree una nueva.",
            )
        if key.used(now) is not None:
            await change_key(self._desk.store, key.id, lambda known: known.used(now))
        return key


def scopes_of(caller: Principal) -> Sequence[Scope] | None:
    """Return the scopes of the key that calls; None where somebody has signed in."""
    key = caller.claims.get(_KEY)
    return key.scopes if isinstance(key, ApiKey) else None


def agency_of(caller: Principal, named: str | None, role: Role = Role.AGENCY_ADMIN) -> str:
    """Return the agency that a call is about: the one named, or the caller's only one.

    Args:
        caller: a key, an agency's staff, or the district's administrator.
        named: by the call.
        role: that an agency's staff need there.

    Raises:
        EnlaceError: it is not the caller's, or cannot be told.
    """
    own = sorted(scope for held, scope in caller.grants if held is role)
    if named is not None:
        if caller.has(Role.ADMIN) or caller.holds(role, named):
            return named
        raise unknown("agency")
    if len(own) == 1:
        return own[0]
    raise EnlaceError(
        "agency-missing",
        Kind.MALFORMED,
        "Say which agency this is about: give its id as `agency`.",
        es="Diga de qué agencia se trata: dé su identificador como `agency`.",
    )


def need_own(caller: Principal, agency: str, what: str) -> None:
    """Pass the district's administrator, and who administers an agency for what is its own.

    No coordinator: with an agency's key one reads what every school offers it.

    Raises:
        EnlaceError: it is another agency's; whose it is is not told.
    """
    if not caller.has(Role.ADMIN) and not caller.holds(Role.AGENCY_ADMIN, agency):
        raise unknown(what)
