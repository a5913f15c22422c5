"""Reads the older CSV layout of the Ohana API (in the spirit of HSDS 1.0).

It differs from HSDS 3.0 in that a service names its one location, and through it its organization;
that languages, areas, papers and categories are lists inside a column; and that post goes to
addresses of their own file.
"""

import hashlib
from collections.abc import Callable, Mapping

from services.chassis.tabular import (
    WHOLE_FILE,
    Cells,
    Columns,
    Package,
    ReadingLog,
    Row,
    read_rows,
    split_list,
)
from services.partner.directory.categories import OPEN_ELIGIBILITY_NAME
from services.partner.directory.collect import Collected
from services.partner.directory.layout import Kind, meant_by

_Take = Callable[[Collected, Kind, Row], None]

_COLUMNS: dict[str, str] = {
    "organizations.csv": "id name alternate_name description email website",
    "programs.csv": "id organization_id name alternate_name",
    "locations.csv": """id organization_id name alternate_name description transportation website
        latitude longitude virtual languages accessibility""",
    "services.csv": """id location_id program_id name alternate_name description website email
        status interpretation_services application_process fees wait_time eligibility audience
        keywords languages required_documents service_areas taxonomy_ids""",
    "addresses.csv": """id location_id address_1 address_2 city state_province postal_code
        country""",
    "mail_addresses.csv": """id location_id attention address_1 address_2 city state_province
        postal_code country""",
    "contacts.csv": "id location_id organization_id service_id name title email department",
    "phones.csv": """id contact_id location_id organization_id service_id country_prefix
        department extension number number_type""",
    "regular_schedules.csv": "id location_id service_id weekday opens_at closes_at",
    "holiday_schedules.csv": """id location_id service_id start_date end_date closed opens_at
        closes_at""",
    "taxonomy.csv": "taxonomy_id name parent_id",
}
_RENAMED: dict[str, dict[str, str]] = {
    "locations.csv": {"website": "url"},
    "services.csv": {
        "website": "url",
        "fees": "fees_description",
        "eligibility": "eligibility_description",
    },
    "phones.csv": {"number_type": "type", "department": "description"},
    "regular_schedules.csv": {"weekday": "byday"},
    "taxonomy.csv": {"taxonomy_id": "id"},
}


def collect(package: Package, log: ReadingLog) -> Collected:
    """Collects rows as those of HSDS 3.0, and counts the files that are not read."""
    rows = Collected(log)
    for file, (kind, take) in _TAKEN.items():
        if file in package.members:
            read = frozenset(_COLUMNS[file].split())
            required = frozenset({"taxonomy_id" if file == "taxonomy.csv" else "id"})
            before = rows.refusals
            for row in read_rows(package, file, Columns(read, required), log):
                take(rows, kind, _renamed(row, _RENAMED.get(file, {})))
            if rows.refusals > before:
                rows.lost.add(kind)
    for file in package.members:
        if file not in _TAKEN:
            log.ignore(file, WHOLE_FILE)
            rows.lost |= meant_by(file)
    return rows


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return Row(
        row.file,
        row.line,
        {names.get(column, column): value for column, value in row.values.items()},
        {new: old for old, new in names.items()},
    )


def _with(row: Row, **values: str) -> Row:
    return Row(row.file, row.line, {**row.values, **values}, row.names)


def _plain(rows: Collected, kind: Kind, row: Row) -> None:
    rows.add(kind, row)


def _saying(**values: str) -> _Take:
    """Takes rows of which a column is known because the file holds only such."""

    def take(rows: Collected, kind: Kind, row: Row) -> None:
        rows.add(kind, _with(row, **values))

    return take


def _mail_address(rows: Collected, kind: Kind, row: Row) -> None:
    # Both files of addresses number their rows from 1.
    id_ = {"id": f"mail:{row.values['id']}"} if "id" in row.values else {}
    rows.add(kind, _with(row, address_type="postal", **id_))


def _location(rows: Collected, kind: Kind, row: Row) -> None:
    virtual = Cells(row, rows.log).flag("virtual")
    if rows.add(kind, _with(row, location_type="virtual" if virtual else "physical")):
        for part, column, key in (
            (Kind.LANGUAGE, "languages", "name"),
            (Kind.ACCESSIBILITY, "accessibility", "description"),
        ):
            _list(rows, row, part=part, column=column, key=key, owner="location")


def _service(rows: Collected, kind: Kind, row: Row) -> None:
    cells = Cells(row, rows.log)
    location = rows[Kind.LOCATION].get(row.values.get("location_id", ""))
    if location is None:
        cells.refuse(
            "location_id",
            "The service names no location of this package, so its organization is unknown.",
            "Add the location to locations.csv, or correct the id.",
        )
        return
    organization = location.row.values.get("organization_id", "")
    if organization not in rows[Kind.ORGANIZATION]:
        cells.refuse(
            "location_id",
            "The location of the service belongs to no organization of this package.",
            f"Correct organization_id in locations.csv, line {location.row.line}.",
        )
        return
    names = {**row.names, "organization_id": "location_id"}
    owned = {**row.values, "organization_id": organization}
    taken = rows.add(kind, Row(row.file, row.line, owned, names))
    if not taken:
        return
    id_ = row.values["id"]
    joined = {"id": f"{id_}@{location.id}", "service_id": id_, "location_id": location.id}
    rows.add(Kind.SERVICE_AT_LOCATION, Row(row.file, row.line, joined))
    for part, column, key in (
        (Kind.LANGUAGE, "languages", "name"),
        (Kind.SERVICE_AREA, "service_areas", "name"),
        (Kind.REQUIRED_DOCUMENT, "required_documents", "document"),
        (Kind.ATTRIBUTE, "taxonomy_ids", "taxonomy_term_id"),
    ):
        _list(rows, row, part=part, column=column, key=key, owner="service")


def _list(rows: Collected, row: Row, *, part: Kind, column: str, key: str, owner: str) -> None:
    """Makes one row of each part of a list inside a column of a row that was taken."""
    id_ = row.values["id"]
    for text in split_list(row.values.get(column, "")):
        # Of its content, not of its place in the list: a new first language renames no other.
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        said = text.replace("_", " ") if part is Kind.ACCESSIBILITY else text
        made = {
            key: said,
            "id": f"{owner}:{id_}:{part}:{digest}",
            f"{owner}_id": id_,
            "link_id": id_,
        }
        rows.add(part, Row(row.file, row.line, made, dict.fromkeys(made, column)))


def _phone(rows: Collected, kind: Kind, row: Row) -> None:
    prefix, number = row.values.get("country_prefix"), row.values.get("number")
    if prefix and number and not number.startswith("+"):
        row = _with(row, number=f"+{prefix.lstrip('+')} {number}")
    rows.add(kind, row)


_TAKEN: dict[str, tuple[Kind, _Take]] = {
    "organizations.csv": (Kind.ORGANIZATION, _plain),
    "programs.csv": (Kind.PROGRAM, _plain),
    "taxonomy.csv": (Kind.TAXONOMY_TERM, _saying(taxonomy=OPEN_ELIGIBILITY_NAME)),
    "locations.csv": (Kind.LOCATION, _location),
    "services.csv": (Kind.SERVICE, _service),
    "addresses.csv": (Kind.ADDRESS, _saying(address_type="physical")),
    "mail_addresses.csv": (Kind.ADDRESS, _mail_address),
    "contacts.csv": (Kind.CONTACT, _plain),
    "phones.csv": (Kind.PHONE, _phone),
    "regular_schedules.csv": (Kind.SCHEDULE, _saying(freq="WEEKLY")),
    "holiday_schedules.csv": (Kind.HOLIDAY_SCHEDULE, _plain),
}
"""How each file is taken, locations before the services that find their organization by them."""
