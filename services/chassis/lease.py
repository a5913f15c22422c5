"""A lease: one busy worker at a time, by the database server's own clock.

It keeps work from being done twice; it is no proof against a process that was paused and wakes
after its lease ran out. What is done under a lease must stand being done twice.
"""

from datetime import UTC, datetime

from pymongo.errors import DuplicateKeyError

from services.chassis.database import Database, Document
from services.chassis.ids import new_id

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """A named lease, taken and renewed by `hold`."""

    def __init__(self, database: Database, name: str, *, seconds: float = 10) -> None:
        self._rows = database["leases"]
        self._name = name
        self.seconds = seconds
        self._milliseconds = int(seconds * 1000)
        self.holder = new_id()

    async def hold(self) -> bool:
        """Take or renew the lease; tell whether it is ours now."""
        free: Document = {
            "_id": self._name,
            "$or": [{"holder": self.holder}, {"$expr": {"$lt": ["$until", "$$NOW"]}}],
        }
        until: Document = {
            "$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": self._milliseconds}
        }
        if await self._take(free, until):
            return True
        try:
            # An upsert takes no $expr: the first holder makes an empty lease, then takes it.
            await self._rows.insert_one({"_id": self._name, "holder": None, "until": LONG_AGO})
        except DuplicateKeyError:
            # The document is there and belongs to somebody whose time has not run out.
            return False
        return await self._take(free, until)

    async def _take(self, free: Document, until: Document) -> bool:
        taken = await self._rows.update_one(
            free, [{"$set": {"holder": self.holder, "until": until}}]
        )
        return taken.matched_count == 1

    async def release(self) -> None:
        """Give it up at once, so that the next holder need not wait."""
        await self._rows.delete_one({"_id": self._name, "holder": self.holder})
