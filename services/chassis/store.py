"""Aggregates in MongoDB, and the only path by which a service changes anything.

`update(refs, fn)` loads, lets the pure `fn` decide, and writes aggregates and events in one
transaction. Nothing is published outside this path.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from services.chassis.aggregate import A, Aggregate, Change, Found, R, Ref, as_kind
from services.chassis.database import (
    Collection,
    Database,
    Document,
    duplicates_as_one,
    in_transaction,
)
from services.chassis.errors import EnlaceError, stale
from services.chassis.events.log import Entry, EventLog
from services.chassis.telemetry import continuing
from services.chassis.turns import Turns

__all__ = ["Aggregate", "Change", "Found", "Ref", "Store"]

_RACES = 3


class Store:
    """A service's aggregates and its event log."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self.database = database
        self.log = log
        self._turns = Turns()

    def collection(self, kind: type[Aggregate]) -> Collection:
        """Return the collection that an aggregate's kind lives in, for reading."""
        return self.database[kind.COLLECTION]

    async def update(self, refs: Sequence[Ref[Any]], fn: Callable[[Found], Change[R]]) -> R:
        """Load, decide, write, in one transaction; joins the one that is open.

        `fn` is pure and may run several times: also when somebody else has just made what it wanted
        to make, so that two who send one create at the same time get the same answer.

        Raises:
            EnlaceError: what `fn` raised; nothing was changed.
            DuplicateKeyError: a unique index does not allow it; or inside somebody's transaction,
                which must then start afresh.
        """

        async def work() -> R:
            found = Found(await self._load(refs))
            change = fn(found)
            await self._save_all(change.save)
            if change.events:
                await self.log.append(change.events, site=change.site)
            return change.result

        if in_transaction():
            # Whose turn it is might wait for this very transaction to end.
            return await self.database.transact(work)
        async with self._turns.of((ref.kind.COLLECTION, ref.id) for ref in refs if ref.kind.HOT):
            for _ in range(_RACES):
                with contextlib.suppress(DuplicateKeyError):
                    return await self.database.transact(work)
            return await self.database.transact(work)

    async def update_each(
        self, kind: type[A], ids: Sequence[str], fn: Callable[[A], Change[None]], *, name: str
    ) -> None:
        """Decide about each of these alone, and write all that comes of it in one transaction.

        For many that have nothing to do with each other but the moment: one commit for all of them.
        Each begins a trace of its own. Those that are not there are left out; `fn` as in `update`.

        Args:
            kind: of the aggregates.
            ids: of the aggregates, each once.
            fn: pure; what is to be done about one.
            name: of the span that each change's events belong to.

        Raises:
            EnlaceError: what `fn` raised, or one was written twice; nothing was changed.
            DuplicateKeyError: a unique index does not allow it.
        """

        async def work() -> None:
            found = await self._load([Ref(kind, each) for each in ids])
            save: list[Aggregate] = []
            entries: list[Entry] = []
            for aggregate in found.values():
                with continuing(None, name):
                    change = fn(as_kind(kind, aggregate))
                    entries.append(Entry.of(change.events, site=change.site))
                save.extend(change.save)
            await self._save_all(save)
            await self.log.append_all(entries)

        await self.database.transact(work)

    async def _load(self, refs: Sequence[Ref[Any]]) -> dict[Ref[Any], Aggregate]:
        """Return those that exist; one question a kind, however many there are."""
        by_kind: dict[type[Aggregate], list[Ref[Any]]] = {}
        for ref in refs:
            by_kind.setdefault(ref.kind, []).append(ref)
        loaded: dict[Ref[Any], Aggregate] = {}
        for kind, group in by_kind.items():
            if len(group) == 1:
                one = await self.get(kind, group[0].id)
                loaded |= {} if one is None else {group[0]: one}
                continue
            query = {"_id": {"$in": [ref.id for ref in group]}}
            there = {each.id: each async for each in self.find(kind, query)}
            loaded |= {ref: there[ref.id] for ref in group if ref.id in there}
        return loaded

    async def _save_all(self, aggregates: Sequence[Aggregate]) -> None:
        """Write aggregates; those of a kind together."""
        fresh: dict[type[Aggregate], list[Document]] = {}
        known: dict[type[Aggregate], list[Aggregate]] = {}
        for aggregate in aggregates:
            if aggregate.version:
                known.setdefault(type(aggregate), []).append(aggregate)
            else:
                document = {**_document(aggregate), "version": 1}
                fresh.setdefault(type(aggregate), []).append(document)
        for kind, group in known.items():
            await self._save_known(kind, group)
        for kind, documents in fresh.items():
            if len(documents) == 1:
                await self.collection(kind).insert_one(documents[0])
            else:
                with duplicates_as_one():
                    await self.collection(kind).insert_many(documents)

    async def _save_known(self, kind: type[Aggregate], aggregates: Sequence[Aggregate]) -> None:
        """Write aggregates over the versions that were loaded."""
        writes = []
        for each in aggregates:
            document = {**_document(each), "version": each.version + 1}
            # Field by field: those that a later release has written stay as they are.
            seen = {"_id": document.pop("_id"), "version": each.version}
            writes.append((seen, {"$set": document}))
        rows = self.collection(kind)
        if len(writes) == 1:
            matched = (await rows.update_one(*writes[0])).matched_count
        else:
            with duplicates_as_one():
                done = await rows.bulk_write([UpdateOne(*each) for each in writes])
            matched = done.matched_count
        if matched < len(writes):
            raise await self._stale(kind, aggregates)

    async def _stale(self, kind: type[Aggregate], aggregates: Sequence[Aggregate]) -> EnlaceError:
        """Return what to tell of the first that somebody else has changed."""
        for each in aggregates:
            found = await self.get(kind, each.id)
            version = 0 if found is None else found.version
            # Those of this very transaction read as written already.
            if version not in {each.version, each.version + 1} or found is None:
                return stale(each.version, version)
        return stale(aggregates[0].version, aggregates[0].version + 1)

    async def get(self, kind: type[A], id: str) -> A | None:
        """Return one aggregate, or None."""
        row = await self.collection(kind).find_one({"_id": id})
        return None if row is None else kind.from_document(row)

    async def find(
        self,
        kind: type[A],
        query: Document,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
    ) -> AsyncIterator[A]:
        """Yield aggregates that match, for reading."""
        cursor = self.collection(kind).find(query, sort=list(sort), limit=limit)
        async for row in cursor:
            yield kind.from_document(row)


def _document(aggregate: Aggregate) -> Document:
    """Return what is written. The stamp is the machine's time: a movable clock may stand still."""
    document = aggregate.to_document()
    if aggregate.STAMPED:
        document["changed_at"] = datetime.now(UTC)
    return document
