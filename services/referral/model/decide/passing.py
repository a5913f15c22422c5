"""What time alone does."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import RefusalReason
from contracts.event import Event
from contracts.follow_ups import (
    EscalationLevel,
    FollowUpDone,
    FollowUpDue,
    FollowUpEnd,
    FollowUpEscalated,
    FollowUpKind,
    FollowUpOverdue,
    FollowUpScheduled,
)
from contracts.referrals import ReferralClaimRefused, ReferralResumed
from services.referral.model.calendar import moment
from services.referral.model.decide.common import day_in, plan_of, schedule
from services.referral.model.follow_up import FollowUp, FollowUpState
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules


def tick(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Fire what is due; every due time fires once, because firing moves its state on.

    The next step is counted from now and not from the due time: after a week in which everything
    was down, nobody is late yet.
    """
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
        and referral.wakes_at is not None
        and referral.wakes_at <= now
    ):
        events.append(ReferralResumed(referral=referral.id))
    scheduled = 0
    for each in referral.follow_ups:
        due = each.next_due
        if due is None or due > now:
            continue
        happened = _step(referral, each, now, rules, ahead=scheduled)
        # A question that is asked again is one more follow-up, with an id of its own.
        scheduled += sum(isinstance(event, FollowUpScheduled) for event in happened)
        events += happened
    return events


def _step(
    referral: Referral, each: FollowUp, now: datetime, rules: Rules, *, ahead: int
) -> Sequence[Event]:
    plan = plan_of(referral, rules)
    if each.state is FollowUpState.PENDING:
        return (_due(referral, each.id, each.kind, now, rules),)
    if each.asks_family:
        return _unanswered(referral, each, now, rules, ahead=ahead)
    if each.state is FollowUpState.DUE:
        next_on = day_in(referral, plan.site_lead_days, now, rules)
        return (FollowUpOverdue(follow_up=each.id, referral=referral.id, next_on=next_on),)
    if each.level is None:
        return (
            FollowUpEscalated(
                follow_up=each.id,
                referral=referral.id,
                level=EscalationLevel.SITE_LEAD,
                next_on=day_in(referral, plan.district_days, now, rules),
            ),
        )
    return (
        FollowUpEscalated(follow_up=each.id, referral=referral.id, level=EscalationLevel.DISTRICT),
    )


def _due(
    referral: Referral, id: str, kind: FollowUpKind, now: datetime, rules: Rules
) -> FollowUpDue:
    plan = plan_of(referral, rules)
    days = plan.overdue_days
    if kind is FollowUpKind.DID_HELP_ARRIVE:
        days = min(days, plan.ask_again_days)
    return FollowUpDue(
        follow_up=id,
        referral=referral.id,
        kind=kind,
        student=referral.student,
        family=referral.family,
        site=referral.site,
        audience=referral.audience,
        next_on=day_in(referral, days, now, rules),
    )


def _unanswered(
    referral: Referral, each: FollowUp, now: datetime, rules: Rules, *, ahead: int
) -> Sequence[Event]:
    """Show the coordinator a question without an answer, then ask again, and give up in the end."""
    plan = plan_of(referral, rules)
    left = plan.ask_again_days - plan.overdue_days
    if each.state is FollowUpState.DUE and left > 0:
        next_on = day_in(referral, left, now, rules)
        return (FollowUpOverdue(follow_up=each.id, referral=referral.id, next_on=next_on),)
    if each.tries >= plan.ask_at_most:
        # Closed by the agency and not verified: it is never counted as helped.
        end = FollowUpEnd.GAVE_UP
        return (FollowUpDone(follow_up=each.id, referral=referral.id, end=end),)
    kind = FollowUpKind.DID_HELP_ARRIVE
    again = schedule(referral, kind, 0, now, rules, ahead=ahead, tries=each.tries + 1)
    events: list[Event] = [
        FollowUpDone(follow_up=each.id, referral=referral.id, end=FollowUpEnd.NO_ANSWER),
        again,
    ]
    if moment(again.due_on, rules.morning_hour, again.zone) <= now:
        events.append(_due(referral, again.follow_up, kind, now, rules))
    return events
