"""Keys by which an agency's own system calls: scoped, expiring, kept as a hash. Pure."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import ClassVar

from contracts.code import Code
from services.chassis.aggregate import Aggregate

PREFIX = "enlk_"
KEY_BYTES = 32
_SHOWN = len(PREFIX) + 6

MOST_KEYS = 10
LONGEST_DAYS = 366
BOTH_LIVE = timedelta(days=1)
"""How long a key that is replaced works beside its successor."""

USED_EVERY = timedelta(minutes=1)
"""How closely the last use is kept: not every call is a write."""


class Scope(Code):
    """What a key is good for."""

    FEED = "feed"
    WEBHOOKS = "webhooks"
    KEYS = "keys"
    FHIR = "fhir"
    PERFORMANCE = "performance"
    CAPACITY = "capacity"


class ApiKey(Aggregate):
    """A key of an agency's system.

    Attributes:
        hash: SHA-256 of the key; with 256 random bits it needs no salt.
        shown: its first characters, to tell keys apart.
        fingerprint: keyed hash of the body that made it.
    """

    COLLECTION: ClassVar[str] = "api_keys"

    agency: str
    name: str
    hash: str
    shown: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires: datetime
    last_used: datetime | None = None
    revoked: bool = False
    fingerprint: str = ""

    def works(self, now: datetime) -> bool:
        """Tell whether it opens anything now."""
        return not self.revoked and now < self.expires

    def used(self, now: datetime) -> "ApiKey | None":
        """Return it with its last use; None where that is close enough."""
        if self.last_used is not None and now - self.last_used < USED_EVERY:
            return None
        return self.having(last_used=now)

    def replaced(self, now: datetime) -> "ApiKey":
        """Return it as one that its successor stands in for."""
        return self.having(expires=min(self.expires, now + BOTH_LIVE))


def write_key(random: bytes) -> str:
    """Return a key as its holder is given it."""
    return PREFIX + base64.urlsafe_b64encode(random).rstrip(b"=").decode("ascii")


def hash_key(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8")).hexdigest()


def shown_of(key: str) -> str:
    """Return the part that may be shown."""
    return key[:_SHOWN]
