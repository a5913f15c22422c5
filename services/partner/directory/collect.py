"""Gathers rows by table and id, before records are built from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.chassis.tabular import (
    Cells,
    PackageRefusedError,
    ReadingLog,
    Row,
    Severity,
    UnreadableValueError,
)
from services.chassis.tabular import parse_id as checked_id
from services.partner.directory.layout import LINK_COLUMNS, LINKED, PERSONAL, WORDS, Kind
from services.partner.directory.model import LinkKind
from services.partner.directory.plain import has_markup, plain

MOST_RECORDS = 400_000
"""Records of one package: a county of 4,000 services has a quarter of them."""
MOST_PROBLEMS = 50_000


@dataclass(slots=True)
class Entry:
    """One record to be: its row, and what it belongs to, with the column that says so."""

    kind: Kind
    id: str
    row: Row
    links: dict[tuple[LinkKind, str], tuple[Row, str]] = field(default_factory=dict)


class Collected:
    """The rows of a package by table and id.

    Attributes:
        lost: the tables of which something could not be read, or that are not there: what is
            missing from these may have been in it.
    """

    def __init__(self, log: ReadingLog) -> None:
        self.log = log
        self.lost: set[Kind] = set()
        self.attributes: list[Row] = []
        self._taken = 0
        self._tables: dict[Kind, dict[str, Entry]] = {kind: {} for kind in Kind}

    def __getitem__(self, kind: Kind) -> Mapping[str, Entry]:
        return self._tables[kind]

    @property
    def refusals(self) -> int:
        """How many rows were refused so far, of whatever table."""
        return sum(each.severity is Severity.ROW_REFUSED for each in self.log.problems)

    def lose_all(self) -> None:
        """Notes that something was lost of which nobody knows what it was."""
        self.lost |= set(Kind)

    def add_all(self, kind: Kind, rows: Iterable[Row]) -> None:
        """Takes the rows of a file in which an id may stand once only."""
        for row in rows:
            self.add(kind, row)

    def add(self, kind: Kind, row: Row, *, may_repeat: bool = False) -> bool:
        """Takes a row, or lists it as refused if its id is missing, unusable or taken.

        Args:
            kind: The table it belongs to.
            row: Its values; the columns that link it become its links.
            may_repeat: In JSON one record stands under each of its parents. A repeat then adds
                its links, and fills in values that were missing.

        Returns:
            Whether the row was taken.
        """
        self._count()
        if kind is Kind.ATTRIBUTE:  # joins a term to a record; nothing refers to its own id
            self.attributes.append(row)
            return True
        table = self._tables[kind]
        row = self._in_words(kind, row, again=may_repeat)
        cells = Cells(row, self.log)
        id_ = cells.id("id")
        if id_ is None:
            self.lost.add(kind)
            return False
        entry = table.get(id_)
        if entry is None:
            entry = table[id_] = Entry(kind, id_, row)
        elif may_repeat:
            entry.row = self._merged(kind, entry.row, row)
        else:
            cells.refuse(
                "id",
                f"Line {entry.row.line} already has this id. That one was kept.",
                "Give each row an id of its own.",
            )
            return False
        if kind in LINKED:
            self._link(entry, row)
        return True

    def _count(self) -> None:
        """Counts a record, so that a package of endless rows ends before the memory does.

        Raises:
            PackageRefusedError: there are more than a directory has, or more to mend than anybody
                would.
        """
        self._taken += 1
        if self._taken > MOST_RECORDS:
            raise PackageRefusedError(
                f"The package holds more than {MOST_RECORDS:,} records.",
                "Split it by agency, and name one `source` for each part.",
                es=f"El paquete tiene más de {MOST_RECORDS:,} registros. Divídalo por agencia y dé "
                "a cada parte un `source`.",
            )
        if self.log.found > MOST_PROBLEMS:
            raise PackageRefusedError(
                f"The package has more than {MOST_PROBLEMS:,} problems.",
                "Look at its export: a column may be another's. Then send it again.",
                es=f"El paquete tiene más de {MOST_PROBLEMS:,} problemas. Revise la exportación: "
                "una columna puede estar en lugar de otra. Luego envíelo otra vez.",
            )

    def _in_words(self, kind: Kind, row: Row, *, again: bool) -> Row:
        """Leaves out of a row's words what is markup, and lists it."""
        values = dict(row.values)
        for column in WORDS & values.keys():
            values[column] = plain(values[column])
            if not has_markup(row.values[column]):
                continue
            # In JSON one record stands under each of its parents: it is listed once.
            if not again or row.values.get("id") not in self._tables[kind]:
                Cells(row, self.log).ignore(
                    column,
                    "The value holds HTML. Its words were kept, its markup was left out.",
                    "Export plain text.",
                    personal=column in PERSONAL.get(kind, frozenset()),
                )
        return Row(row.file, row.line, {k: v for k, v in values.items() if v}, row.names)

    def _link(self, entry: Entry, row: Row) -> None:
        for column, target in LINK_COLUMNS.items():
            source_id = row.values.get(column)
            if source_id is None:
                continue
            try:
                entry.links.setdefault((target, checked_id(source_id)), (row, column))
            except UnreadableValueError as wrong:
                Cells(row, self.log).ignore(column, wrong.what, wrong.what_to_do)
                self.lost.add(entry.kind)

    def _merged(self, kind: Kind, first: Row, again: Row) -> Row:
        personal = PERSONAL.get(kind, frozenset())
        linking = LINK_COLUMNS if kind in LINKED else {}
        for column, value in again.values.items():
            kept = first.values.get(column, value)
            if kept != value and column not in linking:
                self.log.problem(
                    Severity.VALUE_IGNORED,
                    file=again.file,
                    line=again.line,
                    field=again.name(column),
                    value=value,
                    personal=column in personal,
                    what=f"The same record says otherwise in {first.file}, line {first.line}.",
                    what_to_do="Export all files of the package at one time.",
                )
        return Row(first.file, first.line, {**again.values, **first.values}, first.names)
