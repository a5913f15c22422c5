"""Parked events: raw bytes with their cause, per key, until a person retries or discards them.

Contract, with the tests named after it in `docs/consumer.md`:
9. Parking, the watermark's mark and the progress are one transaction: nothing of the key is lost.
10. *Retry* replays the key in order, by the path of a first delivery.
11. *Discard* drops the first event of one key, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import Binary

from contracts.provider import ProviderIds
from services.chassis.consumer.incoming import Incoming, read_parts
from services.chassis.consumer.plan import Parking
from services.chassis.database import Database, Document


@dataclass(frozen=True, slots=True)
class ParkedKey:
    """A key that has stopped, as an operator sees it. Ids and codes only."""

    group: str
    stream: str
    key: str
    waiting: int
    cause: str
    type: str | None
    sequence: int | None
    since: datetime


class Parked:
    """The parked events of one consumer group."""

    def __init__(self, database: Database, group: str, ids: ProviderIds | None = None) -> None:
        self._rows = database["parked"]
        self._group = group
        self._ids = ids

    async def create_indexes(self) -> None:
        """Make what listing and replaying need."""
        await self._rows.create_index([("group", 1), ("stream", 1), ("key", 1), ("position", 1)])

    async def add(self, stream: str, parkings: Sequence[Parking]) -> None:
        """Set events aside, in the open transaction."""
        if parkings:
            await self._rows.insert_many([self._row(stream, parking) for parking in parkings])

    async def replace(self, stream: str, key: str, parkings: Sequence[Parking]) -> None:
        """Set the whole waiting line of a key, in the open transaction."""
        await self._rows.delete_many({"group": self._group, "stream": stream, "key": key})
        await self.add(stream, parkings)

    async def line(self, stream: str, key: str) -> list[Incoming]:
        """Return a key's waiting events, read afresh, in the order they must be applied."""
        rows = self._rows.find({"group": self._group, "stream": stream, "key": key})
        found = [_incoming(row, self._ids) async for row in rows]
        return sorted(found, key=lambda event: (event.sequence or 0, event.offset))

    async def keys(self) -> list[ParkedKey]:
        """List the keys that have stopped, oldest first."""
        rows = await self._rows.aggregate(
            [
                {"$match": {"group": self._group}},
                {"$sort": {"position": 1}},
                {
                    "$group": {
                        "_id": {"stream": "$stream", "key": "$key"},
                        "waiting": {"$sum": 1},
                        "cause": {"$first": "$cause"},
                        "type": {"$first": "$type"},
                        "sequence": {"$first": "$sequence"},
                        "since": {"$min": "$parked_at"},
                    }
                },
                {"$sort": {"since": 1}},
            ]
        )
        return [
            ParkedKey(
                self._group,
                row["_id"]["stream"],
                row["_id"]["key"],
                row["waiting"],
                row["cause"],
                row["type"],
                row["sequence"],
                row["since"],
            )
            async for row in rows
        ]

    async def show(self, stream: str, key: str) -> list[dict[str, Any]]:
        """Return a key's events with causes and sizes; never their values."""
        query = {"group": self._group, "stream": stream, "key": key}
        rows = self._rows.find(query, sort=[("position", 1)])
        return [
            {
                "position": row["position"],
                "type": row["type"],
                "sequence": row["sequence"],
                "cause": row["cause"],
                "bytes": len(row["value"] or b""),
                "parked_at": row["parked_at"],
            }
            async for row in rows
        ]

    async def count(self) -> int:
        """Return how many events are parked."""
        return await self._rows.count_documents({"group": self._group})

    def _row(self, stream: str, parking: Parking) -> Document:
        record = parking.record
        return {
            "group": self._group,
            "stream": stream,
            "topic": record.topic,
            "partition": record.partition,
            "position": record.offset,
            "key": record.key,
            "raw_key": None if record.raw_key is None else Binary(record.raw_key),
            "headers": [[name, Binary(value or b"")] for name, value in record.headers],
            "value": None if record.value is None else Binary(record.value),
            "type": record.envelope.type if record.envelope else None,
            "sequence": record.sequence,
            "cause": parking.cause,
            "parked_at": datetime.now(UTC),
        }


def _incoming(row: Document, ids: ProviderIds | None) -> Incoming:
    return read_parts(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["position"],
        raw_key=None if row["raw_key"] is None else bytes(row["raw_key"]),
        headers=tuple((name, bytes(value)) for name, value in row["headers"]),
        value=None if row["value"] is None else bytes(row["value"]),
        ids=ids,
    )
