"""Consent: given, honoured where a claim waited for it, and taken back."""

from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import changed
from services.referral.model import commands
from services.referral.model.consent import Consent, ConsentBook
from services.referral.model.follow_up import local_date
from services.referral.model.people import Student
from services.referral.model.referral import Referral
from services.referral.store import awaiting_consent


async def put_consent(desk: Desk, student: str, consent: Consent) -> Consent:
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

    return await desk.store.update([person, book_ref], grant)


async def honour_consents(desk: Desk, student: str) -> None:
    """Accept the claims on a child's referrals that waited, where a consent covers them now."""
    for referral in await awaiting_consent(desk.store, student):
        await _honour_consent(desk, referral, student)


async def _honour_consent(desk: Desk, referral: str, student: str) -> None:
    refs = (Ref(Referral, referral), Ref(ConsentBook, student))

    def honour(found: Found) -> Change[None]:
        known, book = found.get(refs[0]), found.get(refs[1])
        if known is None or book is None or known.claim is None:
            return Change(None)
        now = desk.clock.now()
        today = local_date(now, known.zone)
        if book.covering(known.category, known.claim.agency, today) is None:
            return Change(None)
        return changed(desk, known, commands.HonourConsent(), now)

    await desk.store.update(refs, honour)


async def revoke_consent(desk: Desk, student: str, consent: str) -> None:
    """Take a consent back; from its commit on nothing is released under it.

    Raises:
        EnlaceError: there is no such consent.
    """
    ref = Ref(ConsentBook, student)

    def revoke(found: Found) -> Change[None]:
        book = found.get(ref)
        if book is None:
            raise unknown("consent")
        after, events = book.revoke(consent, desk.clock.now())
        return Change(None, [after] if events else [], events, book.site)

    await desk.store.update([ref], revoke)
