"""A consent taken back: what stood on it ends, and who read under it is asked to delete.

All of it is one transaction. Whoever accepts a claim or reads an identity writes the student's
consents too (`standing_on`), so that of two at the same instant one runs again and sees the other:
no reading is missed by the requests for deletion, and none comes after the revocation.
"""

from collections.abc import Sequence
from datetime import datetime

from contracts.event import Event
from contracts.referrals import Candidate
from services.chassis.errors import unknown
from services.chassis.store import Aggregate, Change, Found, Ref
from services.referral.handlers.audience import joined, told_as_consented
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import changed
from services.referral.handlers.waves import stop_waves
from services.referral.model import commands
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.consent_terms import Revocation
from services.referral.model.consenting import check_revoker
from services.referral.model.deletion import DeletionRequest, ask_for_deletion
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Claim, Referral, State


async def revoke_consent(
    desk: Desk, student: Student, consent: str, revocation: Revocation
) -> Consent:
    """Take a consent back; from its commit on nothing is released under it. A repeat is nothing.

    Raises:
        EnlaceError: there is no such consent, or this person may not take it back.
    """
    book_ref, family_ref = Ref(ConsentBook, student.id), Ref(Family, student.family)

    async def all_at_once() -> Consent:
        """Run in one transaction: what is looked for here is what is decided on."""
        of_child = {"student": student.id}
        referrals = [each.id async for each in desk.store.find(Referral, of_child)]
        under_it = {"consent": consent}
        disclosures = [each async for each in desk.store.find(Disclosure, under_it)]
        about = {"student": student.id, "consent": None}
        asked_before = [each async for each in desk.store.find(DeletionRequest, about)]
        refs = [Ref(Referral, each) for each in referrals]

        def revoke(found: Found) -> Change[Consent]:
            book = found.get(book_ref)
            if book is None:
                raise unknown("consent")
            check_revoker(book.need(consent), book.id, found.get(family_ref), revocation.by)
            book = book.having(family=student.family, site=student.site)
            after, events = book.revoke(consent, revocation, desk.rules())
            if not events:
                return Change(book.need(consent))
            there = [each for ref in refs if (each := found.get(ref)) is not None]
            revoked = after.need(consent)
            ended = [
                *_ended(desk, after, revoked, there, revocation.at),
                *told_as_consented(desk, after, there, revoked.categories),
            ]
            asked = ask_for_deletion(
                after,
                revoked,
                _uncovered(after, disclosures, there, asked_before, revocation.at),
                revocation.at,
                desk.rules(),
            )
            save: list[Aggregate] = [after, *asked]
            told: list[Event] = [*events, *(each.requested() for each in asked)]
            return joined(Change(revoked, save, told, book.site), ended)

        taken_back = await desk.store.update([book_ref, family_ref, *refs], revoke)
        # What goes on by another consent may stand on one that is in doubt.
        await stop_waves(desk, student.id)
        return taken_back

    return await desk.store.database.transact(all_at_once)


def _ended(
    desk: Desk, after: ConsentBook, revoked: Consent, referrals: Sequence[Referral], now: datetime
) -> list[Change[None]]:
    """Return what becomes of the referrals that could stand on it, and on no other consent."""
    changes = []
    for each in referrals:
        asked = [(one.agency, each.meets_need(one.service)) for one in _asked(each)]
        stood = after.counts(revoked, each.category, each.audience) and any(
            revoked.names(each.category, agency, meets_need=meets) for agency, meets in asked
        )
        today = local_date(now, each.zone)
        covered = any(
            after.covering(each.category, agency, each.audience, today, meets_need=meets)
            for agency, meets in asked
        )
        if stood and not covered:
            changes.append(changed(desk, each, commands.LoseConsent(), now))
    return changes


def _asked(referral: Referral) -> Sequence[Claim | Candidate]:
    """Return who has it; where nobody has yet, whoever is asked."""
    return [referral.claim] if referral.claim else referral.candidates


def _uncovered(
    after: ConsentBook,
    disclosures: Sequence[Disclosure],
    referrals: Sequence[Referral],
    asked: Sequence[DeletionRequest],
    now: datetime,
) -> list[Disclosure]:
    """Return the readings whose agency has no other consent to keep what it read."""
    known = {each.id: each for each in referrals}
    found = []
    for each in disclosures:
        referral = known.get(each.referral)
        if referral is not None and referral.state is State.ENTERED_IN_ERROR:
            # None may be kept on any consent. It was asked for by then, unless by an earlier build.
            if not any(_asks_for(one, each) for one in asked):
                found.append(each)
            continue
        if referral is not None:
            today = local_date(now, referral.zone)
            goes_on = after.covering(
                referral.category,
                each.agency,
                referral.audience,
                today,
                meets_need=each.meets_need,
            )
            if goes_on is not None:
                continue
        found.append(each)
    return found


def _asks_for(request: DeletionRequest, disclosure: Disclosure) -> bool:
    """Tell whether what an agency read was asked back once the referral was entered in error."""
    return (
        request.agency == disclosure.agency
        and disclosure.referral in request.referrals
        and disclosure.recorded_at <= request.asked_at
    )
