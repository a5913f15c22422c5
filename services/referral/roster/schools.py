"""The organizations of a roster, and which of them are which schools here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.chassis.tabular import Cells, PackageRefusedError
from services.referral.roster.model import School


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose students are taken.

    Attributes:
        site: the one school here that all of them are of; None for a whole district.
        org: the id of one organization, taken with all below it; None for all.
        sites: for a district, the school here of each organization.
    """

    site: str | None = None
    org: str | None = None
    sites: Mapping[str, str] | None = None


def read_schools(rows: Iterable[Cells]) -> dict[str, School]:
    """Read `orgs.csv`."""
    schools: dict[str, School] = {}
    parents: list[tuple[Cells, str]] = []
    for cells in rows:
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


def below(schools: Mapping[str, School], scope: Scope) -> dict[str, str]:
    """Return the school here of each organization whose students are taken.

    Raises:
        PackageRefusedError: the roster has no such organization, or none that is a school here.
    """
    if scope.site is None:
        known = scope.sites or {}
        found = {id_: known[id_] for id_ in schools if id_ in known}
        if not found:
            raise PackageRefusedError(
                "No organization of the roster is known as one of the district's schools.",
                "Enter each school's id of orgs.csv as `sis_org` in the list of schools, or take "
                "one school in at a time.",
                es="Ninguna organización de la lista es una escuela conocida del "
                "distrito. Escriba el número de cada escuela en orgs.csv como "
                "`sis_org` en la lista de escuelas, o cargue una escuela a la "
                "vez.",
            )
        return found
    return dict.fromkeys(_taken(schools, scope.org), scope.site)


def _taken(schools: Mapping[str, School], org: str | None) -> frozenset[str]:
    """The organizations whose students are taken: all, or one with all below it."""
    if org is None:
        return frozenset(schools)
    if org not in schools:
        raise PackageRefusedError(
            f"The roster has no organization with the id {org}.",
            "Use one of the ids in the column sourcedId of orgs.csv.",
            es=f"La lista no tiene ninguna organización con el número {org}. Use "
            "uno de los de la columna sourcedId de orgs.csv.",
        )
    taken = {org}
    grew = True
    while grew:
        found = {id_ for id_, school in schools.items() if school.parent_source_id in taken}
        grew = not found <= taken
        taken |= found
    return frozenset(taken)
