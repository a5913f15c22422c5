"""What the referral service does: each a plain function whose parameters are what it needs.

Called by HTTP and by events alike. Nothing here opens a sealed value or speaks to another service.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from contracts.codes import Audience
from contracts.event import Event
from contracts.people import PersonChanged, PersonKind
from contracts.referrals import ReferralCreated
from contracts.sealed import Sealed
from services.chassis.clock import Clock
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.ids import new_id
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.referral.model import commands
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import local_date
from services.referral.model.people import Contact, Family, Student
from services.referral.model.referral import Referral
from services.referral.store import FamilyLink, awaiting_consent

A = TypeVar("A", Family, Student, Referral)


async def put_family(store: Store, family: Family) -> Family:
    """Enter a family, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: the id was used with another body.
    """
    events = [
        PersonChanged(
            person=contact.id,
            kind=PersonKind.CONTACT,
            family=family.id,
            profile=contact.profile,
        )
        for contact in family.contacts
    ]
    return await _put(store, family, lambda _: events, also=())


async def put_contact(store: Store, family: str, contact: Contact, *, expected: int) -> Family:
    """Change or add one of a family's contacts; `expected` is the version that the caller saw.

    Raises:
        EnlaceError: no such family, or it has changed since.
    """
    ref = Ref(Family, family)

    def change(found: Found) -> Change[Family]:
        known = found.get(ref)
        if known is None:
            raise unknown("family")
        check_version(expected, known.version)
        there = known.contact(contact.id) is not None
        rest = tuple(contact if each.id == contact.id else each for each in known.contacts)
        after = known.having(contacts=rest if there else (*rest, contact))
        told = PersonChanged(
            person=contact.id, kind=PersonKind.CONTACT, family=family, profile=contact.profile
        )
        return Change(after.having(version=known.version + 1), [after], [told], known.site)

    return await store.update([ref], change)


async def put_student(store: Store, student: Student, profile: Sealed) -> Student:
    """Enter a student of a known family.

    Raises:
        EnlaceError: no such family, or the id was used with another body.
    """
    family = Ref(Family, student.family)
    changed = PersonChanged(
        person=student.id, kind=PersonKind.STUDENT, family=student.family, profile=profile
    )

    def events(found: Found) -> Sequence[Event]:
        if found.get(family) is None:
            raise unknown("family")
        return [changed]

    return await _put(store, student, events, also=(family,))


async def _put(
    store: Store,
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

    return await store.update([ref, *also], enter)


async def put_consent(store: Store, student: str, consent: Consent) -> Consent:
    """Enter a consent; what waited for it goes on when its event comes back.

    Raises:
        EnlaceError: no such student, or the id was used with another body.
    """
    person = Ref(Student, student)
    book_ref = Ref(ConsentBook, student)

    def grant(found: Found) -> Change[Consent]:
        child = found.get(person)
        if child is None:
            raise unknown("student")
        book = found.get(book_ref) or ConsentBook(id=student, family=child.family, site=child.site)
        known = book.find(consent.id)
        if known is not None:
            check_repeat(known.fingerprint, consent.fingerprint)
            return Change(known)
        after, events = book.grant(consent)
        return Change(consent, [after], events, book.site)

    return await store.update([person, book_ref], grant)


async def honour_consents(store: Store, student: str, clock: Clock) -> None:
    """Accept the claims on a child's referrals that waited, where a consent covers them now."""
    for referral in await awaiting_consent(store, student):
        await _honour_consent(store, referral, student, clock)


async def _honour_consent(store: Store, referral: str, student: str, clock: Clock) -> None:
    refs = (Ref(Referral, referral), Ref(ConsentBook, student))

    def honour(found: Found) -> Change[None]:
        known, book = found.get(refs[0]), found.get(refs[1])
        if known is None or book is None or known.claim is None:
            return Change(None)
        now = clock.now()
        today = local_date(now, known.zone)
        if book.covering(known.category, known.claim.agency, today) is None:
            return Change(None)
        return _changed(known, commands.HonourConsent(), now, None)

    await store.update(refs, honour)


async def revoke_consent(store: Store, student: str, consent: str, clock: Clock) -> None:
    """Take a consent back; from its commit on nothing is released under it.

    Raises:
        EnlaceError: there is no such consent.
    """
    ref = Ref(ConsentBook, student)

    def revoke(found: Found) -> Change[None]:
        book = found.get(ref)
        if book is None:
            raise unknown("consent")
        after, events = book.revoke(consent, clock.now())
        return Change(None, [after] if events else [], events, book.site)

    await store.update([ref], revoke)


async def put_referral(store: Store, referral: Referral, links: Sequence[FamilyLink]) -> Referral:
    """Write a need down, with the links by which its family may look.

    Who may be told follows from the consent that covers it now.

    Raises:
        EnlaceError: no such student, or the id was used with another body.
    """
    ref = Ref(Referral, referral.id)
    person = Ref(Student, referral.student)
    book_ref = Ref(ConsentBook, referral.student)

    def create(found: Found) -> Change[Referral]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, referral.fingerprint)
            return Change(known)
        if found.get(person) is None:
            raise unknown("student")
        book = found.get(book_ref)
        today = local_date(referral.created_at, referral.zone)
        audience = book.audience(referral.category, today) if book else Audience.NOBODY
        fresh = referral.having(audience=audience)
        return Change(fresh.having(version=1), [fresh, *links], [_created(fresh)], fresh.site)

    return await store.update([ref, person, book_ref], create)


def _created(referral: Referral) -> ReferralCreated:
    return ReferralCreated(
        referral=referral.id,
        student=referral.student,
        family=referral.family,
        site=referral.site,
        category=referral.category,
        urgency=referral.urgency,
        audience=referral.audience,
        coordinator=referral.coordinator,
        nonce=referral.nonce,
    )


async def command(
    store: Store,
    referral: str,
    wish: commands.Command,
    clock: Clock,
    *,
    expected: int | None = None,
) -> Referral:
    """Run a command on a referral; `expected` is the version that the caller saw.

    A command whose effect already holds succeeds whatever version was seen.

    Raises:
        EnlaceError: no such referral, a rule says no, or it has changed since.
    """
    ref = Ref(Referral, referral)

    def run(found: Found) -> Change[Referral]:
        known = found.get(ref)
        if known is None:
            raise unknown("referral")
        return _result(known, wish, clock.now(), expected)

    return await store.update([ref], run)


def _result(
    known: Referral, wish: commands.Command, now: datetime, expected: int | None
) -> Change[Referral]:
    events = decide(known, wish, now)
    if not events:
        return Change(known)
    if expected is not None:
        check_version(expected, known.version)
    after = evolve_all(known, events, now)
    return Change(after.having(version=known.version + 1), [after], events, known.site)


def _changed(
    known: Referral, wish: commands.Command, now: datetime, expected: int | None
) -> Change[None]:
    change = _result(known, wish, now, expected)
    return Change(None, change.save, change.events, change.site)


def tick(known: Referral, now: datetime) -> Change[None]:
    """Let time pass for a referral, for the sweep."""
    return _changed(known, commands.Tick(), now, None)


async def claim(
    store: Store, referral: str, wish: Callable[[bool], commands.Claim], agency: str, clock: Clock
) -> None:
    """Answer a claim once: accepted, awaiting consent, or refused.

    Raises:
        EnlaceError: no such referral.
    """
    known = await store.get(Referral, referral)
    if known is None:
        raise unknown("referral")
    refs = (Ref(Referral, referral), Ref(ConsentBook, known.student))

    def answer(found: Found) -> Change[None]:
        current, book = found.get(refs[0]), found.get(refs[1])
        if current is None:
            raise unknown("referral")
        now = clock.now()
        today = local_date(now, current.zone)
        consent = book.covering(current.category, agency, today) if book else None
        return _changed(current, wish(consent is not None), now, None)

    await store.update(refs, answer)


async def disclose(
    store: Store, referral: str, claim_id: str, agency: str, clock: Clock
) -> tuple[Referral, Consent]:
    """Let the agency that took a child read who it is, and write the disclosure.

    Consent is checked here, at every reading, in the transaction that records it: a revocation
    wins any race.

    Raises:
        EnlaceError: not theirs, or no consent covers it now; nothing may be shown.
    """
    known = await store.get(Referral, referral)
    if known is None:
        raise unknown("referral")
    refs = (Ref(Referral, referral), Ref(ConsentBook, known.student))
    disclosure = new_id()

    def read(found: Found) -> Change[tuple[Referral, Consent]]:
        current, book = found.get(refs[0]), found.get(refs[1])
        theirs = (
            current is not None
            and current.claim is not None
            and current.claim.held_until is None
            and (current.claim.id, current.claim.agency) == (claim_id, agency)
        )
        if current is None or current.claim is None or not theirs:
            raise unknown("referral")
        now = clock.now()
        today = local_date(now, current.zone)
        consent = book.covering(current.category, agency, today) if book else None
        if consent is None:
            raise unknown("referral")
        made = Disclosure(
            id=disclosure,
            family=current.family,
            student=current.student,
            site=current.site,
            referral=current.id,
            consent=consent.id,
            agency=agency,
            service=current.claim.service,
            claim=claim_id,
            parts=consent.parts,
            made_at=now,
        )
        return Change((current, consent), [made], [made.event()], current.site)

    return await store.update(refs, read)
