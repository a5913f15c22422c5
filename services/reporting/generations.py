"""Which generation of each read model is read, and the rebuild that makes the next.

Contract, with the tests named after it in `docs/read-models.md`:
4. `read_models` points at one generation of `name@version`; it is what everybody reads.
5. A rebuild makes the next generation from offset 0 beside it, in a consumer group of its own.
6. It is switched to only when it equals the kept one, or when an operator says so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.chassis.clock import Clock, SystemClock
from services.chassis.consumer.ledger import Ledger
from services.chassis.consumer.projection import Projection, ProjectionApplier
from services.chassis.database import Database, Document
from services.chassis.errors import rule
from services.chassis.service import Group


class RebuildState(StrEnum):
    """Where a rebuild stands."""

    REQUESTED = "requested"
    BUILDING = "building"
    COMPARING = "comparing"
    DIFFERENT = "different"
    EQUAL = "equal"
    SWITCHED = "switched"
    FAILED = "failed"


class SwitchWhen(StrEnum):
    """When a rebuilt generation becomes the one that is read."""

    EQUAL = "equal"
    ALWAYS = "always"
    NEVER = "never"

    def allows(self, *, equal: bool) -> bool:
        """Tell whether to switch after a comparison."""
        return self is SwitchWhen.ALWAYS or (equal and self is SwitchWhen.EQUAL)


BUSY = [
    RebuildState.REQUESTED.value,
    RebuildState.BUILDING.value,
    RebuildState.COMPARING.value,
]


SETTLED = [
    RebuildState.DIFFERENT.value,
    RebuildState.EQUAL.value,
    RebuildState.FAILED.value,
]


class Generations:
    """The pointers, in collection `read_models`."""

    def __init__(
        self, database: Database, projections: Mapping[str, Projection], clock: Clock | None = None
    ) -> None:
        self.database = database
        self.projections = projections
        self._rows = database["read_models"]
        self._clock = clock or SystemClock()
        self._prepared: set[str] = set()

    def id_of(self, name: str) -> str:
        """Return the id of a read model's pointer: the code's version is part of it."""
        return f"{name}@{self.projections[name].version}"

    async def prepare(self) -> None:
        """Point every read model at its first generation where there is none yet."""
        for name in self.projections:
            fresh: Document = {
                "_id": self.id_of(name),
                "name": name,
                "generation": 1,
                "newest": 1,
                "rebuild": None,
            }
            try:
                await self._rows.insert_one(fresh)
            except DuplicateKeyError:
                continue

    async def current(self, name: str) -> int:
        """Return the generation that is read."""
        row = await self._rows.find_one({"_id": self.id_of(name)}, {"generation": 1})
        return 1 if row is None else int(row["generation"])

    async def all(self) -> list[Document]:
        """Return the pointers of this release's read models, with their rebuilds."""
        ids = [self.id_of(name) for name in self.projections]
        return [row async for row in self._rows.find({"_id": {"$in": ids}}, sort=[("_id", 1)])]

    async def groups(self) -> Sequence[Group]:
        """Return the consumer groups that should run now: pointed-at generations and rebuilds."""
        found = []
        for row in await self.all():
            projection = self.projections[row["name"]]
            for generation in _fed(row):
                applier = ProjectionApplier(self.database, projection, generation)
                name = projection.group(generation)
                if name not in self._prepared:
                    await applier.create_indexes()
                    self._prepared.add(name)
                found.append(Group(name, projection.topics, applier))
        return found

    async def request(self, name: str, *, switch: SwitchWhen) -> Document:
        """Ask for a rebuild; the worker does it.

        Raises:
            EnlaceError: one is going on.
        """
        row = await self._rows.find_one_and_update(
            {"_id": self.id_of(name), "rebuild.state": {"$nin": BUSY}},
            [
                # Fields of the last one would stay: a stage merges documents.
                {"$unset": "rebuild"},
                {
                    "$set": {
                        # Never a number that was used before: what is left of it would be met.
                        "newest": {"$add": ["$newest", 1]},
                        "rebuild": {
                            "generation": {"$add": ["$newest", 1]},
                            "state": RebuildState.REQUESTED.value,
                            "switch": switch.value,
                            "requested_at": self._now(),
                        },
                    }
                },
            ],
            return_document=ReturnDocument.AFTER,
        )
        if row is None:
            raise _busy(name)
        return row

    async def request_compare(self, name: str, *, switch: SwitchWhen) -> Document:
        """Ask for the newest generation to be compared with the one that is read.

        Raises:
            EnlaceError: there is no second generation, or one is still being built.
        """
        compared = [RebuildState.DIFFERENT.value, RebuildState.EQUAL.value]
        row = await self._rows.find_one_and_update(
            {"_id": self.id_of(name), "rebuild.state": {"$in": compared}},
            {
                "$set": {
                    "rebuild.state": RebuildState.COMPARING.value,
                    "rebuild.switch": switch.value,
                },
                "$unset": {"rebuild.report": "", "rebuild.finished_at": ""},
            },
            return_document=ReturnDocument.AFTER,
        )
        if row is not None:
            return row
        known = await self._rows.find_one({"_id": self.id_of(name)}) or {}
        if (known.get("rebuild") or {}).get("state") in BUSY:
            raise _busy(name)
        raise rule(
            "no-second-generation",
            f"There is nothing to compare {name} with. Rebuild it first; that compares at its end.",
            es=f"No hay con qué comparar {name}. Reconstrúyalo primero; al final se compara.",
        )

    async def progress(self, row: Document, **changes: Any) -> Document:
        """Note how a rebuild goes; nothing where it was replaced meanwhile."""
        if changes.get("state") in SETTLED:
            changes["finished_at"] = self._now()
        written = await self._rows.find_one_and_update(
            {"_id": row["_id"], "rebuild.generation": row["rebuild"]["generation"]},
            {"$set": {f"rebuild.{field}": value for field, value in changes.items()}},
            return_document=ReturnDocument.AFTER,
        )
        return written or row

    async def switch(self, row: Document) -> None:
        """Point at the rebuilt generation: everybody reads it from now on."""
        await self._rows.update_one(
            {"_id": row["_id"], "generation": row["generation"]},
            {
                "$set": {
                    "generation": row["rebuild"]["generation"],
                    "rebuild.state": RebuildState.SWITCHED.value,
                    "rebuild.finished_at": self._now(),
                }
            },
        )

    async def drop_others(self, row: Document) -> None:
        """Drop what earlier rebuilds left: all but what is read and what is next."""
        projection = self.projections[row["name"]]
        keep = set(_fed(row)) | {row["rebuild"]["generation"]}
        for generation in range(1, int(row["newest"])):
            if generation in keep:
                continue
            await self.database[projection.documents(generation)].drop()
            await self.database[projection.counts(generation)].drop()
            group = projection.group(generation)
            await Ledger(self.database, group).forget()
            await self.database["parked"].delete_many({"group": group})

    def _now(self) -> datetime:
        return self._clock.now()


def _fed(row: Document) -> list[int]:
    """Return the generations that events are applied to."""
    rebuild = row.get("rebuild") or {}
    building = {RebuildState.BUILDING, RebuildState.COMPARING}
    kept_beside = {RebuildState.DIFFERENT, RebuildState.EQUAL}
    fed = [int(row["generation"])]
    if rebuild.get("state") in building | kept_beside:
        fed.append(int(rebuild["generation"]))
    return fed


def _busy(name: str) -> Exception:
    return rule(
        "rebuild-busy",
        f"A rebuild of {name} is going on. Its progress is in the list; ask again when it is done.",
        es=f"{name} se está reconstruyendo. Su avance está en la lista; pregunte cuando termine.",
    )
