"""What a roster changes: compared by fingerprints, before anything is sealed or written."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.codes import Relation
from services.referral.model.household import Household, households, roster_id
from services.referral.model.people import Contact, Family, Student
from services.referral.roster.model import Guardian, RosterPackage
from services.referral.roster.model import Student as Row


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A person around a child. `known` is what is stored of them; None for a new one."""

    id: str
    guardian: Guardian
    relation: Relation
    roster: str
    known: Contact | None

    @property
    def changed(self) -> bool:
        """Whether the roster says anything new of them."""
        return self.known is None or self.known.roster != self.roster


@dataclass(frozen=True, slots=True)
class PlannedStudent:
    """A child. `known` is what is stored; None for a new one."""

    id: str
    row: Row
    roster: str
    known: Student | None

    @property
    def changed(self) -> bool:
        """Whether the roster says anything new of them; it brings nobody back who was erased."""
        if self.known is not None and self.known.erased_at is not None:
            return False
        return self.known is None or self.known.roster != self.roster


@dataclass(frozen=True, slots=True)
class PlannedFamily:
    """A household with its people. `known` is what is stored; None for a new one.

    Attributes:
        staying: contacts that the roster does not name; staff entered them.
    """

    id: str
    known: Family | None
    contacts: tuple[PlannedContact, ...]
    staying: tuple[Contact, ...]
    students: tuple[PlannedStudent, ...]

    @property
    def changed(self) -> bool:
        """Whether the household itself is to be written."""
        if self.known is not None and self.known.erasing is not None:
            return False
        if self.known is None or any(each.changed for each in self.contacts):
            return True
        named = {each.id for each in self.contacts} | {each.id for each in self.staying}
        return {each.id for each in self.known.contacts} != named


@dataclass(frozen=True, slots=True)
class Plan:
    """What a roster changes at one school."""

    site: str
    families: tuple[PlannedFamily, ...]
    withdrawn: tuple[str, ...]
    ended: int

    @property
    def students(self) -> list[PlannedStudent]:
        """Every child of the roster that is taken."""
        return [student for family in self.families for student in family.students]

    @property
    def contacts(self) -> list[PlannedContact]:
        """Every person around them."""
        return [contact for family in self.families for contact in family.contacts]


def make_plan(
    site: str,
    package: RosterPackage,
    *,
    today: date,
    secret: bytes,
    students: Mapping[str, Student],
    families: Mapping[str, Family],
    brought: Iterable[Student],
) -> Plan:
    """Compare a roster with what is stored.

    Args:
        site: the school.
        package: the roster.
        today: the school's date; whose time has ended by then is counted.
        secret: keys the fingerprints.
        students: those of the roster that are stored, by the school's own id.
        families: theirs, by id.
        brought: all children of the school that came by a roster.
    """
    homes = {source: student.family for source, student in students.items()}
    planned = tuple(
        _family(site, each, secret=secret, students=students, known=families.get(each.id))
        for each in households(site, package, package.students, homes)
    )
    named = {student.id for family in planned for student in family.students}
    return Plan(
        site,
        planned,
        tuple(sorted(student.id for student in brought if student.id not in named)),
        sum(1 for row in package.students if row.role_end is not None and row.role_end < today),
    )


def _family(
    site: str,
    household: Household,
    *,
    secret: bytes,
    students: Mapping[str, Student],
    known: Family | None,
) -> PlannedFamily:
    mark = _marker(secret)
    contacts = tuple(
        PlannedContact(
            id=(id := roster_id(site, "contact", f"{household.id}/{guardian.source_id}")),
            guardian=guardian,
            relation=relation,
            roster=mark(
                [
                    *(guardian.given_name, guardian.family_name, guardian.email),
                    *(phone_of(guardian), relation.value, guardian.language),
                ]
            ),
            known=known.contact(id) if known else None,
        )
        for guardian, relation in household.contacts
    )
    named = {each.id for each in contacts}
    entered = known.contacts if known else ()
    staying = tuple(each for each in entered if each.id not in named and each.roster is None)
    children = tuple(
        PlannedStudent(
            id=stored.id if stored else roster_id(site, "student", row.source_id),
            row=row,
            roster=mark(
                [
                    *(row.given_name, row.family_name, row.grade, household.id),
                    row.birth_date.isoformat() if row.birth_date else None,
                ]
            ),
            known=stored,
        )
        for row in household.students
        for stored in (students.get(row.source_id),)
    )
    return PlannedFamily(household.id, known, contacts, staying, children)


def phone_of(guardian: Guardian) -> str | None:
    """Return the number for texts, in E.164; None where the roster has none that can exist."""
    for phone in (guardian.sms, guardian.phone):
        if phone is not None and phone.e164 is not None:
            return phone.e164
    return None


def _marker(secret: bytes) -> Callable[[list[str | None]], str]:
    def mark(parts: list[str | None]) -> str:
        # Keyed: a plain hash of a name and a birth date could be guessed back.
        return hmac.new(secret, json.dumps(parts).encode("utf-8"), hashlib.sha256).hexdigest()

    return mark
