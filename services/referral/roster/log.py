"""What was wrong with a roster: kept in its tables, however much it is, with the rows to mend."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.chassis.tabular import (
    PackageRefusedError,
    Problem,
    ReadingLog,
    Severity,
    mask,
    shorten,
)
from services.referral.roster.tables import Tables, cells_of

_FEWEST = 10
"""Unreadable values in a column that may be chance in a small file."""


class BadRow(NamedTuple):
    """A problem with the values of its row, as far as they are read at all."""

    problem: Problem
    values: Mapping[str, str]


class RosterLog(ReadingLog):
    """Lists problems in a roster's tables instead of in memory."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables
        self._columns: Counter[tuple[str, str, bool]] = Counter()

    def problem(
        self,
        severity: Severity,
        *,
        file: str,
        what: str,
        what_to_do: str,
        line: int = 0,
        field: str = "",
        value: str = "",
        personal: bool = False,
        values: Mapping[str, str] | None = None,
    ) -> None:
        """Lists a problem, and the row's values for whoever mends it."""
        if values is None and line and self._is_mended(file, line):
            return  # its place is taken by the row that was given back
        self._tables.run(
            "INSERT INTO problem VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            file,
            line,
            field,
            mask(value) if personal else shorten(value),
            what,
            what_to_do,
            severity.value,
            cells_of(values or {}),
        )

    def column(self, file: str, column: str, *, fits: bool) -> None:
        """Counts a filled-in value by whether it can be what its column says."""
        self._columns[file, column, fits] += 1

    def check_columns(self) -> None:
        """Refuses a roster of which a column holds something else in most rows.

        Raises:
            PackageRefusedError: columns are swapped; every row would be wrong.
        """
        for (file, column, fits), wrong in self._columns.items():
            right = self._columns[file, column, True]
            if not fits and wrong >= _FEWEST and wrong > right:
                raise PackageRefusedError(
                    f"In {file}, {wrong} of {wrong + right} values under {column} cannot be what "
                    "that column holds: columns were swapped, or the heading is another file's. "
                    "Nothing was taken.",
                    "Compare the heading with the values below it, and export the file again.",
                    es=f"En {file}, {wrong} de {wrong + right} valores de {column} no "
                    "pueden ser lo que contiene esa columna: las columnas están "
                    "cambiadas, o el encabezado es de otro archivo. No se cargó "
                    "nada. Compare el encabezado con los valores y exporte el "
                    "archivo de nuevo.",
                )

    def problems_found(self, limit: int = -1) -> Iterator[Problem]:
        """Yields problems by file and line, in the order found where these are equal."""
        for bad in self.bad_rows(limit):
            yield bad.problem

    def bad_rows(self, limit: int = -1) -> Iterator[BadRow]:
        """Yields problems with the values of their rows, in the same order."""
        rows = self._tables.db.execute(
            "SELECT file, line, field, shown, what, what_to_do, severity, cells FROM problem "
            "ORDER BY file, line, rowid LIMIT ?",
            (limit,),
        )
        for file, line, field, shown, what, what_to_do, severity, cells in rows:
            found = Problem(
                file=file,
                line=line,
                field=field,
                value_shown=shown,
                what=what,
                what_to_do=what_to_do,
                severity=Severity(severity),
            )
            yield BadRow(found, json.loads(cells))

    def count(self) -> int:
        """How many problems there are."""
        return self._tables.count("problem")

    def _is_mended(self, file: str, line: int) -> bool:
        query = "SELECT 1 FROM mended WHERE file = ? AND line = ? AND mark = ''"
        return self._tables.one(query, file, line) is not None
