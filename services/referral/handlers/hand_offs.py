"""Hand-offs outside the network: recorded with the referral, the consent and the disclosure."""

from datetime import datetime
from functools import partial

from contracts.codes import Outcome
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.ids import new_id
from services.chassis.store import Aggregate, Change, Found, Ref
from services.referral.handlers.audience import followed
from services.referral.handlers.audit import line
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.audit import Action, Actor, AuditEntry
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.decide import decide
from services.referral.model.deletion import DeletionRequest, ask_for_deletion
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import local_date
from services.referral.model.hand_off import HandOff, consent_for, disclosed, need_past
from services.referral.model.people import Family
from services.referral.model.referral import Referral


async def hand_over(desk: Desk, fresh: HandOff, actor: Actor, *, expected: int) -> HandOff:
    """Record a hand-off, and the disclosure where the place was told who the child is.

    Consent is checked for the moment of the hand-off, in the transaction that records it. A
    revocation since, or at the same instant, finds the disclosure, or is found: either way the
    place is asked to delete what it was told.

    Raises:
        EnlaceError: no such referral, its state or the consent does not allow it, the id was used
            with another body, or it has changed since.
    """
    ref, hand = Ref(Referral, fresh.referral), Ref(HandOff, fresh.id)
    book_ref = Ref(ConsentBook, fresh.student)
    disclosure = new_id()

    async def all_at_once() -> HandOff:
        """Look for the household in the transaction that decides by it: a child may just move."""
        known = await desk.store.get(Referral, fresh.referral)
        home = Ref(Family, known.family if known else "")
        return await desk.store.update([ref, hand, book_ref, home], partial(run, home))

    def run(home: Ref[Family], found: Found) -> Change[HandOff]:
        known, referral, book = found.get(hand), found.get(ref), found.get(book_ref)
        if known is not None:
            check_repeat(known.fingerprint, fresh.fingerprint)
            return Change(known)
        if referral is None:
            raise unknown("referral")
        now = desk.clock.now()
        need_past(fresh.handed_at, now)
        first = followed(desk, book, referral, now)
        referral = evolve_all(referral, first, now)
        events = [*first, *decide(referral, commands.HandOver(fresh.id), now, desk.rules())]
        check_version(expected, referral.version)
        save: list[Aggregate] = [evolve_all(referral, events, now), fresh]
        if fresh.released:
            consent = consent_for(book, found.get(home), referral, fresh, now)
            made = disclosed(referral, fresh, consent, disclosure, now)
            asked = _taken_back(desk, book, consent, referral, made) if book and consent else []
            save += [*([book] if book else []), made, *asked]
            if consent is None:
                save.append(_noted(Action.TOLD_WITHOUT_CONSENT, referral, fresh, actor, now))
            events += [made.event(), *(each.requested() for each in asked)]
        return Change(fresh.having(version=1), save, events, referral.site)

    return await desk.store.database.transact(all_at_once)


async def look_at(desk: Desk, referral: Referral, actor: Actor) -> HandOff:
    """Record that a lead has looked at what was told without a consent; a repeat changes nothing.

    Raises:
        EnlaceError: it was not handed over, nothing was told so, or it is one's own.
    """
    hand = Ref(HandOff, referral.claim.id if referral.claim else "")

    def look(found: Found) -> Change[HandOff]:
        record = found.get(hand)
        if record is None:
            raise unknown("hand-off")
        now = desk.clock.now()
        after = record.looked_at(actor.subject, now)
        if after is record:
            return Change(record)
        noted = _noted(Action.DISCLOSURE_LOOKED_AT, referral, record, actor, now)
        return Change(after, [after, noted], site=referral.site)

    return await desk.store.update([hand], look)


def _noted(
    action: Action, referral: Referral, record: HandOff, actor: Actor, now: datetime
) -> AuditEntry:
    about = {"referral": referral.id, "hand_off": record.id}
    return line(actor, action, now, site=referral.site, about=about)


def _taken_back(
    desk: Desk, book: ConsentBook, consent: Consent, referral: Referral, made: Disclosure
) -> list[DeletionRequest]:
    """Return the request to delete what was told under a consent that was taken back since."""
    now = made.recorded_at
    today = local_date(now, referral.zone)
    goes_on = book.covering(referral.category, made.agency, referral.audience, today)
    if consent.revocation is None or goes_on is not None:
        return []
    return ask_for_deletion(book, consent, [made], now, desk.rules())


async def close(
    desk: Desk, referral_id: str, outcome: Outcome, by: str, *, expected: int
) -> HandOff:
    """Record how a hand-off ended; a repeat changes nothing.

    Raises:
        EnlaceError: it was not handed over, or it has ended already, or it has changed since.
    """
    known = await desk.store.get(Referral, referral_id)
    ref = Ref(Referral, referral_id)
    hand = Ref(HandOff, known.claim.id if known and known.claim else "")

    def run(found: Found) -> Change[HandOff]:
        referral, record = found.get(ref), found.get(hand)
        if referral is None:
            raise unknown("referral")
        now = desk.clock.now()
        events = decide(referral, commands.CloseHandOff(outcome), now, desk.rules())
        if record is None:
            raise unknown("hand-off")
        if not events:
            return Change(record)
        check_version(expected, referral.version)
        after = record.having(outcome=outcome, closed_at=now, closed_by=by)
        save = [evolve_all(referral, events, now), after]
        return Change(after.having(version=record.version + 1), save, events, referral.site)

    return await desk.store.update([ref, hand], run)
