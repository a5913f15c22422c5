"""Who is signed in: sessions, the portal's only data.

The cookie holds a random key. The database holds its hash, and the person's name and access token
encrypted under another hash of it: whoever reads the database can neither take a session over, nor
use its token, nor read who it is.
"""

import hashlib
import json
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
        private = {"token": token, "name": str(claims.get("name", claims["sub"]))}
        await self._rows.insert_one(
            {
                "_id": _id(key),
                "subject": str(claims["sub"]),
                "roles": [str(role) for role in roles] if isinstance(roles, list) else [],
                "sealed": jwe.encrypt_compact(_HEADER, json.dumps(private), _seal_key(key)),
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
            opened = jwe.decrypt_compact(row["sealed"], _seal_key(key)).plaintext
            private = json.loads(opened or b"")
        except (JoseError, ValueError, KeyError):
            return None  # of an earlier release, or spoilt: sign in again
        person = Principal(row["subject"], private["name"], grants_of(row["roles"]))
        return Session(row["_id"], person, private["token"])

    async def end(self, key: str | None) -> None:
        """End a session at once."""
        if key:
            await self._rows.delete_one({"_id": _id(key)})


def _id(key: str) -> str:
    return hashlib.sha256(b"session id " + key.encode()).hexdigest()


def _seal_key(key: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"session token " + key.encode()).digest())
