"""Which follow-ups begin with an acceptance, a completion or an agency's silence."""

from collections.abc import Sequence
from datetime import datetime

from contracts.event import Event
from contracts.follow_ups import FollowUpCause, FollowUpKind
from services.referral.model.decide.common import all_done, done, plan_of, schedule, waiting
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules


def on_accepted(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Watch the agency that took it, and look in on the family as the plan has it."""
    plan = plan_of(referral, rules)
    watch = schedule(referral, FollowUpKind.AGENCY_SILENT, plan.agency_silent_days, now, rules)
    looks = (
        schedule(referral, FollowUpKind.LOOK_IN, days, now, rules, ahead=ahead)
        for ahead, days in enumerate(plan.look_in_days, start=1)
    )
    # Whoever was to be called because nobody answered has answered now.
    return (*done(referral, FollowUpKind.CALL_AGENCY), watch, *looks)


def on_completed(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Settle what waited for the agency; ask the family after the agreed time."""
    days = plan_of(referral, rules).ask_family_days
    return (
        *all_done(referral),
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
