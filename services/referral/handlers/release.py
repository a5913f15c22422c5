"""What leaves the school to the agency that took a child."""

from datetime import datetime

from contracts.codes import ReleasedPart, Template
from services.chassis.errors import unknown
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model import telling
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.follow_up import local_date
from services.referral.model.referral import WITH_AGENCY, Referral, State
from services.referral.store import has_answered

_READABLE = WITH_AGENCY | {State.COMPLETED}


async def disclose(
    desk: Desk,
    referral: str,
    claim_id: str,
    agency: str,
    meets: frozenset[str],
    *,
    reader: str | None = None,
) -> tuple[Referral, tuple[ReleasedPart, ...]]:
    """Let the agency that took a child read who it is, and write the disclosure.

    Returns the referral, and the parts that the consent releases.

    Args:
        desk: the service's.
        referral: its id.
        claim_id: by which the agency took it.
        agency: that reads.
        meets: the kinds of need that its service is for, as partner vouches.
        reader: account of who reads; None behind a link.

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

    def read(found: Found) -> Change[tuple[Referral, tuple[ReleasedPart, ...]]]:
        current, book = found.get(refs[0]), found.get(refs[1])
        theirs = (
            current is not None
            and current.claim is not None
            and current.claim.held_until is None
            and current.state in _READABLE
            and (current.claim.id, current.claim.agency) == (claim_id, agency)
        )
        if current is None or current.claim is None or not theirs:
            raise unknown("referral")
        now = desk.clock.now()
        today = local_date(now, current.zone)
        if book is None:
            raise unknown("referral")
        meets_need = current.category.value in meets
        consent = book.covering(
            current.category, agency, current.audience, today, meets_need=meets_need
        )
        if consent is None:
            raise unknown("referral")
        parts = book.released(consent)
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
            parts=parts,
            meets_need=meets_need,
            reader=reader,
            made_at=now,
            recorded_at=now,
        )
        # The consents are written as they are: a revocation at the same instant runs before or
        # after this reading, and then it finds the disclosure.
        return Change((current, parts), [book, made], [made.event()], current.site)

    return await desk.store.update(refs, read)


async def named_agencies(desk: Desk, referral: Referral) -> frozenset[str]:
    """Return the agencies that a consent which holds names for this need."""
    book = await desk.store.get(ConsentBook, referral.student)
    today = local_date(desk.clock.now(), referral.zone)
    return frozenset(
        agency
        for each in (book.consents if book else ())
        if each.holds(today) and referral.category in each.categories
        for agency in each.agencies
    )


async def covered(desk: Desk, referral: Referral) -> bool:
    """Tell whether a consent covers the agency that has the child now, for what it may be told."""
    if referral.claim is None:
        return False
    book = await desk.store.get(ConsentBook, referral.student)
    if book is None:
        return False
    today = local_date(desk.clock.now(), referral.zone)
    consent = book.covering(
        referral.category,
        referral.claim.agency,
        referral.audience,
        today,
        meets_need=referral.meets_need(referral.claim.service),
    )
    return consent is not None


async def undo_until(desk: Desk, referral: Referral, template: Template) -> datetime | None:
    """Return until when a message waits since what it tells of can be undone; None: not at all."""
    until = telling.undo_until(referral, template, desk.clock.now(), desk.rules())
    if until is None or await has_answered(desk.store, referral.id, referral.since):
        return None
    return until
