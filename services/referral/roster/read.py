"""Reads a roster in the CSV layout of Microsoft School Data Sync v2.1."""

from collections.abc import Iterator
from pathlib import Path

from services.chassis.tabular import (
    WHOLE_FILE,
    Cells,
    Columns,
    Package,
    PackageRefusedError,
    ReadingLog,
    open_package,
    read_rows,
)
from services.referral.roster.model import RosterPackage, School
from services.referral.roster.never import is_never_kept, is_value_never_kept
from services.referral.roster.people import People
from services.referral.roster.roles import Roles

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


def read_roster(path: Path, org: str | None = None) -> RosterPackage:
    """Reads a roster from a folder or a zip archive.

    Only users with a student's role become students; the people around them are found through
    `relationships.csv`. Birthplace, immigration status, social-security numbers, passwords, sex,
    race and ethnicity are dropped before any record is made and counted in `dropped`.

    Args:
        path: The folder or archive.
        org: The id of one organization. Only students of it, or of an organization below it, are
            taken; the others are no problem.

    Raises:
        PackageRefusedError: The package is missing, unsafe, damaged, too large, is no roster, or
            has no such organization. Nothing of it was taken.
    """
    log = ReadingLog()
    with open_package(path) as package:
        absent = [file for file in _NEEDED if file not in package.members]
        if absent:
            raise PackageRefusedError(
                f"The roster has no {', '.join(absent)}.",
                "Export it as School Data Sync v2.1 with orgs.csv, users.csv and roles.csv.",
            )
        for file in package.members.keys() - _COLUMNS.keys():
            log.ignore(file, WHOLE_FILE)
        schools = _schools(package, log)
        roles = Roles(log, schools, _scope(schools, org))
        for cells in _each(package, "roles.csv", log):
            roles.take(cells)
        people = People(log, roles)
        for file, take in (
            ("relationships.csv", people.take_relationship),
            ("demographics.csv", people.take_demographics),
            ("userflags.csv", people.take_flag),
            # Last: by now it is known whom to keep, and nobody else's name is ever held.
            ("users.csv", people.take_user),
        ):
            for cells in _each(package, file, log):
                take(cells)
        people.finish()
    return RosterPackage(
        schools=tuple(schools.values()),
        students=people.students(),
        guardians=people.guardians(),
        relationships=people.relationships(),
        others=people.others,
        ignored=log.ignored,
        dropped=log.dropped,
        problems=log.problems,
    )


def _each(package: Package, file: str, log: ReadingLog) -> Iterator[Cells]:
    if file not in package.members:
        return
    required, optional = (frozenset(columns.split()) for columns in _COLUMNS[file])
    columns = Columns(
        required | optional, required, never=is_never_kept, never_value=is_value_never_kept
    )
    for row in read_rows(package, file, columns, log):
        yield Cells(row, log)


def _schools(package: Package, log: ReadingLog) -> dict[str, School]:
    schools: dict[str, School] = {}
    parents: list[tuple[Cells, str]] = []
    for cells in _each(package, "orgs.csv", log):
        id_ = cells.id("sourcedId")
        if id_ is None:
            continue
        if id_ in schools:
            cells.refuse("sourcedId", "Another row has this id.", "Give each its own id.")
            continue
        name = cells.text("name")
        if name is None:
            cells.refuse("name", "The organization has no name.", "Give it a name.")
            continue
        schools[id_] = School(
            source_id=id_,
            name=name,
            type=cells.text("type") or "school",
            parent_source_id=cells.text("parentSourcedId"),
        )
        parents.append((cells, id_))
    for cells, id_ in parents:
        parent = schools[id_].parent_source_id
        if parent is not None and parent not in schools:
            cells.ignore(
                "parentSourcedId",
                "No organization of the roster has this id.",
                "Add it to orgs.csv, or leave this empty.",
            )
            schools[id_] = schools[id_].model_copy(update={"parent_source_id": None})
    return schools


def _scope(schools: dict[str, School], org: str | None) -> frozenset[str]:
    """The organizations whose students are taken: all, or one with all below it."""
    if org is None:
        return frozenset(schools)
    if org not in schools:
        raise PackageRefusedError(
            f"The roster has no organization with the id {org}.",
            "Use one of the ids in the column sourcedId of orgs.csv.",
        )
    scope = {org}
    grew = True
    while grew:
        below = {id_ for id_, school in schools.items() if school.parent_source_id in scope}
        grew = not below <= scope
        scope |= below
    return frozenset(scope)
