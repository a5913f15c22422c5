"""What a slice of a roster changes: compared by fingerprints, before anything is sealed or written.

Pure but for the rows of the roster itself, which lie on disk.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice

from services.referral.imports.planned import (
    Collision,
    PlannedContact,
    PlannedFamily,
    PlannedStudent,
    Slice,
    Stored,
)
from services.referral.model.household import relation_of, roster_id
from services.referral.model.people import Contact, Family, Student
from services.referral.roster.model import Guardian, Household
from services.referral.roster.model import Student as Row

_Child = tuple[str, Row, Student | None]
"""A child of a roster: school, row, and what is stored."""

_NAMES = 9
"""Ids of a new household that are looked up: no more siblings part from one another."""


def plan_slice(
    households: Iterable[Household],
    stored: Stored,
    *,
    secret: bytes,
    sis_key: Callable[[str], str],
    take: Callable[[str, int], bool],
) -> Slice:
    """Compare households of a roster with what is stored.

    Args:
        households: in the roster's order.
        stored: what there is of them.
        secret: keys the fingerprints.
        sis_key: returns the keyed hash by which a school's own id is found again.
        take: gives a family's id to a household by its number; False where another has it.
    """
    mark = _marker(secret)
    planned: dict[str, PlannedFamily] = {}
    collisions: list[Collision] = []
    for household in households:
        children = []
        for site, row in household.students:
            known = stored.students.get(row.source_id)
            # Whoever has left there, by a roster or a roll-over, may come to another school.
            if known is not None and known.site != site and known.attends:
                collisions.append(Collision(row.source_id, site, known.site))
            else:
                children.append((site, row, known))
        gone = [each for each in children if _erased(each)]
        for each in gone:
            left = _home(planned, each[2].family if each[2] else "", household.site, stored)
            left.students.append(_planned(left.id, each, mark, sis_key))
        # Whoever comes into an erased household comes into a new one: of the old one's people
        # nothing may be written any more, and nobody of it could be told.
        children = [each for each in children if each not in gone]
        if not children:
            continue
        first = (children[0] if gone else household.students[0])[1].source_id
        known_ones = [known for _, _, known in children]
        id = _family_id(household, known_ones, first, stored, take)
        family = _home(planned, id, household.site, stored)
        own = [_planned(id, each, mark, sis_key) for each in children]
        family.students += own
        merged = family.known is not None and bool(family.known.absorbed)
        only_of = tuple(each.id for each in own) if merged else None
        _add_contacts(family, household.around, mark, sis_key, only_of)
    for family in planned.values():
        family.staying = _staying(family, whole=family.id not in stored.wider)
    return Slice(tuple(planned.values()), tuple(collisions))


def _home(planned: dict[str, PlannedFamily], id: str, site: str, stored: Stored) -> PlannedFamily:
    return planned.setdefault(id, PlannedFamily(id, site, stored.families.get(id)))


def _erased(child: _Child) -> bool:
    _, _, known = child
    return known is not None and known.erased_at is not None


def _planned(
    family: str,
    child: _Child,
    mark: Callable[[Sequence[str | None]], str],
    sis_key: Callable[[str], str],
) -> PlannedStudent:
    site, row, known = child
    return PlannedStudent(
        id=known.id if known else roster_id(site, "student", row.source_id),
        site=site,
        family=family,
        row=row,
        roster=mark([*_said_of(row).values(), *row.flags]),
        said=_marks(mark, {**_said_of(row), "programmes": " ".join(row.flags)}),
        sis_key=sis_key(row.source_id),
        known=known,
    )


def _family_id(
    household: Household,
    children: Sequence[Student | None],
    first: str,
    stored: Stored,
    take: Callable[[str, int], bool],
) -> str:
    """Return the id of a household: it keeps it when somebody joins or leaves it.

    Two households never share one, unless staff have merged them. A new one is named after `first`,
    a child's id in the school system.
    """
    for child in children:
        if child is None:
            continue
        family = stored.families.get(child.family)
        if family is not None and family.absorbed:
            return child.family
        if take(child.family, household.number):
            return child.family
    return next(
        id
        for id in family_ids(household.site, first)
        if _takes(stored.families.get(id)) and take(id, household.number)
    )


def family_ids(site: str, first: str) -> Iterator[str]:
    """Yield the ids that a new household may have, in order, named after its first child.

    That a household is named after the child does not say that the child is in it still.
    """
    yield roster_id(site, "family", first)
    for number in count(2):
        yield roster_id(site, "family", f"{first}/{number}")


def names_for(households: Iterable[Household]) -> set[str]:
    """Return the ids that these households may have if they are new, to be looked up."""
    return {
        id
        for home in households
        for id in islice(family_ids(home.site, home.students[0][1].source_id), _NAMES)
    }


def _takes(family: Family | None) -> bool:
    """Tell whether a household takes anybody: one that was merged away or erased does not."""
    return family is None or (family.merged_into is None and family.erasing is None)


def _add_contacts(
    family: PlannedFamily,
    around: Sequence[tuple[Guardian, str]],
    mark: Callable[[Sequence[str | None]], str],
    sis_key: Callable[[str], str],
    only_of: tuple[str, ...] | None,
) -> None:
    there = {each.sis_key for each in family.contacts}
    stored = (*family.known.former, *family.known.contacts) if family.known else ()
    known, by_id = {each.sis_key: each for each in stored}, {each.id: each for each in stored}
    for guardian, relation in around:
        key = sis_key(guardian.source_id)
        if key in there:
            continue
        id = roster_id(family.site, "contact", f"{family.id}/{guardian.source_id}")
        one = known.get(key) or by_id.get(id)
        told = {
            "given_name": guardian.given_name,
            "family_name": guardian.family_name,
            "email": guardian.email,
            "phone": phone_of(guardian),
            "relation": relation_of(relation).value,
        }
        family.contacts.append(
            PlannedContact(
                id=one.id if one else id,
                guardian=guardian,
                relation=relation_of(relation),
                roster=mark([*told.values(), guardian.language]),
                said=_marks(mark, told),
                sis_key=key,
                known=one,
                only_of=only_of,
            )
        )


def _staying(family: PlannedFamily, *, whole: bool) -> tuple[Contact, ...]:
    """Return the contacts that stay unnamed: those whom staff entered.

    Those of an earlier roster go, unless it cannot be known here that nobody names them: the
    household was made of several, or has children whom this roster does not name.
    """
    if family.known is None:
        return ()
    named = {each.id for each in family.contacts}
    keep = bool(family.known.absorbed) or not whole
    return tuple(
        each
        for each in family.known.contacts
        if each.id not in named and (keep or each.roster is None)
    )


def _said_of(row: Row) -> dict[str, str | None]:
    return {
        "given_name": row.given_name,
        "family_name": row.family_name,
        "grade": row.grade,
        "birth_date": row.birth_date.isoformat() if row.birth_date else None,
    }


def _marks(
    mark: Callable[[Sequence[str | None]], str], said: Mapping[str, str | None]
) -> dict[str, str]:
    """Return a mark of each thing that is said; of what the roster is silent of there is none."""
    return {name: mark([name, value]) for name, value in said.items() if value is not None}


def phone_of(guardian: Guardian) -> str | None:
    """Return the number for texts, in E.164; None where the roster has none that can exist."""
    for phone in (guardian.sms, guardian.phone):
        if phone is not None and phone.e164 is not None:
            return phone.e164
    return None


def _marker(secret: bytes) -> Callable[[Sequence[str | None]], str]:
    def mark(parts: Sequence[str | None]) -> str:
        # Keyed: a plain hash of a name and a birth date could be guessed back.
        return hmac.new(secret, json.dumps(parts).encode("utf-8"), hashlib.sha256).hexdigest()

    return mark
