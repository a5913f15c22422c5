"""What imports came to, and their problems, for two weeks: page by page, and counted by kind."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.chassis.database import Database
from services.chassis.tabular import Problem, Severity

KEPT = timedelta(days=14)
MOST_KEPT = 20_000
"""Problems of one import: nobody mends more by hand."""
_AT_ONCE = 1_000
_FIGURES = re.compile(r"\d[\d,.]*\d|\d")


class ProblemKind(BaseModel):
    """Problems that are one: the same sentence, whatever figures stand in it.

    Attributes:
        code: by which they are asked for.
        what: the sentence, as one of them says it.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    severity: Severity
    what: str
    what_to_do: str
    count: int


class Imported(BaseModel):
    """One import, as it is kept.

    Attributes:
        id: under which it is asked for.
        by: subject of who sent it.
        report: what it came to, as it was answered.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    by: str
    at: datetime
    report: dict[str, Any]


def code_of(problem: Problem) -> str:
    """Return the code of a problem's kind."""
    said = _FIGURES.sub("0", problem.what)
    return hashlib.sha256(f"{problem.severity}:{said}".encode()).hexdigest()[:12]


def kinds_of(problems: Iterable[Problem]) -> tuple[ProblemKind, ...]:
    """Return the kinds of problems, the most frequent first."""
    first: dict[str, Problem] = {}
    counts: dict[str, int] = {}
    for each in problems:
        code = code_of(each)
        first.setdefault(code, each)
        counts[code] = counts.get(code, 0) + 1
    kinds = [
        ProblemKind(
            code=code,
            severity=each.severity,
            what=each.what,
            what_to_do=each.what_to_do,
            count=counts[code],
        )
        for code, each in first.items()
    ]
    return tuple(sorted(kinds, key=lambda each: (-each.count, each.what)))


class KeptImports:
    """Imports and their problems. Values about people are masked in them already."""

    def __init__(self, database: Database) -> None:
        self._runs = database["directory_imports"]
        self._problems = database["directory_problems"]

    async def create_indexes(self) -> None:
        """Make what finding and forgetting need."""
        await self._problems.create_index([("run", 1), ("number", 1)], unique=True)
        await self._problems.create_index([("run", 1), ("kind", 1), ("number", 1)])
        # The time of forgetting is the machine's: a moved clock must not keep them.
        for rows in (self._runs, self._problems):
            await rows.create_index("expires_at", expireAfterSeconds=0)

    async def keep(self, run: Imported, problems: Sequence[Problem]) -> None:
        """Keep an import with its problems, those beyond `MOST_KEPT` counted alone."""
        expires_at = datetime.now(UTC) + KEPT
        for start in range(0, min(len(problems), MOST_KEPT), _AT_ONCE):
            some = enumerate(problems[start : min(start + _AT_ONCE, MOST_KEPT)], start + 1)
            await self._problems.insert_many(
                [
                    {
                        "run": run.id,
                        "number": number,
                        "kind": code_of(each),
                        "problem": each.model_dump(mode="json"),
                        "expires_at": expires_at,
                    }
                    for number, each in some
                ]
            )
        # Last: one that is listed has its problems.
        await self._runs.insert_one(
            {"_id": run.id, **run.model_dump(exclude={"id"}), "expires_at": expires_at}
        )

    async def listed(self, before: str | None, limit: int) -> list[Imported]:
        """Return imports, the newest first, from before one on."""
        query = {} if before is None else {"_id": {"$lt": before}}
        rows = self._runs.find(query, sort=[("_id", -1)], limit=limit)
        return [_imported(row) async for row in rows]

    async def get(self, id: str) -> Imported | None:
        """Return an import; None for one that was never, or is no longer kept."""
        row = await self._runs.find_one({"_id": id})
        return None if row is None else _imported(row)

    async def problems(
        self, id: str, *, kind: str | None, after: int, limit: int
    ) -> list[tuple[int, Problem]]:
        """Return an import's problems with their numbers, by file and line, from after one on."""
        query: dict[str, Any] = {"run": id, "number": {"$gt": after}}
        if kind is not None:
            query["kind"] = kind
        rows = self._problems.find(query, sort=[("number", 1)], limit=limit)
        return [
            (int(row["number"]), Problem.model_validate(row["problem"], strict=False))
            async for row in rows
        ]


def _imported(row: dict[str, Any]) -> Imported:
    return Imported(id=row["_id"], by=row["by"], at=row["at"], report=row["report"])
