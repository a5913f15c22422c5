"""From what happened to what agencies are told: one fold over a referral's events. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.event import Event
from contracts.offerings import (
    OfferClaimed,
    OfferContested,
    OfferDeclined,
    OfferExpired,
    OfferingExpired,
    OfferingOpened,
    OfferPromoted,
    OfferWaitlisted,
    OfferWithdrawn,
    ProgressReported,
)
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCompleted,
    ReferralEnteredInError,
    ReferralErased,
    ReferralFailed,
    ReferralOnHold,
    ReferralQuestionAnswered,
    ReferralResumed,
)
from services.partner.model.told import to_the_minute
from services.partner.subscriptions.model.kinds import Kind
from services.partner.subscriptions.model.thread import (
    MOST_WAITING,
    Cause,
    Draft,
    KnownOffer,
    Standing,
    Thread,
    Waiting,
    draft,
)

Told = tuple[Thread, tuple[Draft, ...]]

TELLING: tuple[type[Event], ...] = (
    OfferingOpened,
    OfferClaimed,
    OfferPromoted,
    OfferDeclined,
    OfferWaitlisted,
    OfferContested,
    OfferWithdrawn,
    OfferExpired,
    OfferingExpired,
    ProgressReported,
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCompleted,
    ReferralFailed,
    ReferralOnHold,
    ReferralQuestionAnswered,
    ReferralResumed,
    ReferralErased,
    ReferralEnteredInError,
)
"""What the fold below looks at; everything else is passed over."""

_STANDS = {
    Kind.ACCEPTED: Standing.ACCEPTED,
    Kind.COMPLETED: Standing.ENDED,
    Kind.FAILED: Standing.ENDED,
}
_AFTER_THE_CLAIM = frozenset({Standing.ACCEPTED, Standing.ENDED})


def tell(thread: Thread, event: Event, cause: Cause) -> Told:
    """Return a thread after an event, and what agencies are told of it."""
    match event:
        case OfferingOpened():
            return _opened(thread, event, cause)
        case OfferClaimed():
            data = {"claim": event.claim, "recorded_by_school": event.recorded_by is not None}
            return _claimed(thread, event, Kind.CLAIMED, data, cause)
        case OfferPromoted():
            return _claimed(thread, event, Kind.PROMOTED, {"claim": event.claim}, cause)
        case OfferDeclined():
            recorded = event.recorded_by is not None
            data = {"reason": event.reason.value, "recorded_by_school": recorded}
            return _on_offer(
                thread, event.offer, Kind.DECLINED, data, cause, standing=Standing.CLOSED
            )
        case OfferWaitlisted():
            after, drafts = _on_offer(thread, event.offer, Kind.WAITLISTED, {}, cause)
            return after.with_offer(event.offer, waits=True), drafts
        case OfferContested():
            return _on_offer(thread, event.offer, Kind.CONTESTED, {}, cause)
        case OfferWithdrawn():
            data = {"reason": event.reason.value}
            return _on_offer(
                thread, event.offer, Kind.WITHDRAWN, data, cause, standing=Standing.CLOSED
            )
        case OfferExpired():
            return _on_offer(thread, event.offer, Kind.EXPIRED, {}, cause, standing=Standing.CLOSED)
        case OfferingExpired():
            return _expired(thread, event.round, cause)
        case ProgressReported():
            data = event.model_dump(mode="json", exclude_none=True, exclude={"referral", "offer"})
            return _on_offer(thread, event.offer, Kind.PROGRESS_REPORTED, data, cause)
        case _:
            return _from_the_school(thread, event, cause)


def _from_the_school(thread: Thread, event: Event, cause: Cause) -> Told:
    match event:
        case ReferralAccepted():
            return _on_claim(thread, event.claim, Kind.ACCEPTED, {"referral": thread.id}, cause)
        case ReferralAwaitingConsent():
            data = event.model_dump(mode="json", include={"held_until"})
            return _on_claim(thread, event.claim, Kind.AWAITING_CONSENT, data, cause)
        case ReferralCompleted():
            data = {"referral": thread.id, "outcome": event.outcome.value}
            return _on_claim(thread, event.claim, Kind.COMPLETED, data, cause)
        case ReferralFailed():
            data = {"referral": thread.id, "outcome": event.outcome.value}
            return _on_claim(thread, event.claim, Kind.FAILED, data, cause)
        case ReferralOnHold():
            data = event.model_dump(mode="json", include={"until"})
            return _on_accepted(thread, Kind.ON_HOLD, data, cause)
        case ReferralResumed():
            return _on_accepted(thread, Kind.RESUMED, {}, cause)
        case ReferralQuestionAnswered():
            wanted = {"question", "answer", "answer_by"}
            until = event.answer_by and to_the_minute(event.answer_by)
            told = event.model_copy(update={"answer_by": until})
            data = told.model_dump(mode="json", include=wanted, exclude_none=True)
            return _on_offer(thread, event.offer, Kind.QUESTION_ANSWERED, data, cause)
        case ReferralErased() | ReferralEnteredInError():
            return thread.having(hidden=True), ()
        case _:
            return thread, ()


def _opened(thread: Thread, event: OfferingOpened, cause: Cause) -> Told:
    known = {"site", "category", "bands", "answer_by"}
    told = event.model_copy(update={"answer_by": to_the_minute(event.answer_by)})
    data = told.model_dump(mode="json", include=known, exclude_none=True)
    offers = tuple(
        KnownOffer(id=each.offer, agency=each.agency, service=each.service, round=event.round)
        for each in event.offers
    )
    after = thread.having(offers=(*thread.offers, *offers))
    return after, tuple(draft(after, each, Kind.OPENED, data, cause) for each in offers)


def _claimed(
    thread: Thread,
    event: OfferClaimed | OfferPromoted,
    kind: Kind,
    data: Mapping[str, Any],
    cause: Cause,
) -> Told:
    after, drafts = _on_offer(thread, event.offer, kind, data, cause, standing=Standing.CLAIMED)
    after = after.having(claims={**after.claims, event.claim: event.offer})
    held = [each for each in after.waiting if each.claim == event.claim]
    after = after.having(waiting=tuple(each for each in after.waiting if each not in held))
    for each in held:
        told = Cause(each.event, each.time)
        after, more = _on_claim(after, each.claim, each.kind, each.data, told)
        drafts = (*drafts, *more)
    return after, drafts


def _on_offer(
    thread: Thread,
    id: str,
    kind: Kind,
    data: Mapping[str, Any],
    cause: Cause,
    *,
    standing: Standing | None = None,
) -> Told:
    """Tell an offer's agency; of an offer that it was never told of it is told nothing."""
    offer = thread.offer(id)
    if offer is None or thread.hidden:
        return thread, ()
    changes: dict[str, Any] = {} if standing is None else {"standing": standing, "waits": False}
    return thread.with_offer(id, **changes), (draft(thread, offer, kind, data, cause),)


def _on_claim(
    thread: Thread, claim: str, kind: Kind, data: Mapping[str, Any], cause: Cause
) -> Told:
    """Tell whoever made a claim; before the claim was told itself, it waits for it."""
    offer = thread.claims.get(claim)
    if offer is not None:
        told = {"claim": claim, **data}
        return _on_offer(thread, offer, kind, told, cause, standing=_STANDS.get(kind))
    held = Waiting(claim=claim, kind=kind, data=dict(data), event=cause.event, time=cause.time)
    return thread.having(waiting=(*thread.waiting, held)[-MOST_WAITING:]), ()


def _on_accepted(thread: Thread, kind: Kind, data: Mapping[str, Any], cause: Cause) -> Told:
    """Tell whoever has the child; behind what waits for its claim, in order."""
    if thread.waiting:
        return _on_claim(thread, thread.waiting[-1].claim, kind, data, cause)
    claims = {offer: claim for claim, offer in thread.claims.items()}
    having: Sequence[KnownOffer] = [
        each for each in thread.offers if each.standing in _AFTER_THE_CLAIM
    ]
    if not having:
        return thread, ()
    last = having[-1]
    told = {"claim": claims.get(last.id, ""), **data}
    return _on_offer(thread, last.id, kind, told, cause)


def _expired(thread: Thread, round: int, cause: Cause) -> Told:
    drafts: tuple[Draft, ...] = ()
    for offer in thread.offers:
        if offer.round == round and offer.standing is Standing.OPEN and not offer.waits:
            thread, more = _on_offer(
                thread, offer.id, Kind.EXPIRED, {}, cause, standing=Standing.CLOSED
            )
            drafts = (*drafts, *more)
    return thread, drafts
