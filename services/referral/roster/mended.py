"""Bad rows as a CSV that a person mends in a spreadsheet and gives back with the same export.

Each line names the file and line it stands for, what was wrong, what to do, and the row's values.
`row` is a mark of what stood there: a row that was given back takes the place of that very row and
of no other, so that a file mended for last week's export spoils nothing in this week's.
"""

import csv
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.referral.roster.log import BadRow
from services.referral.roster.spanish import in_spanish

FILE = "mended-rows.csv"
"""How the file is called in a package; in lower case, as packages know their files."""

MAX_ROWS = 20_000
"""Rows that can be given back with one export."""

OWN = ("file", "line", "row", "field", "what", "what_to_do", "what_es", "what_to_do_es")

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_QUOTED_FORMULA = re.compile(r"^'(?=[=+\-@\t\r])")


def mark_of(values: Mapping[str, str]) -> str:
    """Return a short mark of a row's values; empty for a row that could not be read at all."""
    if not values:
        return ""
    text = "\x1f".join(f"{name}={values[name]}" for name in sorted(values))
    return f"{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def write_bad_rows(bad: Iterable[BadRow], columns: Sequence[str]) -> Iterator[str]:
    """Yield a CSV with one line for each problem, first its heading.

    A value that a spreadsheet would run as a formula is written behind an apostrophe; reading the
    file takes that off again.
    """
    yield "\ufeff" + _line([*OWN, *columns])  # the mark by which Excel knows UTF-8
    for problem, values in bad:
        own = (
            *(problem.file, str(problem.line), mark_of(values), problem.field),
            *(problem.what, problem.what_to_do),
            *(in_spanish(problem.what), in_spanish(problem.what_to_do)),
        )
        yield _line([*own, *(values.get(column, "") for column in columns)])


def unquoted(value: str) -> str:
    """Return a value as it was before a formula was made harmless."""
    return _QUOTED_FORMULA.sub("", value)


def _line(values: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{value}" if _FORMULA.match(value) else value for value in values])
    return out.getvalue()
