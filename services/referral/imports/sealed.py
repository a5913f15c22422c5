"""Seals what a slice changes: keys and values for hundreds of persons at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel

from contracts.codes import Relation
from contracts.event import Event
from contracts.people import PersonChanged, PersonKind, Profile
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.languages import Languages
from services.chassis.privacy import Vault
from services.referral.imports.plan import phone_of
from services.referral.imports.planned import PlannedContact, PlannedFamily, PlannedStudent, Slice
from services.referral.model.household import ContactDetails, language_of
from services.referral.model.people import Contact, Enrolment, Family, Student, StudentRecord

M = TypeVar("M", bound=BaseModel)
_Pair = tuple[Sealed, Sealed]


@dataclass(frozen=True, slots=True)
class Written:
    """A slice, sealed and ready to be written.

    Attributes:
        save: households and children.
        events: what the other services are told.
        moved: by id, the household of each child who comes from another one.
        schools: by id, the school of each child who comes from another one.
        regrouped: households around whose children there may be others than before.
    """

    save: tuple[Aggregate, ...]
    events: tuple[Event, ...]
    moved: Mapping[str, str]
    schools: Mapping[str, str]
    regrouped: frozenset[str]


async def seal_slice(
    vault: Vault,
    part: Slice,
    tell: Collection[Relation],
    languages: Languages,
    *,
    now: datetime,
    tells_flags: bool,
) -> Written:
    """Seal what is new and what has changed; who was erased meanwhile stays erased.

    Args:
        vault: where keys are.
        part: what changes.
        tell: whom, among those who are new, the school says may be told.
        languages: those that the district has.
        now: the present moment.
        tells_flags: the roster has a file of marks, so that a child without any has none.

    Raises:
        PyMongoError: the vault is away; try again.
    """
    contacts = [
        each
        for family in part.families
        if family.changed
        for each in family.contacts
        if each.changed
    ]
    students = [each for family in part.families for each in family.students if each.changed]
    elsewhere = {each.id for each in students if each.moves}
    told = await _contacts(vault, contacts, tell, languages)
    taken = await _students(vault, students, languages, at=now, tells_flags=tells_flags)
    save: list[Aggregate] = []
    events: list[Event] = []
    for family in part.families:
        if family.changed:
            save.append(_family(family, told))
            events += [
                _changed(each.id, PersonKind.CONTACT, family.id, told[each.id].profile)
                for each in family.contacts
                if each.id in told
            ]
        for child in family.students:
            if child.id in taken:
                student, profile = taken[child.id]
                save.append(student)
                events.append(_changed(child.id, PersonKind.STUDENT, family.id, profile))
    moved = {id: student.family for id, (student, _) in taken.items() if id in elsewhere}
    comes = {each.id for each in students if each.known and each.known.site != each.site}
    schools = {id: student.site for id, (student, _) in taken.items() if id in comes}
    known = {family.id for family in part.families if family.changed and family.known is not None}
    regrouped = frozenset(known | set(moved.values()))
    return Written(tuple(save), tuple(events), moved, schools, regrouped)


def _changed(id: str, kind: PersonKind, family: str, profile: Sealed) -> PersonChanged:
    return PersonChanged(person=id, kind=kind, family=family, profile=profile)


def _family(family: PlannedFamily, told: Mapping[str, Contact]) -> Family:
    known = family.known or Family(id=family.id, site=family.site, contacts=(), fingerprint="")
    named = [told.get(each.id) or each.known for each in family.contacts]
    contacts = (*(each for each in named if each is not None), *family.staying)
    there = {each.id for each in contacts}
    former = tuple(each for each in (*known.former, *known.contacts) if each.id not in there)
    return known.having(contacts=contacts, former=former)


async def _contacts(
    vault: Vault,
    planned: Sequence[PlannedContact],
    tell: Collection[Relation],
    languages: Languages,
) -> dict[str, Contact]:
    """Return contacts as the roster has them; what staff decided of them stays."""
    known = [each.known for each in planned if each.known is not None]
    profiles = await _opened(vault, Profile, {each.id: each.profile for each in known})
    details = await _opened(
        vault, ContactDetails, {each.id: each.details for each in known if each.details}
    )
    wanted: list[tuple[PlannedContact, Profile, ContactDetails]] = []
    for each in planned:
        fresh = _profile(each, tell, languages)
        if each.known is not None:
            before = profiles.get(each.id)
            if before is None:
                continue  # erased: a roster does not bring a person back
            said = {name: getattr(fresh, name) for name in _SAID_OF_PROFILES & each.anew}
            fresh = before.model_copy(update=said)
        name = {"family_name": each.guardian.family_name} if "family_name" in each.anew else {}
        wanted.append((each, fresh, details.get(each.id, ContactDetails()).model_copy(update=name)))
    pairs = await _sealed_pairs(
        vault,
        [(each.id, profile, detail) for each, profile, detail in wanted],
        fresh=[each.id for each in planned if each.known is None],
    )
    found = {}
    for each, profile, _ in wanted:
        if each.id in pairs:
            before_all = dict(each.known) if each.known else {"only_of": each.only_of}
            found[each.id] = Contact.model_validate(
                {
                    **before_all,
                    "id": each.id,
                    "relation": profile.relation,
                    "reads": profile.reads,
                    "may_be_told": profile.may_be_told,
                    "profile": pairs[each.id][0],
                    "details": pairs[each.id][1],
                    "roster": each.roster,
                    "said": {**(each.known.said if each.known else {}), **each.said},
                    "sis_key": each.sis_key,
                }
            )
    return found


_SAID_OF_PROFILES = frozenset({"given_name", "relation", "phone", "email"})


def _profile(planned: PlannedContact, tell: Collection[Relation], languages: Languages) -> Profile:
    known = planned.known
    return Profile(
        given_name=planned.guardian.given_name,
        relation=planned.relation,
        reads=known.reads if known else language_of(planned.guardian.language, languages),
        phone=phone_of(planned.guardian),
        email=planned.guardian.email,
        # A roster grants no right to know: somebody at the school says who may be told.
        may_be_told=known.may_be_told if known else planned.relation in tell,
    )


async def _students(
    vault: Vault,
    planned: Sequence[PlannedStudent],
    languages: Languages,
    *,
    at: datetime,
    tells_flags: bool,
) -> dict[str, tuple[Student, Sealed]]:
    """Return children as the roster has them, each with a sealed profile."""
    before = await _opened(
        vault, StudentRecord, {each.id: each.known.record for each in planned if each.known}
    )
    wanted: list[tuple[PlannedStudent, StudentRecord, Profile]] = []
    for each in planned:
        if each.known is not None and each.id not in before:
            continue  # erased
        said = {
            "given_name": each.row.given_name,
            "family_name": each.row.family_name,
            "birth_date": each.row.birth_date,
            "grade": each.row.grade,
            "sis_id": each.row.source_id,
            "programmes": each.row.flags if tells_flags else None,
        }
        # What the roster is silent of, or says as it did before, staff may have written since.
        settled = set(said) - {"sis_id"} - each.anew
        said = {
            name: value
            for name, value in said.items()
            if value is not None and (each.known is None or name not in settled)
        }
        kept = before[each.id].model_dump() if each.known else {}
        record = StudentRecord.model_validate({**kept, **said})
        reads = language_of(record.reads, languages)
        profile = Profile(given_name=record.given_name, relation=Relation.SELF, reads=reads)
        wanted.append((each, record, profile))
    pairs = await _sealed_pairs(
        vault,
        [(each.id, record, profile) for each, record, profile in wanted],
        fresh=[each.id for each in planned if each.known is None],
    )
    return {
        each.id: (
            _student(each, pairs[each.id][0], at, tells_flags=tells_flags),
            pairs[each.id][1],
        )
        for each, _, _ in wanted
        if each.id in pairs
    }


def _student(
    planned: PlannedStudent, record: Sealed, at: datetime, *, tells_flags: bool
) -> Student:
    known = planned.known or Student(
        id=planned.id,
        site=planned.site,
        family=planned.family,
        record=record,
        fingerprint="",
        sis_key=planned.sis_key,
    )
    now = datetime.now(UTC)
    said = {
        name: mark for name, mark in planned.said.items() if tells_flags or name != "programmes"
    }
    return (
        known.at_school(planned.site, at, now)
        .in_household(planned.family, at, now)
        .having(
            record=record,
            roster=planned.roster,
            said={**known.said, **said},
            enrolment=Enrolment.ENROLLED,
            left_on=None,
        )
    )


async def _opened(vault: Vault, kind: type[M], sealed: Mapping[str, Sealed]) -> dict[str, M]:
    """Open values by person; those of the erased are left out."""
    texts = await vault.open_many(list(sealed.values()))
    return {
        id: kind.model_validate_json(text)
        for id, text in zip(sealed, texts, strict=True)
        if text is not None
    }


async def _sealed_pairs(
    vault: Vault, values: Sequence[tuple[str, BaseModel, BaseModel]], fresh: Sequence[str]
) -> dict[str, _Pair]:
    """Seal two values of each person; those whose key is gone by now are left out."""
    await vault.create_keys(fresh)
    flat = [(id, value) for id, *both in values for value in both]
    sealed = await vault.seal_many(flat)
    pairs = zip(sealed[::2], sealed[1::2], strict=True)
    return {
        id: (first, second)
        for (id, _, _), (first, second) in zip(values, pairs, strict=True)
        if first is not None and second is not None
    }
