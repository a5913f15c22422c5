"""Guards the page that anybody can write on: so many an hour from one network, and for one school.

Counters in the portal's own database, so that every replica counts together. No address is kept:
its network stands there as a keyed hash, for an hour.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.chassis.auth import network_of
from services.chassis.database import Database

_SPAN = timedelta(hours=1)


class Floods:
    """Counts what came in the hour.

    Args:
        database: the portal's.
        key: keys the hashes of networks.
        per_network: at most from one network for one school; a school's own Wi-Fi is one, so that
            a room full of parents must fit.
        per_school: at most for one school.
    """

    def __init__(
        self, database: Database, key: bytes, *, per_network: int, per_school: int
    ) -> None:
        self._rows = database["help_counters"]
        self._key = key
        self._per_network = per_network
        self._per_school = per_school

    async def create_indexes(self) -> None:
        """Let the server remove counters that have run out."""
        await self._rows.create_index("ends_at", expireAfterSeconds=0)

    async def lets_pass(self, site: str, host: str) -> bool:
        """Count one for a school from an address; tell whether it is not too many yet."""
        now = datetime.now(UTC)  # real time: a guard never follows a movable clock
        hour = now.strftime("%Y%m%d%H")
        network = hmac.new(
            self._key, f"{hour} {network_of(host)}".encode(), hashlib.sha256
        ).hexdigest()
        if await self._count(f"{hour} {site} {network}", now) > self._per_network:
            return False
        return await self._count(f"{hour} {site}", now) <= self._per_school

    async def _count(self, id: str, now: datetime) -> int:
        try:
            return await self._add(id, now)
        except DuplicateKeyError:  # two at one instant made the same counter
            return await self._add(id, now)

    async def _add(self, id: str, now: datetime) -> int:
        row = await self._rows.find_one_and_update(
            {"_id": id},
            {"$inc": {"n": 1}, "$setOnInsert": {"ends_at": now + _SPAN}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(row["n"]) if row else 0
