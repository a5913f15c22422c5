"""Read models: pure `evolve(document | None, event, envelope) -> document | None`, folded in bulk.

Contract, with the tests named after it in `docs/read-models.md`:
1. A read model is a function of the log: rebuilt from offset 0 it equals the one that was kept.
2. Counts are sums of contributions of single documents: the old one out, the new one in, so that a
   change of mind never leaves a trace in a total.
3. Collections and consumer groups carry the projection's version and generation: old and new code
   serve their own while the new one catches up.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pymongo import DeleteOne, ReplaceOne, UpdateOne

from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.consumer.applier import RefusedError
from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.reactions import describe
from services.chassis.database import Database, Document

Contributions = Mapping[str, int]


def _nothing(document: Document) -> Contributions:
    """Contribute to no count."""
    del document
    return {}


class Opener(Protocol):
    """Opens what a projection needs of sealed values, of many events at once."""

    async def __call__(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Projection:
    """One read model.

    Attributes:
        name: in kebab case.
        version: of the code below; a new one is built beside the old.
        topics: what feeds it.
        document_id: which document an event belongs to; None for none.
        evolve: pure; the document holds plain BSON values, without `_id`. None deletes.
        contributions: pure; what one document adds to which counts.
        indexes: field lists to index.
        opener: gives events with sealed values in clear to `evolve`; by the time of a rebuild a key
            may be gone, and what it then gives must come to the same in the end.
    """

    name: str
    version: int
    topics: tuple[str, ...]
    document_id: Callable[[Event, Envelope], str | None]
    evolve: Callable[[Document | None, Event, Envelope], Document | None]
    contributions: Callable[[Document], Contributions] = _nothing
    indexes: tuple[tuple[str, ...], ...] = ()
    opener: Opener | None = None

    def group(self, generation: int) -> str:
        """Return the consumer group that feeds a generation."""
        return f"{self.name}.v{self.version}.g{generation}"

    def documents(self, generation: int) -> str:
        """Return the collection of a generation's documents."""
        return f"{self.name.replace('-', '_')}_v{self.version}_g{generation}"

    def counts(self, generation: int) -> str:
        """Return the collection of a generation's counts."""
        return f"{self.documents(generation)}_counts"


class ProjectionApplier:
    """Applies a slice to one generation of a projection: one read, a fold in memory, one write."""

    def __init__(self, database: Database, projection: Projection, generation: int) -> None:
        self._database = database
        self._documents = database[projection.documents(generation)]
        self._counts = database[projection.counts(generation)]
        self._projection = projection

    async def create_indexes(self) -> None:
        """Make the collections, and the indexes that reading needs.

        Made here: slices of several partitions that each make a collection in their transaction
        would be in each other's way.
        """
        await self._database.ensure(self._documents.name, self._counts.name)
        for fields in self._projection.indexes:
            await self._documents.create_index([(field, 1) for field in fields])
        await self._counts.create_index([("count", 1)])

    async def opened(self, records: Sequence[Incoming]) -> Sequence[Incoming]:
        """Return the records with their sealed values in clear; see `Opening`."""
        opener = self._projection.opener
        if opener is None:
            return records
        events = await opener([each.event for each in records if each.event is not None])
        clear = iter(events)
        return [
            each if each.event is None else each._replace(event=next(clear)) for each in records
        ]

    async def apply(self, records: Sequence[Incoming]) -> None:
        """Fold the events into their documents; see `Applier.apply`."""
        touched = [
            (record, identifier)
            for record in records
            if record.event is not None
            and record.envelope is not None
            and (identifier := self._projection.document_id(record.event, record.envelope))
        ]
        if not touched:
            return
        ids = {identifier for _, identifier in touched}
        before: dict[str, Document] = {
            row.pop("_id"): row async for row in self._documents.find({"_id": {"$in": list(ids)}})
        }
        after: dict[str, Document | None] = dict(before)
        for record, identifier in touched:
            after[identifier] = self._fold(after.get(identifier), record)
        await self._write(before, after)
        partition = records[0].partition
        await self._count(before, after, slot=f"{records[0].topic}-{partition}")

    def _fold(self, document: Document | None, record: Incoming) -> Document | None:
        """Apply one event to a document.

        Raises:
            RefusedError: `evolve` failed; it is pure, so trying again would fail again.
        """
        if record.event is None or record.envelope is None:
            return document
        try:
            return self._projection.evolve(document, record.event, record.envelope)
        except Exception as error:
            raise RefusedError(record.offset, describe(error)) from error

    async def _write(
        self, before: Mapping[str, Document], after: Mapping[str, Document | None]
    ) -> None:
        writes: list[ReplaceOne[Document] | DeleteOne] = []
        for identifier, document in after.items():
            if document == before.get(identifier):
                continue
            if document is None:
                writes.append(DeleteOne({"_id": identifier}))
            else:
                writes.append(ReplaceOne({"_id": identifier}, document, upsert=True))
        if writes:
            await self._documents.bulk_write(writes, ordered=False)

    async def _count(
        self, before: Mapping[str, Document], after: Mapping[str, Document | None], *, slot: str
    ) -> None:
        """Move the sums by the difference; a slot per partition, so that workers do not contend."""
        change: Counter[str] = Counter()
        for identifier, document in after.items():
            old = before.get(identifier)
            if old is not None:
                change.subtract(self._projection.contributions(old))
            if document is not None:
                change.update(self._projection.contributions(document))
        writes = [
            UpdateOne(
                {"_id": f"{name}|{slot}"},
                {"$inc": {"value": by}, "$set": {"count": name}},
                upsert=True,
            )
            for name, by in change.items()
            if by
        ]
        if writes:
            await self._counts.bulk_write(writes, ordered=False)


async def read_counts(
    database: Database, projection: Projection, generation: int, prefix: str = ""
) -> dict[str, int]:
    """Return the sums over all slots of counts whose name starts with `prefix`; none is 0."""
    rows = await database[projection.counts(generation)].aggregate(
        [
            {"$match": {"count": {"$gte": prefix, "$lt": prefix + "\U0010ffff"}}},
            {"$group": {"_id": "$count", "value": {"$sum": "$value"}}},
            # What came and went again was never there: a rebuilt read model does not know it.
            {"$match": {"value": {"$ne": 0}}},
        ]
    )
    return {row["_id"]: int(row["value"]) async for row in rows}
