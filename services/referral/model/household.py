"""Households out of a roster: who belongs together, under ids that the next roster finds again.

A roster knows children and the people around them, and no households. Children whom the very same
people stand around are one household: half-siblings with another father are not, so that nobody
is told of a child who is not theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from contracts.codes import Relation
from services.referral.roster.model import Guardian, RosterPackage, Student

_RELATIONS = {
    "mother": Relation.MOTHER,
    "father": Relation.FATHER,
    "parent": Relation.GUARDIAN,
    "guardian": Relation.GUARDIAN,
    "grandparent": Relation.GRANDPARENT,
    "grandmother": Relation.GRANDPARENT,
    "grandfather": Relation.GRANDPARENT,
    "relative": Relation.RELATIVE,
    "aunt": Relation.RELATIVE,
    "uncle": Relation.RELATIVE,
    "sibling": Relation.RELATIVE,
}


@dataclass(frozen=True, slots=True)
class Household:
    """Children at one school with the people around them.

    Attributes:
        contacts: each with the relation to the first child.
    """

    id: str
    students: tuple[Student, ...]
    contacts: tuple[tuple[Guardian, Relation], ...]


def roster_id(site: str, what: str, source_id: str) -> str:
    """Return the id of something that a school's roster names; the same at every import."""
    return str(uuid5(NAMESPACE_URL, f"https://enlace.org/rosters/{site}/{what}/{source_id}"))


def households(
    site: str, package: RosterPackage, students: Iterable[Student], families: Mapping[str, str]
) -> list[Household]:
    """Return the households of a roster's students.

    Args:
        site: the school.
        package: the roster.
        students: those of its students that are taken.
        families: the family of each student that is known already, by the school's own id.
    """
    people = {guardian.source_id: guardian for guardian in package.guardians}
    around: dict[str, dict[str, str]] = {}
    for tie in package.relationships:
        if tie.guardian_source_id in people:
            ties = around.setdefault(tie.student_source_id, {})
            ties[tie.guardian_source_id] = tie.relation
    groups: dict[tuple[str, ...], list[Student]] = {}
    for student in sorted(students, key=lambda each: each.source_id):
        own = tuple(sorted(around.get(student.source_id, ())))
        # A child without anybody is a household alone.
        groups.setdefault(own or (f"alone {student.source_id}",), []).append(student)
    taken: set[str] = set()
    found = []
    for children in groups.values():
        known = (families.get(each.source_id) for each in children)
        first = children[0].source_id
        made = roster_id(site, "family", first)
        # A household keeps its id when somebody joins or leaves it; two never share one.
        id = next((each for each in known if each is not None and each not in taken), made)
        taken.add(id)
        ties = around.get(first, {})
        contacts = tuple((people[each], relation_of(ties[each])) for each in ties)
        found.append(Household(id, tuple(children), contacts))
    return found


def relation_of(text: str) -> Relation:
    """Return the relation that a school system's code means."""
    return _RELATIONS.get(text.strip().casefold(), Relation.OTHER)
