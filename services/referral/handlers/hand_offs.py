"""Hand-offs outside the network: recorded with the referral, the consent and the disclosure."""

from contracts.codes import Outcome
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.ids import new_id
from services.chassis.store import Aggregate, Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.consent import ConsentBook
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import local_date
from services.referral.model.hand_off import HandOff, consent_for, disclosed, need_past
from services.referral.model.referral import Referral


async def hand_over(desk: Desk, fresh: HandOff, *, expected: int) -> HandOff:
    """Record a hand-off, and the disclosure where the place was told who the child is.

    Consent is checked in the transaction that records it: a revocation at the same instant runs
    before it, and refuses it, or after it, and then finds the disclosure.

    Raises:
        EnlaceError: no such referral, its state or the consent does not allow it, the id was used
            with another body, or it has changed since.
    """
    ref, hand = Ref(Referral, fresh.referral), Ref(HandOff, fresh.id)
    book_ref = Ref(ConsentBook, fresh.student)
    disclosure = new_id()

    def run(found: Found) -> Change[HandOff]:
        known, referral, book = found.get(hand), found.get(ref), found.get(book_ref)
        if known is not None:
            check_repeat(known.fingerprint, fresh.fingerprint)
            return Change(known)
        if referral is None:
            raise unknown("referral")
        now = desk.clock.now()
        need_past(fresh.handed_at, now)
        events = [*decide(referral, commands.HandOver(fresh.id), now, desk.rules())]
        check_version(expected, referral.version)
        save: list[Aggregate] = [evolve_all(referral, events, now), fresh]
        if fresh.released:
            today = local_date(now, referral.zone)
            consent = consent_for(book, referral, fresh, today)
            made = disclosed(referral, fresh, consent, disclosure, now)
            save += [*([book] if book else []), made]
            events.append(made.event())
        return Change(fresh.having(version=1), save, events, referral.site)

    return await desk.store.update([ref, hand, book_ref], run)


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
