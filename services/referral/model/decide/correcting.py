"""Correcting a draft: nobody was asked yet, and its history and link stay."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import Urgency
from contracts.event import Event
from contracts.follow_ups import FollowUpKind
from contracts.referrals import ReferralAudienceChanged, ReferralCorrected
from services.referral.model.commands import Correct
from services.referral.model.decide.common import done, waiting, wrong_state
from services.referral.model.decide.planning import on_created
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules


def correct(referral: Referral, command: Correct, now: datetime, rules: Rules) -> Sequence[Event]:
    """Put the need right. What becomes a crisis is looked at from now on; what is none, no more."""
    same = (referral.category, referral.urgency) == (command.category, command.urgency)
    if same and not command.reworded:
        return ()
    if referral.state is not State.DRAFT:
        raise wrong_state(referral, "be corrected", es="corregir")
    corrected = ReferralCorrected(
        referral=referral.id,
        category=rules.on_topics(command.category),
        urgency=command.urgency,
        reworded=command.reworded,
    )
    told: tuple[Event, ...] = ()
    if command.audience is not referral.audience:
        told = (ReferralAudienceChanged(referral=referral.id, audience=command.audience),)
    return (corrected, *told, *_looks(referral, command, now, rules))


def _looks(referral: Referral, command: Correct, now: datetime, rules: Rules) -> Sequence[Event]:
    looking = waiting(referral, FollowUpKind.LOOK_IN) is not None
    if command.urgency is Urgency.CRISIS and not looking:
        needed = referral.having(category=command.category, urgency=command.urgency)
        return on_created(needed, now, rules)
    if command.urgency is not Urgency.CRISIS and looking:
        return done(referral, FollowUpKind.LOOK_IN)
    return ()
