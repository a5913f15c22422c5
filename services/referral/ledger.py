"""The erasure ledger: which families were erased, kept outside of every database.

A restored database knows people again who were erased since the backup was made. The ledger is a
file on a volume of its own, which no restore touches; it is read at every start, and what it says
is done again. It holds ids alone, one JSON line an erasure, and is only ever added to.
"""

import asyncio
import os
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from services.referral.model.erasure import Erasure, ErasureReason

_CUT = " #cut"


class LedgerError(Exception):
    """The ledger cannot be read; the text says what to do."""


class LedgerLine(BaseModel):
    """One erasure, as far as it takes to do it again."""

    model_config = ConfigDict(frozen=True)

    erasure: str
    family: str
    site: str
    reason: ErasureReason
    persons: tuple[str, ...]
    referrals: tuple[str, ...]
    ordered_at: datetime

    @classmethod
    def of(cls, erasure: Erasure) -> "LedgerLine":
        """Return the line of an erasure."""
        return cls(
            erasure=erasure.id,
            family=erasure.family,
            site=erasure.site,
            reason=erasure.reason,
            persons=erasure.persons,
            referrals=erasure.referrals,
            ordered_at=erasure.ordered_at,
        )

    def again(self, by: str) -> Erasure:
        """Return the erasure as it is ordered anew after a restore."""
        return Erasure(
            id=self.erasure,
            family=self.family,
            site=self.site,
            reason=self.reason,
            ordered_at=self.ordered_at,
            ordered_by=by,
            fingerprint="",
            persons=self.persons,
            referrals=self.referrals,
        )


class ErasureLedger:
    """The file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def lines(self) -> list[LedgerLine]:
        """Return every erasure, once each, the latest word on it.

        Raises:
            LedgerError: a line is none: nothing may start that could show who was erased.
        """
        return await asyncio.to_thread(self._read)

    async def add(self, erasure: Erasure) -> None:
        """Write an erasure down, for good, before anything is destroyed; a repeat does nothing.

        Raises:
            OSError: it could not be written; then nothing is destroyed either.
        """
        line = LedgerLine.of(erasure)
        if line not in await self.lines():
            await asyncio.to_thread(self._append, line)

    def _read(self) -> list[LedgerLine]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        found: dict[str, LedgerLine] = {}
        # A last line without its end was cut short by a crash: its erasure writes it again.
        whole, _, _ = text.rpartition("\n")
        for number, row in enumerate(whole.splitlines(), start=1):
            if row.endswith(_CUT):
                continue  # a crash cut it short, and whatever came next has said so
            try:
                line = LedgerLine.model_validate_json(row)
            except ValidationError:
                raise LedgerError(
                    f"Line {number} of the erasure ledger {self._path} is not as it must be. "
                    "Nothing was started: put the ledger back from its copy."
                ) from None
            found[line.erasure] = line
        return list(found.values())

    def _append(self, line: LedgerLine) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            # What a crash has cut short must not swallow this line; nothing is ever taken away.
            start = f"{_CUT}\n".encode() if torn else b""
            os.write(handle, start + line.model_dump_json().encode("utf-8") + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
