"""What a referral is after an event. Pure; an event that does not concern it changes nothing."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from contracts.event import Event
from contracts.referrals import (
    ReferralAccepted,
    ReferralAudienceChanged,
    ReferralAwaitingConsent,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralCorrected,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralExpired,
    ReferralFailed,
    ReferralHandedOff,
    ReferralOffered,
    ReferralOfferWithdrawn,
    ReferralOnHold,
    ReferralQuestionAnswered,
    ReferralRecalled,
    ReferralRejected,
    ReferralRequested,
    ReferralResumed,
    ReferralScheduled,
    ReferralStarted,
    ReferralTransferred,
    ReferralVerified,
    ReferralWaveAdded,
    ReferralWaveDropped,
    ReferralWavesStopped,
)
from services.referral.model.evolve_follow_ups import evolve_follow_ups
from services.referral.model.referral import BusinessStatus, Claim, Referral, State
from services.referral.model.today import calls


def evolve_all(referral: Referral, events: Iterable[Event], now: datetime) -> Referral:
    """Return the referral after all events, with its next due time."""
    after = reduce(evolve, events, referral)
    if _stands(after) != _stands(referral):
        after = after.having(since=now)
    return settled(after)


def _stands(referral: Referral) -> tuple[object, ...]:
    """Return what `since` is of.

    A second asking of one place alone changes no state; nor does asking further ones of the same
    round, so that what an agency has answered since it began is still seen.
    """
    asked = bool(referral.candidates)
    offered = referral.business is BusinessStatus.OFFERED
    return referral.state, None if offered else referral.business, referral.round, asked


def settled(referral: Referral) -> Referral:
    """Return the referral with what follows from its state: its next due time, when it calls."""
    span = calls(referral)
    return referral.having(
        next_due=_next_due(referral),
        calls_from=span and span[0],
        calls_until=span and span[1],
    )


def evolve(referral: Referral, event: Event) -> Referral:
    """Return the referral after one event."""
    match event:
        case ReferralOffered():
            return referral.having(
                state=State.REQUESTED,
                business=BusinessStatus.OFFERED,
                round=event.round,
                wave=1,
                planned=(),
                bands=event.bands,
                candidates=event.candidates,
                answer_by=event.answer_by,
            )
        case ReferralRequested():
            return referral.having(
                state=State.REQUESTED,
                business=None,
                round=event.round,
                wave=1,
                planned=(),
                bands=event.bands,
                candidates=(event.candidate,),
                answer_by=event.answer_by,
            )
        case ReferralWaveAdded():
            return referral.having(
                business=BusinessStatus.OFFERED,
                wave=event.wave,
                candidates=(*referral.candidates, *event.candidates),
                answer_by=max(referral.answer_by or event.answer_by, event.answer_by),
                planned=(*referral.planned, *([event.wave] if event.opens_at else [])),
            )
        case ReferralWavesStopped():
            return referral.having(planned=())
        case ReferralWaveDropped():
            return _wave_dropped(referral, event)
        case ReferralOfferWithdrawn():
            return _offer_withdrawn(referral, event)
        case ReferralQuestionAnswered() if event.answer_by is not None:
            until = max(referral.answer_by or event.answer_by, event.answer_by)
            return referral.having(answer_by=until)
        case ReferralCorrected():
            # Its category too; that of a restricted need is on no event (`corrected`).
            return referral.having(urgency=event.urgency)
        case ReferralAudienceChanged():
            return referral.having(audience=event.audience)
        case ReferralAwaitingConsent():
            claim = Claim(
                id=event.claim,
                service=event.service,
                agency=event.agency,
                held_until=event.held_until,
            )
            return referral.having(business=BusinessStatus.AWAITING_CONSENT, claim=claim)
        case ReferralAccepted():
            claim = Claim(id=event.claim, service=event.service, agency=event.agency)
            return referral.having(state=State.ACCEPTED, business=None, claim=claim)
        case ReferralHandedOff():
            there = event.hand_off
            return referral.having(
                state=State.ACCEPTED,
                business=None,
                claim=Claim(id=there, service=there, agency=there),
                candidates=(),
            )
        case ReferralClaimRefused():
            return _claim_refused(referral, event)
        case ReferralRejected():
            return referral.having(state=State.REJECTED, business=None, reason=event.reason)
        case ReferralExpired():
            # Still wanted: the coordinator may ask others.
            return referral.having(business=None, candidates=(), silences=referral.silences + 1)
        case ReferralScheduled():
            return referral.having(
                business=BusinessStatus.APPOINTMENT_SCHEDULED, appointment=event.appointment
            )
        case ReferralStarted():
            return referral.having(state=State.IN_PROGRESS, business=None)
        case ReferralCompleted():
            return referral.having(
                state=State.COMPLETED,
                business=BusinessStatus.AWAITING_FAMILY,
                outcome=event.outcome,
                reason=None,
            )
        case ReferralFailed():
            return referral.having(
                state=State.FAILED, business=None, outcome=event.outcome, reason=None
            )
        case ReferralCancelled():
            return referral.having(state=State.CANCELLED, business=None, reason=event.reason)
        case ReferralRecalled():
            return referral.having(
                state=State.DRAFT, business=None, candidates=(), recalled=event.round
            )
        case ReferralOnHold():
            return referral.having(
                state=State.ON_HOLD,
                reason=event.reason,
                held_until=event.until,
                wakes_at=event.wakes_at,
            )
        case ReferralResumed():
            return referral.having(
                state=State.IN_PROGRESS, reason=None, held_until=None, wakes_at=None
            )
        case ReferralTransferred():
            return _transferred(referral, event)
        case ReferralVerified():
            return referral.having(business=BusinessStatus.FAMILY_VERIFIED)
        case ReferralDisputed():
            return referral.having(business=BusinessStatus.DISPUTED)
        case ReferralEnteredInError():
            return referral.having(state=State.ENTERED_IN_ERROR, business=None, reason=event.reason)
        case _:
            return evolve_follow_ups(referral, event)


def _offer_withdrawn(referral: Referral, event: ReferralOfferWithdrawn) -> Referral:
    gone = (event.service, event.agency)
    left = tuple(each for each in referral.candidates if (each.service, each.agency) != gone)
    if event.last or not left:
        return referral.having(business=None, candidates=())
    return referral.having(candidates=left)


def _wave_dropped(referral: Referral, event: ReferralWaveDropped) -> Referral:
    gone = {(each.service, each.agency) for each in event.candidates}
    left = tuple(each for each in referral.candidates if (each.service, each.agency) not in gone)
    planned = tuple(each for each in referral.planned if each != event.wave)
    if event.last or not left:
        return referral.having(business=None, candidates=(), planned=())
    return referral.having(candidates=left, planned=planned)


def _transferred(referral: Referral, event: ReferralTransferred) -> Referral:
    """Return it with its new coordinator, and with it all that was the old one's.

    What was given to somebody else stays theirs; at another school nobody of the old one owns a
    part.
    """
    leads = {referral.coordinator, event.coordinator}
    freed = tuple(
        each.model_copy(update={"owner": None})
        if event.site != referral.site or each.owner in leads
        else each
        for each in referral.follow_ups
    )
    return referral.having(site=event.site, coordinator=event.coordinator, follow_ups=freed)


def _claim_refused(referral: Referral, event: ReferralClaimRefused) -> Referral:
    if referral.claim is None or referral.claim.id != event.claim:
        return referral
    return referral.having(claim=None, business=None, candidates=())


def _next_due(referral: Referral) -> datetime | None:
    moments = [due for each in referral.follow_ups if (due := each.next_due) is not None]
    claim = referral.claim
    if claim is not None and claim.held_until is not None and referral.state is State.REQUESTED:
        moments.append(claim.held_until)
    if referral.state is State.ON_HOLD and referral.wakes_at is not None:
        moments.append(referral.wakes_at)
    return min(moments, default=None)
