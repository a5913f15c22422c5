"""Consent: given, honoured where a claim waited for it, and come to its end."""

from datetime import datetime

from contracts.codes import Audience
from contracts.referrals import Candidate
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.scan import Scan
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.audience import joined, told_as_consented
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import changed, standing_on
from services.referral.handlers.waves import stop_waves
from services.referral.model import commands
from services.referral.model.consent import Consent, ConsentBook
from services.referral.model.consenting import check_giver
from services.referral.model.doubt import undoubted
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral
from services.referral.store import awaiting_consent, following_consents, unasked_of


async def put_consent(
    desk: Desk, student: Student, consent: Consent, *, age: int | None, zone: str
) -> Consent:
    """Enter a consent; what waited for it goes on when its event comes back.

    What a student confides makes the student's own affair of everything of that need for which no
    agency is asked.

    Args:
        desk: where it is entered.
        student: whom it is for.
        consent: as it would be entered.
        age: the student's in years, where the student consents alone.
        zone: the school's, IANA.

    Raises:
        EnlaceError: no such student, this person may not consent to it, or the id was used with
            another body.
    """
    person, family = Ref(Student, student.id), Ref(Family, student.family)
    book_ref = Ref(ConsentBook, student.id)
    confided = consent.given_by == student.id and not consent.guardian_may_know

    async def all_at_once() -> Consent:
        """Enter it; what it narrows is looked for in the transaction that decides on it."""
        unasked: list[Ref[Referral]] = []
        if confided:
            unasked = [Ref(Referral, id) for id in await unasked_of(desk.store, student.id)]

        def grant(found: Found) -> Change[Consent]:
            child, household = found.get(person), found.get(family)
            if child is None or household is None:
                raise unknown("student")
            book = found.get(book_ref) or ConsentBook(
                id=child.id, family=child.family, site=child.site, zone=zone
            )
            # It goes with the child: to another school, to another household.
            book = book.having(family=child.family, site=child.site)
            known = book.find(consent.id)
            if known is not None:
                check_repeat(known.fingerprint, consent.fingerprint)
                return Change(known)
            check_giver(consent, child.id, household, age, desk.rules())
            after, events = book.grant(consent, desk.rules())
            there = [each for ref in unasked if (each := found.get(ref)) is not None]
            # It becomes the student's before anybody is asked, and told of it.
            return joined(
                Change(consent, [after], events, book.site),
                told_as_consented(desk, after, there, consent.categories),
            )

        return await desk.store.update([person, family, book_ref, *unasked], grant)

    return await (desk.store.database.transact(all_at_once) if confided else all_at_once())


async def attach_scan(desk: Desk, student: str, consent: str, scan: Scan) -> Scan:
    """Keep the signed paper of a consent, which holds from then on; returns the scan kept.

    Raises:
        EnlaceError: there is no such consent, or another paper is kept with it.
    """
    ref = Ref(ConsentBook, student)

    def attach(found: Found) -> Change[Scan]:
        book = found.get(ref)
        if book is None:
            raise unknown("consent")
        # What waited for it goes on when its event comes back.
        today = local_date(desk.clock.now(), book.zone)
        after, events = book.attach(consent, scan, today, desk.rules())
        kept = after.need(consent).scan or scan
        return Change(kept, [] if after is book else [after], events, book.site)

    return await desk.store.update([ref], attach)


async def honour_consents(desk: Desk, student: str) -> None:
    """Let a child's referrals follow its consents: who may be told, what waited, what is to come.

    In this order: whoever may be told hears of the acceptance. Asked when a consent was given, has
    begun or has come to its end; and once one is in doubt no more, which no event tells.
    """
    for referral in await following_consents(desk.store, student):
        await _inform(desk, referral, student)
    for referral in await awaiting_consent(desk.store, student):
        await _honour_consent(desk, referral, student)
    await stop_waves(desk, student)


async def _inform(desk: Desk, referral: str, student: str) -> None:
    refs = (Ref(Referral, referral), Ref(ConsentBook, student))

    def inform(found: Found) -> Change[None]:
        known, book = found.get(refs[0]), found.get(refs[1])
        if known is None or book is None:
            return Change(None)
        # Whom an agency is asked for, or has taken, stays with those who were told of it.
        if known.audience is not Audience.NOBODY and not known.unasked:
            return Change(None)
        now = desk.clock.now()
        wish = commands.Inform(book.audience(known.category, local_date(now, known.zone)))
        return standing_on(book, changed(desk, known, wish, now))

    await desk.store.update(refs, inform)


async def _honour_consent(desk: Desk, referral: str, student: str) -> None:
    own, book_ref = Ref(Referral, referral), Ref(ConsentBook, student)

    async def all_at_once() -> None:
        """Look for the household in the transaction that decides by it: a child may just move."""
        child = await desk.store.get(Student, student)
        home = Ref(Family, child.family if child else "")

        def honour(found: Found) -> Change[None]:
            known, book = found.get(own), found.get(book_ref)
            if known is None or book is None or known.claim is None:
                return Change(None)
            now = desk.clock.now()
            today = local_date(now, known.zone)
            asked = Candidate(service=known.claim.service, agency=known.claim.agency)
            if undoubted(book, found.get(home), known, asked, today) is None:
                return Change(None)
            return standing_on(book, changed(desk, known, commands.HonourConsent(), now))

        await desk.store.update([own, book_ref, home], honour)

    await desk.store.database.transact(all_at_once)


def tick(desk: Desk, book: ConsentBook, now: datetime) -> Change[None]:
    """Let time pass for a student's consents, for the sweep."""
    after, events = book.tick(now, desk.rules())
    return Change(None, [after], events, book.site)
