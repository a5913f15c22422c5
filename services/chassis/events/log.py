"""The event log: a collection written in the change's own transaction (transactional outbox).

Contract, with the tests named after it in `docs/event-log.md`:
1. A row exists if and only if its change was committed.
2. `sequence` is 1, 2, 3 … per (topic, key), without a gap and without a repeat.
3. `order` grows with `sequence` within a key, whatever the writers' clocks say.
4. Published rows stay: they are the archive from which Kafka can be filled again.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Self, cast

from bson import Binary, decode_all
from pymongo import ASCENDING, ReturnDocument, UpdateOne
from pymongo.asynchronous.cursor import AsyncRawBatchCursor

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.event import Event
from contracts.provider import ProviderIds
from services.chassis.acting import Acting, acting
from services.chassis.clock import Clock
from services.chassis.database import SNAPSHOT, Database, Document, duplicates_as_one
from services.chassis.errors import EnlaceError, Kind
from services.chassis.ids import new_id
from services.chassis.telemetry import current_traceparent

MAX_EVENT_BYTES = 512 * 1024
"""A value above this is refused before it is committed: Kafka's own limit is 1 MiB a record."""

PAGE_BYTES = 16 * 1024 * 1024
"""A page of pending rows ends here, so that a backlog of large events does not fill the memory."""


class LoggedEvent(NamedTuple):
    """One row of the log; a tuple for its speed, as its envelope."""

    envelope: Envelope
    topic: str
    order: int
    data: bytes

    @classmethod
    def of(cls, row: Document) -> Self:
        """Read a row."""
        return cls(
            envelope=Envelope(
                id=row["_id"],
                source=row["source"],
                type=row["type"],
                key=row["key"],
                time=datetime.fromtimestamp(row["time_us"] / 1_000_000, UTC),
                sequence=row["sequence"],
                site=row["site"],
                traceparent=row["traceparent"],
            ),
            topic=row["topic"],
            order=row["order"],
            data=bytes(row["data"]),
        )


class Entry(NamedTuple):
    """What one change tells.

    Attributes:
        events: what happened, in order.
        site: the school it happened at; None for what belongs to no one school.
        traceparent: W3C header of what caused it.
        by: who did it; None where it was time.
    """

    events: Sequence[Event]
    site: str | None
    traceparent: str | None
    by: Acting | None = None

    @classmethod
    def of(cls, events: Sequence[Event], *, site: str | None) -> Self:
        """Return it with the span that is open, and with who is acting."""
        return cls(events, site, current_traceparent(), acting())


class EventLog:
    """A service's event log."""

    def __init__(
        self,
        database: Database,
        *,
        source: str,
        clock: Clock,
        ids: ProviderIds | None = None,
    ) -> None:
        self._rows = database["event_log"]
        self._streams = database["event_streams"]
        self._database = database
        self._source = source
        self._clock = clock
        self._ids = ids

    async def create_indexes(self) -> None:
        """Make what reading and the contract need."""
        await self._rows.create_index(
            [("order", ASCENDING), ("sequence", ASCENDING)],
            name="pending",
            partialFilterExpression={"published": False},
        )
        await self._rows.create_index(
            [("topic", ASCENDING), ("key", ASCENDING), ("sequence", ASCENDING)],
            name="stream",
            unique=True,
        )
        await self._rows.create_index([("order", ASCENDING), ("sequence", ASCENDING)], name="order")

    async def append(self, events: Sequence[Event], *, site: str | None) -> None:
        """Write one change's events in the open transaction, in the order given.

        Raises:
            EnlaceError: an event is larger than Kafka takes; nothing of the change is kept.
        """
        await self.append_all([Entry.of(events, site=site)])

    async def append_all(self, entries: Sequence["Entry"]) -> None:
        """Write the events of several changes in the open transaction, in the order given.

        Raises:
            EnlaceError: an event is larger than Kafka takes; nothing of any change is kept.
        """
        now_us = int(self._clock.now().timestamp() * 1_000_000)
        rows: list[Document] = []
        streams: dict[tuple[str, str], list[tuple[Event, Entry]]] = {}
        for entry in entries:
            for event in entry.events:
                streams.setdefault(_stream_of(event), []).append((event, entry))
        if not streams:
            return
        places = await self._advance({name: len(own) for name, own in streams.items()}, now_us)
        for (topic, key), own in sorted(streams.items()):
            last = places[topic, key]
            for index, (event, entry) in enumerate(own, start=1 - len(own)):
                data = cloudevents.write(event, self._ids)
                if len(data) > MAX_EVENT_BYTES:
                    raise EnlaceError(
                        "too-large",
                        Kind.TOO_LARGE,
                        f"This change is larger than {MAX_EVENT_BYTES // 1024} KiB. Nothing was "
                        "changed: shorten it or split it.",
                        es=f"Este cambio ocupa más de {MAX_EVENT_BYTES // 1024} KiB. No se cambió "
                        "nada: acórtelo o divídalo.",
                    )
                rows.append(
                    {
                        "_id": new_id(),
                        "topic": topic,
                        "key": key,
                        "sequence": last["sequence"] + index,
                        "order": last["order"] + index,
                        "type": event.TYPE,
                        "source": self._source,
                        "site": entry.site,
                        "time_us": now_us,
                        "traceparent": entry.traceparent if event.TOPIC.traced else None,
                        "by": entry.by.to_document() if entry.by else None,
                        "data": Binary(data),
                        "published": False,
                    }
                )
        await self._rows.insert_many(rows, ordered=True)

    async def _advance(
        self, counts: Mapping[tuple[str, str], int], now_us: int
    ) -> dict[tuple[str, str], Document]:
        """Move streams' counters on; two writers of one key conflict here, and one runs again."""
        ids = {f"{topic}:{key}": (topic, key) for topic, key in counts}
        if len(ids) == 1:
            (id, name), *_ = ids.items()
            found = await self._streams.find_one_and_update(
                {"_id": id},
                _moved_on(counts[name], now_us),
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            return {name: dict(found or {})}
        with duplicates_as_one():
            await self._streams.bulk_write(
                [
                    UpdateOne({"_id": id}, _moved_on(counts[name], now_us), upsert=True)
                    for id, name in sorted(ids.items())
                ]
            )
        rows = self._streams.find({"_id": {"$in": list(ids)}})
        return {ids[row["_id"]]: row async for row in rows}

    @contextlib.asynccontextmanager
    async def backlog(self, limit: int) -> AsyncIterator["Backlog"]:
        """Open the unpublished rows in (order, sequence), as of the moment of the first page.

        Snapshot concern for all pages together, so that none holds a key's event without the ones
        before it: a change that is committed later, with an earlier place, waits for the next look.
        Pages have at most `limit` rows; fewer where they come to `PAGE_BYTES`.
        """
        rows = self._rows.with_options(read_concern=SNAPSHOT)
        query: Document = {"published": False}
        cursor = rows.find_raw_batches(
            query,
            sort=[("order", ASCENDING), ("sequence", ASCENDING)],
            hint="pending",
            batch_size=limit,
        )
        async with cursor:
            yield Backlog(cursor)

    async def pending(self, limit: int) -> list[Document]:
        """Return the first page of the backlog."""
        async with self.backlog(limit) as backlog:
            return await backlog.page()

    async def mark_published(self, ids: Sequence[str]) -> int:
        """Remember what the broker has confirmed; returns how many were not marked before."""
        marked = await self._rows.update_many(
            {"_id": {"$in": list(ids)}, "published": False},
            {"$set": {"published": True, "published_at": datetime.now(UTC)}},
        )
        return marked.modified_count

    async def pending_count(self) -> int:
        """Return how many rows wait for the relay."""
        return await self._rows.count_documents({"published": False}, hint="pending")

    async def unpublish_all(self) -> int:
        """Offer every row to the relay again; returns how many. For filling an empty Kafka."""
        # In the order they were written: a relay that looks meanwhile meets no event without the
        # ones before it.
        result = await self._rows.update_many(
            {"published": True}, {"$set": {"published": False}}, hint={"$natural": 1}
        )
        return result.modified_count

    async def all(self) -> AsyncIterator[LoggedEvent]:
        """Yield the whole archive in (order, sequence)."""
        cursor = self._rows.find({}, sort=[("order", ASCENDING), ("sequence", ASCENDING)])
        async for row in cursor:
            yield LoggedEvent.of(row)


class Backlog:
    """The unpublished rows of one moment, page after page."""

    def __init__(self, cursor: "AsyncRawBatchCursor[Document]") -> None:
        self._cursor = cursor
        self._read: list[Document] = []

    @property
    def at_end(self) -> bool:
        """Whether the server has said that there is no page after this one."""
        return not self._read and not self._cursor.alive

    async def page(self) -> list[Document]:
        """Return the next page; an empty one at the end."""
        if not self._read:
            async for batch in self._cursor:
                # pymongo's types promise documents here; it is a reply's bytes.
                self._read = decode_all(cast("bytes", batch))
                break
        size = count = 0
        for row in self._read:
            size += len(row["data"])
            count += 1
            if size >= PAGE_BYTES:
                break
        page, self._read = self._read[:count], self._read[count:]
        return page


def _moved_on(count: int, now_us: int) -> list[Document]:
    """Return the update by which a stream's counters move on."""
    return [
        {
            "$set": {
                "sequence": {"$add": [{"$ifNull": ["$sequence", 0]}, count]},
                "order": {
                    "$max": [{"$add": [{"$ifNull": ["$order", 0]}, count]}, now_us + count - 1]
                },
            }
        }
    ]


def _stream_of(event: Event) -> tuple[str, str]:
    return event.TOPIC.name, event.key
