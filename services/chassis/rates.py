"""How often somebody may call, counted in the database, so that all replicas count together.

The generic cell rate algorithm (ITU-T I.371, annex A): of each caller one moment is kept, until
when all that was called so far would have lasted at an even pace. A whole minute's worth may come
at once; after that one call goes through as often as the pace allows.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.chassis.database import Database
from services.chassis.errors import EnlaceError, Kind

_SPAN = timedelta(minutes=1)
_MICRO = timedelta(microseconds=1)
_KEPT = timedelta(hours=1)


class Rates:
    """Counts calls.

    Args:
        database: in which they are counted.
        name: of the collection.
        per_minute: calls that a caller may make in a minute; 0 sets no limit.
    """

    def __init__(self, database: Database, name: str, *, per_minute: int) -> None:
        self._rows = database[name]
        self._most = per_minute

    async def create_indexes(self) -> None:
        """Let the server remove callers that have gone."""
        await self._rows.create_index("seen_at", expireAfterSeconds=int(_KEPT.total_seconds()))

    async def count(self, caller: str, now: datetime) -> None:
        """Count one call.

        Raises:
            EnlaceError: there were too many (`too-many-calls`); says when to try again.
        """
        if not self._most:
            return
        try:
            row = await self._add(caller, now)
        except DuplicateKeyError:  # two at one instant were a caller's first
            row = await self._add(caller, now)
        if row["refused"]:
            raise too_many(max(1, ceil(row["wait"] / 1_000_000)))

    async def _add(self, caller: str, now: datetime) -> dict[str, Any]:
        """Move a caller's moment on, if it may call; in microseconds, as a date keeps fewer."""
        at = int((now - datetime.fromtimestamp(0, now.tzinfo)) / _MICRO)
        each = int(_SPAN / _MICRO) // self._most
        latest = at + int(_SPAN / _MICRO)
        # A clock that was put back must not lock anybody out for longer than a minute.
        before = {"$min": [{"$ifNull": ["$until", 0]}, latest]}
        after = {"$add": [{"$max": [before, at]}, each]}
        row = await self._rows.find_one_and_update(
            {"_id": caller},
            [
                {"$set": {"after": after, "seen_at": now}},
                {"$set": {"refused": {"$gt": ["$after", latest]}}},
                {"$set": {"wait": {"$subtract": ["$after", latest]}}},
                {"$set": {"until": {"$cond": ["$refused", before, "$after"]}}},
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return dict(row or {"refused": False})


def too_many(seconds: int) -> EnlaceError:
    """Return the refusal of who calls too often, to try again after so many seconds."""
    error = EnlaceError(
        "too-many-calls",
        Kind.TOO_MANY,
        f"This key calls more often than it may. Nothing was changed: try again in {seconds} "
        "seconds, and wait for events with `wait` or by a webhook instead of asking often.",
        es=f"Esta clave llama más veces de las que puede. No se cambió nada: intente de nuevo en "
        f"{seconds} segundos, y espere los eventos con `wait` o por webhook en vez de preguntar "
        "tanto.",
    )
    error.retry_after = seconds
    return error
