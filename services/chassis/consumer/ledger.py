"""Progress and watermarks of consumer groups, in the same database as the effects.

Contract, with the tests named after it in `docs/consumer.md`:
7. `progress` moves only by compare-and-set, in the transaction of the effects: two workers that
   apply one slice cannot both commit.
8. Progress belongs to a topic with its prefix, watermarks to the topic without it: after Kafka was
   filled again under a new prefix, reading starts at 0 and drops what is known; under the old one
   it does after `read_anew`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.chassis.consumer.plan import Watermark
from services.chassis.database import Database

COLLECTIONS = ("progress", "watermarks")
"""Made when a service starts: first slices side by side would be in each other's way."""


class FencedError(Exception):
    """Somebody else has moved the progress of this partition: seek to it, nothing was applied."""


class Ledger:
    """What one consumer group has done."""

    def __init__(self, database: Database, group: str) -> None:
        self._database = database
        self._progress = database["progress"]
        self._watermarks = database["watermarks"]
        self.group = group

    async def next_offset(self, topic: str, partition: int) -> int:
        """Return where to read on; 0 for a partition that was never read."""
        row = await self._progress.find_one({"_id": self._place(topic, partition)})
        return 0 if row is None else int(row["next"])

    async def move(self, topic: str, partition: int, *, expected: int, next_offset: int) -> None:
        """Move the progress on.

        Raises:
            FencedError: it is not where this worker left it.
        """
        place = self._place(topic, partition)
        fields = {
            "next": next_offset,
            "group": self.group,
            "topic": topic,
            "partition": partition,
        }
        try:
            moved = await self._progress.update_one(
                {"_id": place, "next": expected},
                {"$set": fields},
                # Only the very first slice finds no document; a second worker's insert then fails.
                upsert=expected == 0,
            )
        except DuplicateKeyError:
            raise FencedError(place) from None
        if moved.matched_count == 0 and moved.upserted_id is None:
            raise FencedError(place)

    async def watermarks(self, stream: str, keys: Iterable[str]) -> dict[str, Watermark]:
        """Return what is known of these keys of a topic (its name without prefix)."""
        ids = {self._mark(stream, key): key for key in keys}
        rows = self._watermarks.find({"_id": {"$in": list(ids)}})
        return {ids[row["_id"]]: Watermark(row["sequence"], row["parked"]) async for row in rows}

    async def save(self, stream: str, marks: Mapping[str, Watermark]) -> None:
        """Write watermarks; also one that stays as it was, to be seen by who writes it meanwhile.

        A slice that sets an event aside behind a parked key and a retry of that key must not both
        commit on what they read: the event would wait with nobody to replay it. So each write
        changes the document, and the server lets only one of two concurrent ones through.
        """
        if not marks:
            return
        await self._database.write_updates(
            "watermarks",
            [
                {
                    "q": {"_id": self._mark(stream, key)},
                    "u": {
                        "$set": {
                            "sequence": mark.sequence,
                            "parked": mark.parked,
                            "group": self.group,
                        },
                        "$inc": {"writes": 1},
                    },
                    "upsert": True,
                }
                for key, mark in marks.items()
            ],
        )

    async def forget(self) -> None:
        """Drop progress and watermarks of this group, for a rebuild from nothing."""
        await self._progress.delete_many({"group": self.group})
        await self._watermarks.delete_many({"group": self.group})

    async def read_anew(self) -> int:
        """Drop this group's progress alone, so that topics are read from 0; returns of how many.

        For topics that were made anew under their names. Watermarks stay and drop what is known; a
        worker that is in the middle of a slice is fenced by its compare-and-set.
        """
        return (await self._progress.delete_many({"group": self.group})).deleted_count

    async def offsets(self) -> list[dict[str, Any]]:
        """Return the group's progress, one row a partition."""
        rows = self._progress.find({"group": self.group}, sort=[("_id", 1)])
        return [
            {"topic": row["topic"], "partition": row["partition"], "next": row["next"]}
            async for row in rows
        ]

    def _place(self, topic: str, partition: int) -> str:
        return f"{self.group}|{topic}|{partition}"

    def _mark(self, stream: str, key: str) -> str:
        return f"{self.group}|{stream}|{key}"
