"""What leaves the school to the agency that took a child."""

from services.chassis.errors import unknown
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.follow_up import local_date
from services.referral.model.referral import Referral


async def disclose(
    desk: Desk, referral: str, claim_id: str, agency: str
) -> tuple[Referral, Consent]:
    """Let the agency that took a child read who it is, and write the disclosure.

    Consent is checked here, at every reading, in the transaction that records it: a revocation
    wins any race.

    Raises:
        EnlaceError: not theirs, or no consent covers it now; nothing may be shown.
    """
    known = await desk.store.get(Referral, referral)
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
        now = desk.clock.now()
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

    return await desk.store.update(refs, read)
