"""Rows of rosters that could not be taken: sealed, for two weeks, for whoever mends them."""

import re
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

from contracts.sealed import Sealed
from services.chassis.database import Database
from services.chassis.privacy import KeyGoneError, Vault
from services.referral.search.names import fold

KEPT = timedelta(days=14)
_AT_ONCE = 200


class BadRows:
    """The CSVs of bad rows by import. Each has a key of its own, made and destroyed with it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._parts = database["roster_bad_rows"]
        self._vault = vault

    async def create_indexes(self) -> None:
        """Make what finding and forgetting need."""
        await self._parts.create_index([("run", 1), ("number", 1)], unique=True)
        # The parts' time is the machine's: a moved clock must not keep them.
        await self._parts.create_index("expires_at", expireAfterSeconds=0)

    async def keep(self, run: str, lines: Iterable[str]) -> None:
        """Seal and store the lines of a CSV, in place of what the import kept before."""
        await self.forget(run)
        await self._vault.create_key(run)
        source, number = iter(lines), 0
        while group := list(islice(source, _AT_ONCE)):
            sealed = await self._vault.seal(run, "".join(group))
            await self._parts.insert_one(
                {
                    "run": run,
                    "number": number,
                    "sealed": str(sealed),
                    "expires_at": datetime.now(UTC) + KEPT,
                }
            )
            number += 1

    async def forget(self, run: str) -> None:
        """Destroy the rows of an import."""
        await self._vault.destroy_key(run)
        await self._parts.delete_many({"run": run})

    async def forget_of(self, marks: Collection[str] | None, runs: Collection[str]) -> list[str]:
        """Destroy the rows of those of these imports that hold somebody; returns which.

        What cannot be read is destroyed too: nobody could say that it does not hold them.

        Args:
            marks: folded texts by which they stand in a row; None where nobody knows them any
                more: then the rows of all these imports go.
            runs: ids of imports.
        """
        named = None if marks is None else _any_of(marks)
        kept = await self._parts.distinct("run", {"run": {"$in": sorted(runs)}})
        gone = [run for run in map(str, kept) if await self._holds(run, named)]
        for run in gone:
            await self.forget(run)
        return gone

    async def _holds(self, run: str, named: re.Pattern[str] | None) -> bool:
        if named is None:
            return True
        async for part in self._parts.find({"run": run}):
            try:
                text = fold(await self._vault.open(Sealed(part["sealed"])))
            except KeyGoneError:
                return True
            if named.search(text):
                return True
        return False

    async def read(self, run: str) -> AsyncIterator[str]:
        """Yield the CSV in parts; nothing where it was forgotten."""
        async for part in self._parts.find({"run": run}, sort=[("number", 1)]):
            try:
                yield await self._vault.open(Sealed(part["sealed"]))
            except KeyGoneError:
                return


def _any_of(marks: Collection[str]) -> re.Pattern[str]:
    """Return what finds one of these as a whole word; nothing where there are none."""
    words = "|".join(re.escape(each) for each in sorted(marks)) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")
