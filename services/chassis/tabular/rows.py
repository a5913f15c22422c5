"""Reads the rows of a delimited file one by one, and lists every row that cannot be one."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.tabular.package import Package
from services.chassis.tabular.problems import ReadingLog, Severity
from services.chassis.tabular.text import Lines, open_text

_DELIMITERS = ",;\t|"
_TELLS_DELIMITER = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
"""The line that some spreadsheets write, and Excel takes, before the heading."""


@dataclass(frozen=True, slots=True)
class Row:
    """The filled-in values of one row by column, and where the row stands.

    `names` gives the file's own name of a column where a reader has renamed it, so that a problem
    is told in the words of the file.
    """

    file: str
    line: int
    values: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, column: str) -> str:
        """Says how the file itself calls a column."""
        return self.names.get(column, column)


@dataclass(frozen=True)
class Columns:
    """Which columns of a file are read and which must be there.

    `never` knows the columns, and `never_value` the values in any column, that must not be kept.
    """

    read: frozenset[str]
    required: frozenset[str]
    never: Callable[[str], bool] = lambda _column: False
    never_value: Callable[[str], bool] = lambda _value: False


def read_rows(package: Package, file: str, columns: Columns, log: ReadingLog) -> Iterator[Row]:
    """Yields the rows of a file that have the shape of its heading.

    Values are stripped and empty ones left out. Columns are recognised in any case and order.
    What is not read is counted as ignored, what must never be kept as dropped; neither ever
    becomes part of a row. A row that does not fit the heading, or whose quotes do not close, is
    listed and left out, and so is the file if a required column is missing.
    """
    with open_text(package, file, log) as text:
        lines = Lines(text, file, log)
        heading = next(lines, "").replace("\0", "")
        if not heading.strip():
            _refuse_file(log, file, "The file is empty.", "Export it again, or leave it out.")
            return
        delimiter = max(_DELIMITERS, key=heading.count)
        if told := _TELLS_DELIMITER.fullmatch(heading.strip()):
            delimiter, heading = told[1], next(lines, "").replace("\0", "")
        try:
            names = next(csv.reader([heading], delimiter=delimiter))
        except csv.Error:
            _refuse_file(log, file, "The first line is no heading.", "Start with column names.")
            return
        known = {column.casefold(): column for column in columns.read}
        header = [known.get(name.strip().casefold(), name.strip()) for name in names]
        missing = sorted(columns.required - set(header))
        if missing:
            _refuse_file(
                log,
                file,
                f"The heading has no column {', '.join(missing)}, so no row of it was read.",
                "Give the first line these column names, separated by commas.",
                field=", ".join(missing),
            )
            return
        header = _without_repeats(header, file, log)
        yield from _rows(_cells(lines, delimiter, file, log), header, columns, file, log)


def _refuse_file(log: ReadingLog, file: str, what: str, what_to_do: str, field: str = "") -> None:
    log.problem(Severity.ROW_REFUSED, file=file, what=what, what_to_do=what_to_do, field=field)


def _without_repeats(header: Sequence[str], file: str, log: ReadingLog) -> list[str]:
    """Blanks the later of two columns with one name: which of them counts is not ours to guess."""
    kept: list[str] = []
    for name in header:
        if name and name in kept:
            log.problem(
                Severity.VALUE_IGNORED,
                file=file,
                line=1,
                field=name,
                what="Two columns have this name. Only the first was read.",
                what_to_do="Rename or remove the second column.",
            )
            kept.append("")
        else:
            kept.append(name)
    return kept


def _cells(
    lines: Lines, delimiter: str, file: str, log: ReadingLog
) -> Iterator[tuple[int, list[str]]]:
    # strict: a stray quote would otherwise swallow the rows that follow, in silence.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.start = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as unreadable:
            huge = "field larger" in str(unreadable)
            log.problem(
                Severity.ROW_REFUSED,
                file=file,
                line=lines.start,
                what=f"A value is longer than {csv.field_size_limit():,} characters."
                if huge
                else f"The quotes do not match; lines {lines.start} to {lines.number} were lost.",
                what_to_do='Write a quote inside a value as two quotes (""), and close each value.',
            )
        else:
            yield lines.start, cells


def _rows(
    rows: Iterator[tuple[int, list[str]]],
    header: Sequence[str],
    columns: Columns,
    file: str,
    log: ReadingLog,
) -> Iterator[Row]:
    never = frozenset(name for name in header if columns.never(name))
    for line, cells in rows:
        stripped = [cell.strip() for cell in cells]
        if not any(stripped):
            continue
        if any(stripped[len(header) :]):
            log.problem(
                Severity.ROW_REFUSED,
                file=file,
                line=line,
                what=f"The row has {len(cells)} values, but the heading has {len(header)} columns.",
                what_to_do="Put quotes around values that contain the separator.",
            )
            continue
        values: dict[str, str] = {}
        # A row may be shorter than its heading: spreadsheets leave out empty cells at the end.
        for name, value in zip(header, stripped, strict=False):
            if not value:
                continue
            if name in never or columns.never_value(value):
                log.drop(file, name)
            elif name not in columns.read:
                log.ignore(file, name or "(no heading)")
            elif "\0" in value:
                log.problem(
                    Severity.VALUE_IGNORED,
                    file=file,
                    line=line,
                    field=name,
                    what="The value contains a NUL byte, so it is damaged.",
                    what_to_do="Export the file again.",
                )
            else:
                values[name] = value
        yield Row(file, line, values)
