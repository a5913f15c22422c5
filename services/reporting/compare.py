"""Compares two generations of a read model while both go on.

Both are read from one snapshot. A document is looked at when both generations have applied the same
events of its key; the others are looked at again later. Counts are held against the documents of
their own generation, so that neither needs to stand still.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from services.chassis.consumer.projection import Projection
from services.chassis.database import Database, Document

SHOWN = 20
"""Differences that are told one by one; all are counted."""

PASS_SECONDS = 1.0


@dataclass(slots=True)
class Report:
    """What a comparison found. Ids and names of fields only.

    Attributes:
        compared: documents that were the same events old in both.
        moving: documents that never were, in any pass.
        stopped: documents that cannot be, for an event of their key is set aside in one of the two:
            by `group|topic|key`.
        different: how many differ.
        differences: the first of them.
        counts_wrong: counts that are not the sum of what their generation's documents contribute.
    """

    compared: int = 0
    moving: int = 0
    stopped: list[str] = field(default_factory=list)
    different: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    counts_wrong: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether the rebuilt read model is the kept one."""
        return not (self.different or self.moving or self.stopped or self.counts_wrong)

    def as_document(self) -> Document:
        """Return what is stored and shown."""
        return {
            "compared": self.compared,
            "moving": self.moving,
            "stopped": self.stopped[:SHOWN],
            "different": self.different,
            "differences": self.differences,
            "counts_wrong": self.counts_wrong[:SHOWN],
        }


async def compare(
    database: Database, projection: Projection, kept: int, rebuilt: int, *, passes: int
) -> Report:
    """Compare two generations; documents in motion are looked at in up to `passes` passes."""
    seen: set[str] = set()
    report = Report()
    for number in range(max(passes, 1)):
        if number:
            await asyncio.sleep(PASS_SECONDS)
        async with database.client.start_session(snapshot=True) as snapshot:
            pair = _Pair(database, projection, (kept, rebuilt), snapshot)
            await _compare_once(pair, report, seen)
            if number == 0:
                for generation in (kept, rebuilt):
                    report.counts_wrong += await pair.wrong_counts(generation)
        if not report.moving:
            break
    return report


async def _compare_once(pair: "_Pair", report: Report, seen: set[str]) -> None:
    """Compare what both generations know equally well and what was not compared before."""
    old, new = await pair.documents(0), await pair.documents(1)
    old_marks, new_marks = await pair.marks(0), await pair.marks(1)
    stopped = {**await pair.stopped(0), **await pair.stopped(1)}
    report.moving, report.stopped = 0, []
    for key in sorted(set(old) | set(new) | set(old_marks) | set(new_marks)):
        if key in seen:
            continue
        if old_marks.get(key) != new_marks.get(key):
            if key in stopped:
                report.stopped.append(stopped[key])
            else:
                report.moving += 1
            continue
        seen.add(key)
        report.compared += 1
        if old.get(key) == new.get(key):
            continue
        report.different += 1
        if len(report.differences) < SHOWN:
            report.differences.append(_difference(key, old.get(key), new.get(key)))


def _difference(key: str, old: Document | None, new: Document | None) -> dict[str, Any]:
    """Tell where two documents differ; never what they hold."""
    if old is None or new is None:
        return {"id": key, "only_in": "kept" if new is None else "rebuilt"}
    before, after = _flat(old), _flat(new)
    fields = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return {"id": key, "fields": fields}


def _flat(document: Document, before: str = "") -> dict[str, Any]:
    """Return the leaves of a document by their path."""
    leaves: dict[str, Any] = {}
    for name, value in document.items():
        path = f"{before}{name}"
        if isinstance(value, dict):
            leaves.update(_flat(value, f"{path}."))
        else:
            leaves[path] = value
    return leaves


class _Pair:
    """Two generations, read from one snapshot."""

    def __init__(
        self,
        database: Database,
        projection: Projection,
        generations: tuple[int, int],
        snapshot: AsyncClientSession,
    ) -> None:
        self._database = database
        self._projection = projection
        self._generations = generations
        self._snapshot = snapshot

    async def documents(self, which: int) -> dict[str, Document]:
        """Return a generation's documents by id."""
        rows = self._database[self._projection.documents(self._generations[which])]
        found = rows.find({}, session=self._snapshot)
        return {row.pop("_id"): row async for row in found}

    async def marks(self, which: int) -> dict[str, dict[str, int]]:
        """Return how far each key was applied, by topic."""
        group = self._projection.group(self._generations[which])
        rows = self._database["watermarks"].find({"group": group}, session=self._snapshot)
        marks: dict[str, dict[str, int]] = {}
        async for row in rows:
            _, stream, key = row["_id"].split("|", 2)
            marks.setdefault(key, {})[stream] = row["sequence"]
        return marks

    async def stopped(self, which: int) -> dict[str, str]:
        """Return by key where a generation has set an event aside."""
        group = self._projection.group(self._generations[which])
        rows = self._database["parked"].find({"group": group}, session=self._snapshot)
        return {row["key"]: f"{group}|{row['stream']}|{row['key']}" async for row in rows}

    async def wrong_counts(self, generation: int) -> list[str]:
        """Return the counts that are not what the generation's documents come to."""
        which = self._generations.index(generation)
        wanted: Counter[str] = Counter()
        for document in (await self.documents(which)).values():
            wanted.update(self._projection.contributions(document))
        rows = self._database[self._projection.counts(generation)].find({}, session=self._snapshot)
        async for row in rows:
            wanted[row["count"]] -= row["value"]
        return [f"generation {generation}: {name}" for name, off in sorted(wanted.items()) if off]
