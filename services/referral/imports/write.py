"""Carries a plan out: seals what is new, then writes everything in one transaction."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contracts.codes import Language, Relation
from contracts.event import Event
from contracts.people import PersonChanged, PersonKind, Profile
from contracts.sealed import Sealed
from services.chassis.errors import stale
from services.chassis.privacy import KeyGoneError
from services.chassis.store import Aggregate, Change, Found, Ref
from services.referral.api.context import Context
from services.referral.imports.plan import (
    Plan,
    PlannedContact,
    PlannedFamily,
    PlannedStudent,
    phone_of,
)
from services.referral.model.people import Contact, Family, Student, StudentRecord
from services.referral.roster.model import Guardian

_AT_ONCE = 16
"""Persons sealed at a time: each waits for the key vault, and the pool of connections is shared."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A household, sealed and ready to be written."""

    save: tuple[Aggregate, ...]
    events: tuple[Event, ...]


async def carry_out(context: Context, plan: Plan, tell: Collection[Relation] = ()) -> None:
    """Write what a plan changes, all of it or nothing.

    Args:
        context: the service's collaborators.
        plan: what changes.
        tell: whom, among those who are new, the school says may be told.

    Raises:
        EnlaceError: somebody changed one of the records meanwhile (412); nothing was written.
    """
    turns = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_sealed(context, plan.site, family, turns, tell))
            for family in plan.families
        ]
    written = [task.result() for task in tasks]
    save: list[Aggregate] = [each for one in written for each in one.save]
    events: list[Event] = [event for one in written for event in one.events]
    if not save:
        return
    refs: Sequence[Ref[Aggregate]] = [Ref(type(each), each.id) for each in save]

    def write(found: Found) -> Change[None]:
        for ref, fresh in zip(refs, save, strict=True):
            there = found.get(ref)
            version = 0 if there is None else there.version
            if version != fresh.version:
                raise stale(fresh.version, version)
        return Change(None, save, events, plan.site)

    await context.store.update(refs, write)


async def _sealed(
    context: Context,
    site: str,
    family: PlannedFamily,
    turns: asyncio.Semaphore,
    tell: Collection[Relation],
) -> _Written:
    save: list[Aggregate] = []
    events: list[Event] = []
    if family.changed:
        contacts = []
        for planned in family.contacts:
            async with turns:
                contact = await _contact(context, planned, tell)
            contacts.append(contact)
            if planned.changed:
                events.append(_told(family, contact.id, PersonKind.CONTACT, contact.profile))
        known = family.known or Family(id=family.id, site=site, contacts=(), fingerprint="")
        save.append(known.having(contacts=(*contacts, *family.staying)))
    for child in family.students:
        if child.changed:
            async with turns:
                student, profile = await _student(context, site, family.id, child)
            save.append(student)
            events.append(_told(family, student.id, PersonKind.STUDENT, profile))
    return _Written(tuple(save), tuple(events))


def _told(family: PlannedFamily, id: str, kind: PersonKind, profile: Sealed) -> PersonChanged:
    return PersonChanged(person=id, kind=kind, family=family.id, profile=profile)


async def _contact(
    context: Context, planned: PlannedContact, tell: Collection[Relation]
) -> Contact:
    """Return a contact as the roster has it; what staff decided of them stays."""
    known = planned.known
    if known is not None and not planned.changed:
        return known
    fresh = Profile(
        given_name=planned.guardian.given_name,
        relation=planned.relation,
        reads=known.reads if known else language_of(planned.guardian),
        phone=phone_of(planned.guardian),
        email=planned.guardian.email,
        # A roster grants no right to know: somebody at the school says who may be told.
        may_be_told=known.may_be_told if known else planned.relation in tell,
    )
    if known is not None:
        try:
            before = await context.vault.open_as(Profile, known.profile)
        except KeyGoneError:
            return known  # erased: a roster does not bring a person back
        fresh = fresh.model_copy(update={"preferred": before.preferred, "zone": before.zone})
    return Contact(
        id=planned.id,
        relation=planned.relation,
        reads=fresh.reads,
        may_be_told=fresh.may_be_told,
        profile=await context.seal_for(planned.id, fresh),
        roster=planned.roster,
    )


def language_of(guardian: Guardian) -> Language:
    """Return what somebody reads, as far as messages can be written in it; English otherwise."""
    wanted = Language((guardian.language or "en").strip().lower().split("-")[0] or "en")
    return wanted if wanted.listed else Language.ENGLISH


async def _student(
    context: Context, site: str, family: str, child: PlannedStudent
) -> tuple[Student, Sealed]:
    row, known = child.row, child.known
    record = StudentRecord(
        given_name=row.given_name,
        family_name=row.family_name,
        birth_date=row.birth_date,
        grade=row.grade,
        sis_id=row.source_id,
    )
    if known is not None:
        before = await context.record_of(known)
        kept = {"home_zip": before.home_zip, "insurance": before.insurance}
        record = record.model_copy(update=kept)
    profile = Profile(given_name=row.given_name, relation=Relation.SELF, reads=Language.ENGLISH)
    sealed = await context.seal_for(child.id, record)
    told = await context.vault.seal(child.id, profile)
    if known is not None:
        return known.having(family=family, record=sealed, roster=child.roster), told
    fresh = Student(
        id=child.id,
        site=site,
        family=family,
        record=sealed,
        fingerprint="",
        sis_key=context.sis_key(row.source_id),
        roster=child.roster,
    )
    return fresh, told
