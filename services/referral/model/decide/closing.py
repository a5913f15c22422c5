"""How help ends, whoever tells it: an agency of the network, or who handed it over outside."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import Outcome
from contracts.event import Event
from contracts.referrals import ReferralCompleted, ReferralFailed
from services.referral.model.decide.common import WROTE, all_done
from services.referral.model.decide.planning import on_completed
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules


def ended(
    referral: Referral, claim: str, outcome: Outcome, now: datetime, rules: Rules
) -> Sequence[Event]:
    """Close it as completed where the child was helped, and as failed otherwise.

    Closed is not helped: only of help that was given is the family asked whether it arrived.
    """
    if not outcome.helped:
        failed = ReferralFailed(referral=referral.id, claim=claim, outcome=outcome)
        return (failed, *all_done(referral, besides=WROTE))
    completed = ReferralCompleted(referral=referral.id, claim=claim, outcome=outcome)
    return (completed, *on_completed(referral, now, rules))
