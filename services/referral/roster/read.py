"""Reads a roster in the CSV layout of Microsoft School Data Sync v2.1, row by row."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from services.chassis.tabular import (
    WHOLE_FILE,
    Cells,
    Columns,
    Package,
    PackageRefusedError,
    PackageTooLargeError,
    Row,
    open_package,
    read_rows,
)
from services.referral.roster import mended
from services.referral.roster.log import RosterLog
from services.referral.roster.model import School
from services.referral.roster.never import is_never_kept, is_value_never_kept
from services.referral.roster.people import People
from services.referral.roster.roles import Roles
from services.referral.roster.schools import Scope, below, read_schools
from services.referral.roster.swapped import ORGS, Swaps, kinds, need_known
from services.referral.roster.tables import Tables, cells_of

_COLUMNS: dict[str, tuple[str, str]] = {
    "orgs.csv": ("sourcedId name type", "parentSourcedId"),
    "roles.csv": (
        "userSourcedId orgSourcedId role",
        "grade isPrimary roleStartDate roleEndDate",
    ),
    "relationships.csv": ("userSourcedId relationshipUserSourcedId relationshipRole", ""),
    "demographics.csv": ("userSourcedId", "birthDate"),
    "userflags.csv": ("userSourcedId flag", ""),
    "users.csv": ("sourcedId givenName familyName", "email phone sms preferredLanguage"),
}
"""The files that are read, with the columns that must and those that may be there.

`preferredLanguage` is no column of the standard's: a district that knows it may add it, as BCP 47.
"""
_NEEDED = ("orgs.csv", "users.csv", "roles.csv")

ALL_COLUMNS = tuple(
    dict.fromkeys(name for pair in _COLUMNS.values() for each in pair for name in each.split())
)
"""Every column that is read, in whichever file."""

_AS_TEXT = re.compile(r'="([^"]*)"')
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,3}")
_EXCEL_ERROR = re.compile(r"#(?:REF|N/A|VALUE|NAME|DIV/0|NULL|NUM)[!?]?")


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster that was read; its rows are in the tables.

    Attributes:
        schools: its organizations by their ids there.
        log: what was wrong, and what was left out.
        tells_flags: it has a file of marks, so that a child without any has none.
        others: users that are neither a student in question nor related to one: staff, mostly.
    """

    tables: Tables
    schools: Mapping[str, School]
    roles: Roles
    log: RosterLog
    tells_flags: bool
    others: int


@contextmanager
def open_roster(source: Path | IO[bytes], scope: Scope) -> Iterator[Roster]:
    """Read a roster from a folder or a zip archive; nothing of it is left at the end.

    Only users with a student's role become students; the people around them are found through
    `relationships.csv`. Birthplace, immigration status, social-security numbers, passwords, sex,
    race and ethnicity are dropped before any record is made and counted.

    Args:
        source: the folder or archive, or the open file that holds an archive.
        scope: which organizations are taken, and which school each of them is.

    Raises:
        PackageRefusedError: the package is missing, unsafe, damaged, too large, is no roster, its
            columns are swapped, or it has no such organization. Nothing of it was taken.
    """
    tables = Tables()
    try:
        with _opened(source) as package:
            yield _read(package, tables, scope)
    finally:
        tables.close()


@contextmanager
def _opened(source: Path | IO[bytes]) -> Iterator[Package]:
    """Open a roster's package; of one too large, say how a roster is split.

    Raises:
        PackageRefusedError: it cannot be read as a whole.
    """
    with ExitStack() as stack:
        try:
            package = stack.enter_context(open_package(source))
        except PackageTooLargeError as error:
            raise PackageTooLargeError(
                error.most,
                "Nothing was taken. Send the files alone that a roster has, one school at a time "
                "(`site` and `org`), or in parts with part=true: without it, whoever a part does "
                "not name would count as withdrawn.",
                es="No se tomó nada. Envíe solo los archivos de una lista, una escuela a la vez "
                "(`site` y `org`), o por partes con part=true: sin eso, quien no esté en una parte "
                "contaría como dado de baja.",
            ) from None
        yield package


def _read(package: Package, tables: Tables, scope: Scope) -> Roster:
    absent = [file for file in _NEEDED if file not in package.members]
    if absent:
        raise PackageRefusedError(
            f"The roster has no {', '.join(absent)}.",
            "Export it as School Data Sync v2.1 with orgs.csv, users.csv and roles.csv.",
            es=f"A la lista le falta {', '.join(absent)}. Expórtela como School "
            "Data Sync v2.1 con orgs.csv, users.csv y roles.csv.",
        )
    log = RosterLog(tables)
    _take_mended(package, tables, log)
    for file in package.members.keys() - _COLUMNS.keys() - {mended.FILE}:
        log.ignore(file, WHOLE_FILE)
    swaps = [Swaps("orgs.csv", ORGS)]
    schools = read_schools(_each(package, "orgs.csv", tables, log, swaps[0]))
    sites = below(schools, scope)
    roles = Roles(tables, log, sites, frozenset(schools))
    people = People(tables, log, roles)
    columns = kinds(schools, roles, people.is_related)
    swaps.append(Swaps("roles.csv", columns["roles.csv"]))
    for cells in _each(package, "roles.csv", tables, log, swaps[-1]):
        roles.take(cells)
    for file, take in (
        ("relationships.csv", people.take_relationship),
        ("demographics.csv", people.take_demographics),
        ("userflags.csv", people.take_flag),
        # Last: by now it is known whom to keep, and nobody else's name is ever held.
        ("users.csv", people.take_user),
    ):
        swaps.append(Swaps(file, columns[file]))
        for cells in _each(package, file, tables, log, swaps[-1]):
            take(cells)
    people.finish()
    log.check_columns()
    for each in swaps:
        each.check()
    asked = roles.placed + roles.unplaced
    org = {"column": "orgSourcedId", "where": "orgs.csv (sourcedId)"}
    need_known(asked, roles.placed, file="roles.csv", **org)
    students, named = tables.count("student"), tables.named()
    user = {"column": "userSourcedId", "where": "users.csv (sourcedId)"}
    need_known(students, named, file="roles.csv", **user)
    tables.group()
    tells_flags = "userflags.csv" in package.members
    return Roster(tables, schools, roles, log, tells_flags, people.others)


def _each(
    package: Package, file: str, tables: Tables, log: RosterLog, swaps: Swaps
) -> Iterator[Cells]:
    if file not in package.members:
        return
    required, optional = (frozenset(columns.split()) for columns in _COLUMNS[file])
    columns = Columns(
        required | optional, required, never=is_never_kept, never_value=is_value_never_kept
    )
    rows = 0
    for row in read_rows(package, file, columns, log):
        rows += 1
        swaps.look(row.values)
        yield from _sound(_as_mended(row, tables, log), log)
    if not rows and file in _NEEDED:
        raise PackageRefusedError(
            f"No row of {file} could be read: it is empty, or its heading lacks "
            f"{', '.join(sorted(required))}. Nothing was taken.",
            "Give the first line these column names, and export the file again.",
            es=f"No se pudo leer ninguna fila de {file}: está vacío, o a su "
            f"encabezado le falta {', '.join(sorted(required))}. No se cargó "
            "nada. Ponga esos nombres en la primera línea y exporte el "
            "archivo de nuevo.",
        )
    left = "SELECT line, cells FROM mended WHERE file = ? AND mark = '' ORDER BY line"
    for line, cells in tables.db.execute(left, (file,)).fetchall():
        yield from _sound(Row(file, line, json.loads(cells)), log)


def _as_mended(row: Row, tables: Tables, log: RosterLog) -> Row:
    """Returns the row that was given back for this one, or this one."""
    query = "SELECT mark, cells FROM mended WHERE file = ? AND line = ? AND mark != ''"
    given = tables.one(query, row.file, row.line)
    if given is None:
        return row
    if given[0] != mended.mark_of(row.values):
        Cells(row, log).ignore(
            "",
            f"{mended.FILE} has a row for this line, which stood for another one: it belongs to "
            "another export. The row was read as it is here.",
            "Read this export again, and mend the rows that it lists now.",
        )
        return row
    return replace(row, values=json.loads(given[1]))


def _sound(row: Row, log: RosterLog) -> Iterator[Cells]:
    """Yields a row unless a spreadsheet has damaged it; `="0042"` is the text 0042."""
    values = {name: _AS_TEXT.sub(r"\1", value) for name, value in row.values.items()}
    cells = Cells(replace(row, values=values), log)
    for name, value in values.items():
        if not name.casefold().endswith("sourcedid"):
            continue  # what is no name, date or number is seen where it is read
        if _EXCEL_ERROR.fullmatch(value):
            cells.refuse(name, "A formula failed in this cell.", "Write the id itself into it.")
            return
        if _SHORTENED.fullmatch(value):
            cells.refuse(
                name,
                "A spreadsheet has shortened this id, so that its last digits are lost.",
                "Format the column as text before opening the export, or send it unopened.",
            )
            return
    yield cells


def _take_mended(package: Package, tables: Tables, log: RosterLog) -> None:
    if mended.FILE not in package.members:
        return
    columns = Columns(
        frozenset((*mended.OWN, *ALL_COLUMNS)),
        frozenset({"file", "line", "row"}),
        never=is_never_kept,
        never_value=is_value_never_kept,
    )
    for number, row in enumerate(read_rows(package, mended.FILE, columns, log), start=1):
        if number > mended.MAX_ROWS:
            raise PackageRefusedError(
                f"{mended.FILE} has more than {mended.MAX_ROWS} rows.",
                "So many are mended at their source: correct them in the school's own system.",
                es=f"{mended.FILE} tiene más de {mended.MAX_ROWS} filas. Tantas se "
                "corrigen en su origen: en el sistema de la propia escuela.",
            )
        file, line = row.values.get("file", "").lower(), row.values.get("line", "")
        if file not in _COLUMNS or not line.isdecimal():
            Cells(row, log).refuse(
                "file",
                "This row does not say which line of which file it stands for.",
                "Leave the columns file, line and row as they were.",
            )
            continue
        values = {
            name: mended.unquoted(value)
            for name, value in row.values.items()
            if name not in mended.OWN
        }
        tables.run(
            "INSERT OR REPLACE INTO mended (file, line, mark, cells) VALUES (?, ?, ?, ?)",
            *(file, int(line), row.values.get("row", ""), cells_of(values)),
        )
