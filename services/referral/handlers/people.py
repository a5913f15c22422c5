"""Families and students."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from pymongo.errors import DuplicateKeyError

from contracts.event import Event
from contracts.people import PersonChanged, PersonKind
from contracts.sealed import Sealed
from services.chassis.errors import rule, unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.referral.handlers.desk import Desk
from services.referral.handlers.doubts import look
from services.referral.handlers.erasures import need_there
from services.referral.model.people import MAX_CONTACTS, Contact, Enrolment, Family, Student

A = TypeVar("A", Family, Student)

_RACES = 3


async def put_family(desk: Desk, family: Family) -> Family:
    """Enter a family, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: the id was used with another body, or a contact's is another person's.
    """
    ids = [each.id for each in family.contacts]
    events = [
        PersonChanged(
            person=contact.id,
            kind=PersonKind.CONTACT,
            family=family.id,
            profile=contact.profile,
        )
        for contact in family.contacts
    ]

    async def enter() -> Family:
        known = await desk.store.get(Family, family.id)
        if known is None:
            await need_free(desk.store, ids, family.id)
        return await _put(desk, family, lambda _: events, also=())

    return await _together(desk, enter)


async def put_contact(desk: Desk, family: str, contact: Contact, *, expected: int) -> Family:
    """Change or add one of a family's contacts; `expected` is the version that the caller saw.

    Raises:
        EnlaceError: no such family, it has changed since, or the id is another person's.
    """
    ref = Ref(Family, family)

    def change(found: Found) -> Change[Family]:
        known = found.get(ref)
        if known is None:
            raise unknown("family")
        known.need_open()
        need_there(known)
        check_version(expected, known.version)
        there = known.contact(contact.id) is not None
        if not there and len(known.contacts) >= MAX_CONTACTS:
            raise rule(
                "too-many-contacts",
                f"{MAX_CONTACTS} people can be kept around one household. Nothing was changed: "
                "change one who is there instead.",
                es=f"Caben {MAX_CONTACTS} personas por familia. No se cambió nada: cambie a una de "
                "las que ya están.",
            )
        rest = tuple(contact if each.id == contact.id else each for each in known.contacts)
        after = known.having(
            contacts=rest if there else (*rest, contact),
            former=tuple(each for each in known.former if each.id != contact.id),
        )
        told = PersonChanged(
            person=contact.id, kind=PersonKind.CONTACT, family=family, profile=contact.profile
        )
        return Change(after.having(version=known.version + 1), [after], [told], known.site)

    async def alone() -> Family:
        await need_free(desk.store, [contact.id], family)
        after = await desk.store.update([ref], change)
        await look(desk, [family])
        return after

    return await _together(desk, alone)


async def need_free(store: Store, ids: Sequence[str], family: str) -> None:
    """Let contacts of a household pass whose ids are nobody's outside of it.

    Whoever enters somebody under another household's id would be told in their place: to the other
    services an id is one person. To be asked in the transaction that also tells of these people:
    of two who enter one id at once, one sees the other.

    Raises:
        EnlaceError: one is a child's, another household's, or stands here twice.
    """
    taken = {"$in": list(ids)}
    elsewhere = {"$or": [{"contacts.id": taken}, {"former.id": taken}], "_id": {"$ne": family}}
    children = {"_id": {"$in": list(ids)}}
    twice = len(set(ids)) < len(ids)
    if twice or await _any(store, Family, elsewhere) or await _any(store, Student, children):
        raise rule(
            "contact-taken",
            "An id of these contacts cannot be used for this household. Nothing was changed: make "
            "a fresh id for each person. Where two households are one, ask who leads at both "
            "schools, or the district's administrator, to merge them.",
            es="Un identificador de estos contactos no se puede usar para esta familia. No se "
            "cambió nada: cree uno nuevo para cada persona. Si dos familias son una, pida a quien "
            "coordina en las dos escuelas, o a la administración del distrito, que las una.",
        )


async def put_student(desk: Desk, student: Student, profile: Sealed) -> Student:
    """Enter a student of a known family.

    Raises:
        EnlaceError: no such family, or the id was used with another body.
    """
    family = Ref(Family, student.family)
    changed = PersonChanged(
        person=student.id, kind=PersonKind.STUDENT, family=student.family, profile=profile
    )

    def events(found: Found) -> Sequence[Event]:
        there = found.get(family)
        if there is None:
            raise unknown("family")
        there.need_open()
        need_there(there)
        return [changed]

    async def enter() -> Student:
        if await _any(desk.store, Family, {"contacts.id": student.id}):
            raise rule(
                "id-taken",
                "This id is that of somebody else. Nothing was entered: make a fresh id.",
                es="Este identificador es de otra persona. No se guardó nada: cree uno nuevo.",
            )
        return await _put(desk, student, events, also=(family,))

    return await _together(desk, enter)


async def change_student(
    desk: Desk, student: str, record: Sealed, profile: Sealed, *, expected: int
) -> Student:
    """Change who a child is; `expected` is the version that the caller saw.

    Raises:
        EnlaceError: no such child, or it has changed since.
    """
    ref = Ref(Student, student)

    def change(found: Found) -> Change[Student]:
        known = found.get(ref)
        if known is None:
            raise unknown("student")
        check_version(expected, known.version)
        after = known.having(record=record)
        told = PersonChanged(
            person=student, kind=PersonKind.STUDENT, family=known.family, profile=profile
        )
        return Change(after.having(version=known.version + 1), [after], [told], known.site)

    return await desk.store.update([ref], change)


async def set_enrolment(
    desk: Desk,
    student: str,
    enrolment: Enrolment,
    left_on: date | None,
    *,
    today: date,
    expected: int,
) -> Student:
    """Keep whether a child attends; `expected` is the version that the caller saw.

    Raises:
        EnlaceError: no such child, it has changed since, or the day cannot be.
    """
    ref = Ref(Student, student)

    def change(found: Found) -> Change[Student]:
        known = found.get(ref)
        if known is None:
            raise unknown("student")
        after = known.enrolled_as(enrolment, left_on, today)
        if after == known:
            return Change(known)
        check_version(expected, known.version)
        return Change(after.having(version=known.version + 1), [after], site=known.site)

    return await desk.store.update([ref], change)


async def _together(desk: Desk, work: Callable[[], Awaitable[A]]) -> A:
    """Look and write in one transaction; once more where somebody entered the same meanwhile."""
    for _ in range(_RACES):
        with contextlib.suppress(DuplicateKeyError):
            return await desk.store.database.transact(work)
    return await desk.store.database.transact(work)


async def _any(store: Store, kind: type[Aggregate], query: dict[str, Any]) -> bool:
    return await store.collection(kind).find_one(query, {"_id": 1}) is not None


async def _put(
    desk: Desk,
    fresh: A,
    events: Callable[[Found], Sequence[Event]],
    *,
    also: Sequence[Ref[Aggregate]] | Sequence[Ref[Family]],
) -> A:
    ref: Ref[A] = Ref(type(fresh), fresh.id)

    def enter(found: Found) -> Change[A]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, fresh.fingerprint)
            return Change(known)
        return Change(fresh.having(version=1), [fresh], events(found), fresh.site)

    return await desk.store.update([ref, *also], enter)
