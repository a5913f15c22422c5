"""Reads the JSON files of an Open Referral HSDS 3.0 package: single records, lists and pages.

Records nest in JSON, and one record stands under each of its parents. They are flattened into the
rows that the CSV files would hold, and repeats are merged.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.chassis.tabular import WHOLE_FILE, Package, ReadingLog, Row, Severity, open_text
from services.partner.directory.collect import Collected
from services.partner.directory.layout import COLUMNS, LINK_COLUMNS, LINKED, Kind
from services.partner.directory.pages import MissingPages

MAX_JSON_BYTES = 64 * 1024 * 1024
"""JSON cannot be read row by row, so one file of it must fit into memory."""
_MAX_DEPTH = 24
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\n]')
_DAMAGED = re.compile("[\0\ud800-\udfff]")

_MANY: dict[Kind, dict[str, Kind]] = {
    Kind.ORGANIZATION: {
        "phones": Kind.PHONE,
        "contacts": Kind.CONTACT,
        "locations": Kind.LOCATION,
        "programs": Kind.PROGRAM,
        "services": Kind.SERVICE,
        "attributes": Kind.ATTRIBUTE,
    },
    Kind.SERVICE: {
        "phones": Kind.PHONE,
        "contacts": Kind.CONTACT,
        "schedules": Kind.SCHEDULE,
        "languages": Kind.LANGUAGE,
        "service_areas": Kind.SERVICE_AREA,
        "service_at_locations": Kind.SERVICE_AT_LOCATION,
        "required_documents": Kind.REQUIRED_DOCUMENT,
        "cost_options": Kind.COST_OPTION,
        "attributes": Kind.ATTRIBUTE,
    },
    Kind.SERVICE_AT_LOCATION: {
        "phones": Kind.PHONE,
        "contacts": Kind.CONTACT,
        "schedules": Kind.SCHEDULE,
        "attributes": Kind.ATTRIBUTE,
    },
    Kind.LOCATION: {
        "phones": Kind.PHONE,
        "contacts": Kind.CONTACT,
        "schedules": Kind.SCHEDULE,
        "languages": Kind.LANGUAGE,
        "addresses": Kind.ADDRESS,
        "accessibility": Kind.ACCESSIBILITY,
        "attributes": Kind.ATTRIBUTE,
    },
    Kind.CONTACT: {"phones": Kind.PHONE},
    Kind.PHONE: {"languages": Kind.LANGUAGE},
}
_ONE: dict[Kind, dict[str, tuple[Kind, str]]] = {
    Kind.SERVICE: {
        "organization": (Kind.ORGANIZATION, "organization_id"),
        "program": (Kind.PROGRAM, "program_id"),
    },
    Kind.SERVICE_AT_LOCATION: {
        "service": (Kind.SERVICE, "service_id"),
        "location": (Kind.LOCATION, "location_id"),
    },
    Kind.ATTRIBUTE: {"taxonomy_term": (Kind.TAXONOMY_TERM, "taxonomy_term_id")},
}
_NAMED = (
    ("service_at_location", Kind.SERVICE_AT_LOCATION),
    ("organization", Kind.ORGANIZATION),
    ("service", Kind.SERVICE),
    ("location", Kind.LOCATION),
    ("taxonomy_term", Kind.TAXONOMY_TERM),
)
_TELLING: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"location_id", "service", "location"}), Kind.SERVICE_AT_LOCATION),
    (frozenset({"service_at_locations", "organization", "status"}), Kind.SERVICE),
    (frozenset({"location_type", "latitude", "addresses"}), Kind.LOCATION),
    (frozenset({"taxonomy", "taxonomy_detail", "term_uri"}), Kind.TAXONOMY_TERM),
    (frozenset({"services", "locations", "website", "legal_status"}), Kind.ORGANIZATION),
)
"""Which keys tell what a record is, where the name of its file does not."""


@dataclass(frozen=True, slots=True)
class _Object:
    line: int
    members: dict[str, object]


def collect(package: Package, log: ReadingLog) -> Collected:
    """Collects the records of every JSON file, and counts the files that are not read."""
    rows = Collected(log)
    pages = MissingPages(log)
    for file in sorted(package.members):
        if not file.endswith(".json") or file == "datapackage.json":
            log.ignore(file, WHOLE_FILE)
            continue
        top = _load(package, file, log)
        if top is None:
            rows.lose_all()
        reader = _Reader(file, rows)
        for record in _records(top, file, pages):
            if isinstance(record, _Object):
                reader.record(record)
            elif record is not None:
                log.ignore(file, "(no record)")
                rows.lose_all()
    if pages.report():
        rows.lose_all()
    return rows


def _load(package: Package, file: str, log: ReadingLog) -> object:
    if package.members[file].size > MAX_JSON_BYTES:
        what, line = f"The file is larger than {MAX_JSON_BYTES // 1024**2} MB.", 0
        what_to_do = "Export it in pages (as a list with `contents`), one file a page."
    else:
        with open_text(package, file, log) as text:
            content = text.read()
        try:
            return _parse(content, file, log)
        except json.JSONDecodeError as wrong:
            what, line = f"This is not JSON: {wrong.msg}.", wrong.lineno
            what_to_do = "Export the file again; it may have been cut off."
        except RecursionError:
            what, line = "The records are nested without end.", 0
            what_to_do = "Export the file again."
    log.problem(Severity.ROW_REFUSED, file=file, line=line, what=what, what_to_do=what_to_do)
    return None


def _parse(content: str, file: str, log: ReadingLog) -> object:
    # The parser reports objects as they close but not where they stood: the braces say where.
    lines = _object_lines(content)

    def make(pairs: list[tuple[str, object]]) -> _Object:
        made = _Object(next(lines, 0), dict(pairs))
        if len(made.members) < len(pairs):
            log.problem(
                Severity.VALUE_IGNORED,
                file=file,
                line=made.line,
                what="A key stands twice in one record. Only the last was read.",
                what_to_do="Remove one of the two.",
            )
        return made

    return json.loads(
        content, object_pairs_hook=make, parse_int=str, parse_float=str, parse_constant=str
    )


def _object_lines(content: str) -> Iterator[int]:
    """The lines on which objects open, in the order in which they close."""
    line, opened = 1, []
    for token in _TOKENS.finditer(content):
        match token.group():
            case "\n":
                line += 1
            case "{":
                opened.append(line)
            case "}" if opened:
                yield opened.pop()
            case _:
                pass


def _records(top: object, file: str, pages: MissingPages) -> Iterator[object]:
    if isinstance(top, _Object) and isinstance(contents := top.members.get("contents"), list):
        pages.seen(file, top.members)
        top = contents
    yield from top if isinstance(top, list) else [top]


class _Reader:
    """Flattens the records of one file."""

    def __init__(self, file: str, rows: Collected) -> None:
        self._file = file
        self._rows = rows
        self._log = rows.log

    def record(self, record: _Object) -> None:
        """Takes a record that stands by itself."""
        keys = record.members.keys()
        kind = next((kind for name, kind in _NAMED if self._file.startswith(name)), None)
        kind = kind or next((kind for telling, kind in _TELLING if telling & keys), None)
        if kind is not None:
            self._take(kind, record, {}, 0)
        elif "id" in keys:
            self._log.problem(
                Severity.ROW_REFUSED,
                file=self._file,
                line=record.line,
                what="It is not clear what kind of record this is.",
                what_to_do="Name the file after what it holds, such as services.json.",
            )
            self._rows.lose_all()
        else:
            self._log.ignore(self._file, WHOLE_FILE)
            if any(isinstance(each, list) and each for each in record.members.values()):
                self._rows.lose_all()  # a list of records under a name that nobody knows

    def _take(self, kind: Kind, record: _Object, owned: dict[str, str], depth: int) -> str | None:
        """Takes a record and all that hangs on it; returns its id if it was taken."""
        if depth > _MAX_DEPTH:
            self._lost(record, "", "The records are nested too deeply.")
            self._rows.lose_all()
            return None
        values: dict[str, str] = {}
        many: list[tuple[Kind, _Object]] = []
        for key, value in record.members.items():
            if value in (None, "", []):
                continue
            if key in _MANY.get(kind, {}):
                many += self._objects(_MANY[kind][key], record, key, value)
            elif key in _ONE.get(kind, {}):
                one, column = _ONE[kind][key]
                if isinstance(value, _Object):
                    nested = self._take(one, value, {}, depth + 1)
                    values |= {column: nested} if nested else {}
                else:
                    self._lost(record, key, "A record is expected here.")
                    self._rows.lost.add(one)
            elif key in COLUMNS[kind] or (kind in LINKED and key in LINK_COLUMNS):
                text = self._text(record, key, value)
                values |= {key: text} if text else {}
            else:
                self._log.ignore(self._file, f"{kind}.{key}")
        values |= owned
        row = Row(self._file, record.line, values)
        if not self._rows.add(kind, row, may_repeat=True):
            return None
        id_ = values.get("id")
        for child, nested_record in many:
            self._take(child, nested_record, _owner(kind, child, id_ or ""), depth + 1)
        return id_

    def _objects(
        self, kind: Kind, record: _Object, key: str, value: object
    ) -> Iterator[tuple[Kind, _Object]]:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, _Object):
                yield kind, item
            else:
                self._lost(record, key, "A list of records is expected here.")
                self._rows.lost.add(kind)

    def _text(self, record: _Object, key: str, value: object) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str):
            self._lost(record, key, "A single value is expected here.")
        elif _DAMAGED.search(value):
            self._lost(record, key, "The value contains characters that are none.")
        else:
            return value.strip()
        return None

    def _lost(self, record: _Object, key: str, what: str) -> None:
        self._log.problem(
            Severity.VALUE_IGNORED,
            file=self._file,
            line=record.line,
            field=key,
            what=what,
            what_to_do="Export the file again as HSDS 3.0.",
        )


def _owner(parent: Kind, child: Kind, id_: str) -> dict[str, str]:
    """The columns by which a record says under which other it stood."""
    if child is Kind.ATTRIBUTE:
        return {"link_id": id_, "link_entity": parent.value}
    return {f"{parent}_id": id_}
