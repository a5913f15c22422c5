"""Which follow-ups begin with a crisis, an acceptance, a completion or an agency's silence."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import Urgency
from contracts.event import Event
from contracts.follow_ups import FollowUpCause, FollowUpKind, FollowUpScheduled
from services.referral.model.decide.common import (
    OF_FAMILY,
    all_done,
    done,
    plan_of,
    schedule,
    waiting,
)
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules


def on_created(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Look in on a family in a crisis from the day on which it was written down.

    A crisis never waits for an agency's yes: left as a draft, or with agencies who say nothing, it
    falls due, is overdue and goes up as the plan has it.
    """
    return _looks(referral, now, rules) if referral.urgency is Urgency.CRISIS else ()


_ABOUT_ASKING = (
    FollowUpKind.CALL_AGENCY,
    FollowUpKind.ANSWER_AGENCY,
    FollowUpKind.ASK_AGENCY,
)
"""What is of nobody's concern once an agency has taken it."""


def on_accepted(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Watch the agency that took it, and look in on the family as the plan has it."""
    plan = plan_of(referral, rules)
    watch = schedule(referral, FollowUpKind.AGENCY_SILENT, plan.agency_silent_days, now, rules)
    # Those of a crisis run since it was written down, and begin anew only once all are seen to.
    running = waiting(referral, FollowUpKind.LOOK_IN) is not None
    looks = () if running else _looks(referral, now, rules, ahead=1)
    # Whoever was to be called because nobody answered has answered now.
    answered = done(referral, *_ABOUT_ASKING)
    return (*answered, watch, *looks)


def _looks(
    referral: Referral, now: datetime, rules: Rules, *, ahead: int = 0
) -> Sequence[FollowUpScheduled]:
    days = plan_of(referral, rules).look_in_days
    return tuple(
        schedule(referral, FollowUpKind.LOOK_IN, each, now, rules, ahead=place)
        for place, each in enumerate(days, start=ahead)
    )


def on_completed(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Settle what waited for the agency, not for the family; ask the family in the agreed time."""
    days = plan_of(referral, rules).ask_family_days
    return (
        *all_done(referral, besides=OF_FAMILY),
        schedule(referral, FollowUpKind.DID_HELP_ARRIVE, days, now, rules, tries=1),
    )


def on_expired(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Have somebody call, once offers of this referral have expired too often."""
    if referral.silences + 1 < rules.silences:
        return ()
    if waiting(referral, FollowUpKind.CALL_AGENCY) is not None:
        return ()
    because = FollowUpCause.OFFERS_EXPIRED
    return (schedule(referral, FollowUpKind.CALL_AGENCY, 0, now, rules, because=because),)
