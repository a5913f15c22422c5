"""Who is signed in: sessions, the portal's only data.

The cookie holds a random key. The database holds its hash, and the access token encrypted under
another hash of it: whoever reads the database can neither take a session over nor use its token.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.chassis.auth import Principal, grants_of
from services.chassis.database import Database

KEY_BYTES = 32
_HEADER = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        id: the row's; not the cookie.
        token: the provider's access token, which the services check.
    """

    id: str
    person: Principal
    token: str


class Sessions:
    """Sessions in collection `sessions`; the server removes those that have ended."""

    def __init__(self, database: Database, lifetime: timedelta) -> None:
        self._database = database
        self._rows = database["sessions"]
        self._lifetime = lifetime

    async def create_indexes(self) -> None:
        """Let the server remove ended sessions."""
        await self._rows.create_index("ends_at", expireAfterSeconds=0)

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            PyMongoError: it does not answer.
        """
        await self._database.ping()

    async def open(self, token: str, claims: dict[str, object]) -> str:
        """Begin a session and return the cookie's key.

        `claims` are the provider's; only subject, name and roles are kept.
        """
        key = secrets.token_urlsafe(KEY_BYTES)
        now = datetime.now(UTC)
        roles = claims.get("enlace_roles")
        await self._rows.insert_one(
            {
                "_id": _id(key),
                "subject": str(claims["sub"]),
                "name": str(claims.get("name", claims["sub"])),
                "roles": [str(role) for role in roles] if isinstance(roles, list) else [],
                "token": jwe.encrypt_compact(_HEADER, token, _token_key(key)),
                "begun_at": now,
                # Real time: what ends a session never follows a movable clock.
                "ends_at": now + self._lifetime,
            }
        )
        return key

    async def find(self, key: str | None) -> Session | None:
        """Return the session of a cookie's key, or None where it has ended."""
        if not key:
            return None
        row = await self._rows.find_one({"_id": _id(key), "ends_at": {"$gt": datetime.now(UTC)}})
        if row is None:
            return None
        try:
            token = jwe.decrypt_compact(row["token"], _token_key(key)).plaintext
        except (JoseError, ValueError):
            return None
        person = Principal(row["subject"], row["name"], grants_of(row["roles"]))
        return Session(row["_id"], person, (token or b"").decode())

    async def end(self, key: str | None) -> None:
        """End a session at once."""
        if key:
            await self._rows.delete_one({"_id": _id(key)})


def _id(key: str) -> str:
    return hashlib.sha256(b"session id " + key.encode()).hexdigest()


def _token_key(key: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"session token " + key.encode()).digest())
