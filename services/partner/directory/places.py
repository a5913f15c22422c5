"""Builds agencies, their programs, and the places where they are."""

from collections.abc import Mapping

from services.chassis.tabular import Cells
from services.partner.directory.collect import Collected, Entry
from services.partner.directory.layout import Kind
from services.partner.directory.model import (
    Address,
    Coordinates,
    Location,
    LocationType,
    Organization,
    Program,
)

_TYPES = {member.value: member for member in LocationType}


def organizations(rows: Collected) -> dict[str, Organization]:
    """Builds every organization that has a name."""
    built = {}
    for id_, entry in rows[Kind.ORGANIZATION].items():
        cells = Cells(entry.row, rows.log)
        name = cells.text("name")
        if name is None:
            cells.refuse("name", "The organization has no name.", "Give it the name it goes by.")
            continue
        built[id_] = Organization(
            source_id=id_,
            name=name,
            alternate_name=cells.text("alternate_name"),
            description=cells.text("description"),
            email=cells.email("email"),
            website=cells.url("website"),
            parent_organization_source_id=cells.text("parent_organization_id"),
        )
    return _in_a_tree(rows, built)


def _in_a_tree(rows: Collected, built: dict[str, Organization]) -> dict[str, Organization]:
    """Leaves out each parent that is not there, or that leads back to the organization itself."""
    parents = {id_: each.parent_organization_source_id for id_, each in built.items()}
    rooted: set[str] = set()
    for id_, parent in list(parents.items()):
        if parent is None:
            continue
        if parent not in built:
            what = "No organization of this package has this id."
            what_to_do = "Add the parent organization, or leave this empty."
        elif leads_back(parents, id_, rooted):
            what = "The organizations above this one lead back to it."
            what_to_do = "Give the topmost of them no parent."
        else:
            continue
        cells = Cells(rows[Kind.ORGANIZATION][id_].row, rows.log)
        cells.ignore("parent_organization_id", what, what_to_do)
        parents[id_] = None
        built[id_] = built[id_].model_copy(update={"parent_organization_source_id": None})
    return built


def leads_back(parents: Mapping[str, str | None], id_: str, rooted: set[str]) -> bool:
    """Tells whether a record is above itself.

    `rooted`: those of which it is known that they are not, kept from one call to the next, so that
    a long chain is not walked again from each of its links.
    """
    seen = {id_}
    above = parents[id_]
    while above is not None and above not in seen and above not in rooted:
        seen.add(above)
        above = parents.get(above)
    if above is None or above in rooted:
        rooted |= seen
    return above == id_


def programs(rows: Collected, known: dict[str, Organization]) -> dict[str, Program]:
    """Builds every program that has a name."""
    built = {}
    for id_, entry in rows[Kind.PROGRAM].items():
        cells = Cells(entry.row, rows.log)
        name = cells.text("name")
        if name is None:
            cells.refuse("name", "The program has no name.", "Give it the name it goes by.")
            continue
        built[id_] = Program(
            source_id=id_,
            organization_source_id=owner(cells, known),
            name=name,
            alternate_name=cells.text("alternate_name"),
            description=cells.text("description"),
        )
    return built


def owner(cells: Cells, known: dict[str, Organization]) -> str | None:
    """The organization that a row names, or None after listing one that is not there."""
    id_ = cells.text("organization_id")
    if id_ is None or id_ in known:
        return id_
    cells.ignore(
        "organization_id",
        "No organization of this package has this id.",
        "Add the organization, or correct the id.",
    )
    return None


def locations(rows: Collected, known: dict[str, Organization]) -> dict[str, Location]:
    """Builds every location, with its addresses and what makes it accessible."""
    addresses = _addresses(rows)
    accessibility = _accessibility(rows)
    built = {}
    for id_, entry in rows[Kind.LOCATION].items():
        cells = Cells(entry.row, rows.log)
        built[id_] = Location(
            source_id=id_,
            organization_source_id=owner(cells, known),
            location_type=_location_type(cells, "location_type"),
            name=cells.text("name"),
            alternate_name=cells.text("alternate_name"),
            description=cells.text("description"),
            transportation=cells.text("transportation"),
            url=cells.url("url"),
            coordinates=_coordinates(cells),
            addresses=tuple(addresses.get(id_, ())),
            accessibility=tuple(accessibility.get(id_, ())),
        )
    return built


def _coordinates(cells: Cells) -> Coordinates | None:
    latitude = cells.number("latitude", -90, 90)
    longitude = cells.number("longitude", -180, 180)
    if latitude is None or longitude is None:
        for column, found in (("latitude", latitude), ("longitude", longitude)):
            if found is not None:
                cells.ignore(
                    column, "A coordinate alone is no place.", "Give latitude and longitude."
                )
        return None
    if latitude == longitude == 0:
        cells.ignore(
            "latitude", "0, 0 lies in the ocean; it stands for no place.", "Leave both empty."
        )
        return None
    return Coordinates(latitude=latitude, longitude=longitude)


def _location_type(cells: Cells, column: str) -> LocationType | None:
    text = cells.text(column)
    if text is None:
        return None
    found = _TYPES.get(text.casefold())
    if found is None:
        cells.ignore(column, "This is no kind of location.", f"Write one of {', '.join(_TYPES)}.")
    return found


def _place(rows: Collected, entry: Entry, cells: Cells) -> str | None:
    location = entry.row.values.get("location_id")
    if location is not None and location in rows[Kind.LOCATION]:
        return location
    cells.refuse(
        "location_id",
        "No location of this package has this id.",
        "Add the location, or correct the id.",
    )
    return None


def _addresses(rows: Collected) -> dict[str, list[Address]]:
    built: dict[str, list[Address]] = {}
    for id_, entry in rows[Kind.ADDRESS].items():
        cells = Cells(entry.row, rows.log)
        location = _place(rows, entry, cells)
        if location is None:
            continue
        if not any(cells.text(column) for column in ("address_1", "city", "postal_code")):
            cells.refuse("address_1", "The address is empty.", "Fill it in, or remove the row.")
            continue
        built.setdefault(location, []).append(
            Address(
                source_id=id_,
                address_type=_location_type(cells, "address_type"),
                attention=cells.text("attention"),
                address_1=cells.text("address_1"),
                address_2=cells.text("address_2"),
                city=cells.text("city"),
                region=cells.text("region"),
                state_province=cells.text("state_province"),
                postal_code=cells.text("postal_code"),
                country=cells.text("country"),
            )
        )
    return built


def _accessibility(rows: Collected) -> dict[str, list[str]]:
    built: dict[str, list[str]] = {}
    for entry in rows[Kind.ACCESSIBILITY].values():
        cells = Cells(entry.row, rows.log)
        location = _place(rows, entry, cells)
        said = [text for column in ("description", "details") if (text := cells.text(column))]
        if location is not None and said:
            built.setdefault(location, []).append(" ".join(said))
    return built
