"""Handing a family to a place outside the network, and learning how it ended."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import Outcome
from contracts.event import Event
from contracts.follow_ups import FollowUpKind
from contracts.referrals import ReferralCompleted, ReferralFailed, ReferralHandedOff
from services.chassis.errors import rule
from services.referral.model.commands import CloseHandOff, HandOver
from services.referral.model.decide.common import (
    all_done,
    done,
    plan_of,
    schedule,
    wrong_state,
)
from services.referral.model.decide.planning import on_completed
from services.referral.model.referral import WITH_AGENCY, Referral, State
from services.referral.model.rules import Rules

HELPED = frozenset({Outcome.NEED_MET, Outcome.PARTLY_MET, Outcome.ATTENDED})


def hand_over(
    referral: Referral, command: HandOver, now: datetime, rules: Rules
) -> Sequence[Event]:
    """Take it as handed to a place outside the network; look in on the family by the plan."""
    if referral.claim is not None and referral.claim.id == command.hand_off:
        return ()
    waits = referral.state is State.REQUESTED and not referral.candidates
    if referral.claim is not None or not (referral.state is State.DRAFT or waits):
        raise wrong_state(
            referral,
            "be handed to a place outside the network",
            es="entregar a un lugar fuera de la red",
        )
    looks = (
        schedule(referral, FollowUpKind.LOOK_IN, days, now, rules, ahead=ahead)
        for ahead, days in enumerate(plan_of(referral, rules).look_in_days)
    )
    return (
        ReferralHandedOff(referral=referral.id, hand_off=command.hand_off),
        *done(referral, FollowUpKind.CALL_AGENCY),
        *looks,
    )


def close(
    referral: Referral, command: CloseHandOff, now: datetime, rules: Rules
) -> Sequence[Event]:
    """Take how it ended, as the coordinator learned; then the family is asked for itself."""
    claim = referral.claim
    if claim is None or not referral.handed_off:
        raise rule(
            "not-handed-off",
            "This referral was not handed to a place outside the network. Nothing was changed: an "
            "agency of the network reports by itself.",
            es="Esta derivación no se entregó fuera de la red. No se cambió nada: una agencia de "
            "la red avisa por sí misma.",
        )
    if referral.state in {State.COMPLETED, State.FAILED} and referral.outcome is command.outcome:
        return ()
    if referral.state not in WITH_AGENCY:
        raise wrong_state(referral, "be closed", es="cerrar")
    if command.outcome in HELPED:
        return (
            ReferralCompleted(referral=referral.id, claim=claim.id, outcome=command.outcome),
            *on_completed(referral, now, rules),
        )
    return (
        ReferralFailed(referral=referral.id, claim=claim.id, outcome=command.outcome),
        *all_done(referral),
    )
