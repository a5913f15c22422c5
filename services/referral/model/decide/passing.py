"""What time alone does."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import RefusalReason
from contracts.event import Event
from contracts.follow_ups import FollowUpDue, FollowUpOverdue
from contracts.referrals import ReferralClaimRefused, ReferralResumed
from services.referral.model.follow_up import FollowUpState, wakes_at
from services.referral.model.referral import Referral, State


def tick(referral: Referral, now: datetime) -> Sequence[Event]:
    """Fire what is due; every due time fires once, because firing moves its state on."""
    events: list[Event] = []
    claim = referral.claim
    if (
        claim is not None
        and claim.held_until is not None
        and referral.state is State.REQUESTED
        and claim.held_until <= now
    ):
        events.append(
            ReferralClaimRefused(
                referral=referral.id, claim=claim.id, reason=RefusalReason.NO_CONSENT
            )
        )
    if (
        referral.state is State.ON_HOLD
        and referral.held_until is not None
        and wakes_at(referral.held_until, referral.zone) <= now
    ):
        events.append(ReferralResumed(referral=referral.id))
    for each in referral.follow_ups:
        due = each.next_due
        if due is None or due > now:
            continue
        if each.state is FollowUpState.PENDING:
            events.append(
                FollowUpDue(
                    follow_up=each.id,
                    referral=referral.id,
                    kind=each.kind,
                    student=referral.student,
                    family=referral.family,
                    site=referral.site,
                    audience=referral.audience,
                )
            )
        else:
            events.append(FollowUpOverdue(follow_up=each.id, referral=referral.id))
    return events
