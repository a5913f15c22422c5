"""Taking back, resting and handing over: what staff do with a referral besides sending it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.event import Event
from contracts.follow_ups import FollowUpKind
from contracts.referrals import (
    ReferralOnHold,
    ReferralRecalled,
    ReferralResumed,
    ReferralTransferred,
)
from services.chassis.errors import rule
from services.referral.model.commands import Hold, Recall, Transfer
from services.referral.model.decide.common import done, wakes_at, wrong_state
from services.referral.model.follow_up import local_date
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules

_CAN_REST = frozenset({State.ACCEPTED, State.IN_PROGRESS})


def recall(referral: Referral, command: Recall, now: datetime, rules: Rules) -> Sequence[Event]:
    """Undo the sending: within minutes, and only while nobody has acted on it."""
    if referral.state is State.DRAFT and referral.round:
        return ()
    if referral.state is not State.REQUESTED or not referral.candidates:
        raise wrong_state(referral, "be taken back", es="deshacer")
    if command.acted or referral.claim is not None:
        raise rule(
            "already-acted-on",
            "An agency has answered already, so this cannot be undone. Cancel it instead: then the "
            "agency is told.",
            es="Una agencia ya respondió, así que no se puede deshacer. Cancélela: entonces "
            "se avisa a la agencia.",
        )
    if now - referral.since > timedelta(minutes=rules.recall_minutes):
        raise rule(
            "too-late-to-undo",
            f"Sending can be undone for {rules.recall_minutes} minutes. Cancel it instead: then "
            "the agencies are told.",
            es=f"El envío se puede deshacer durante {rules.recall_minutes} minutos. Cancélela: "
            "entonces se avisa a las agencias.",
        )
    return (
        ReferralRecalled(referral=referral.id, round=referral.round),
        *done(referral, FollowUpKind.ANSWER_AGENCY, FollowUpKind.ASK_AGENCY),
    )


def hold(referral: Referral, command: Hold, now: datetime, rules: Rules) -> Sequence[Event]:
    """Let it rest, with a reason and perhaps a last day."""
    same = (referral.held_until, referral.reason) == (command.until, command.reason)
    if referral.state is State.ON_HOLD and same:
        return ()
    if referral.state not in {*_CAN_REST, State.ON_HOLD}:
        raise wrong_state(referral, "be put on hold", es="poner en pausa")
    today = local_date(now, referral.zone)
    if command.until is not None and command.until - today > timedelta(rules.hold_days_at_most):
        raise rule(
            "hold-too-long",
            f"A hold ends within {rules.hold_days_at_most} days, so that nobody is forgotten. Give "
            "an earlier day; it can be put on hold again then.",
            es=f"Una pausa termina en {rules.hold_days_at_most} días como máximo, para que no se "
            "olvide a nadie. Dé un día anterior; entonces se puede poner otra vez en pausa.",
        )
    if command.until is not None and command.until < today:
        raise rule(
            "date-has-passed",
            "The last day of the hold has passed already. Give one that is still to come, or none.",
            es="El último día de la pausa ya pasó. Dé uno que todavía no llega, o ninguno.",
        )
    return (
        ReferralOnHold(
            referral=referral.id,
            reason=command.reason,
            until=command.until,
            wakes_at=None if command.until is None else wakes_at(command.until, referral, rules),
        ),
    )


def resume(referral: Referral) -> Sequence[Event]:
    """Go on after a rest."""
    if referral.state in _CAN_REST:
        return ()
    if referral.state is not State.ON_HOLD:
        raise wrong_state(referral, "go on", es="retomar")
    return (ReferralResumed(referral=referral.id),)


def transfer(referral: Referral, command: Transfer) -> Sequence[Event]:
    """Hand it to another coordinator; one that nobody has to see to stays where it was."""
    if (referral.coordinator, referral.site) == (command.coordinator, command.site):
        return ()
    if not referral.needs_owner:
        raise wrong_state(referral, "be handed over", es="pasar a otra persona")
    return (
        ReferralTransferred(
            referral=referral.id, site=command.site, coordinator=command.coordinator
        ),
    )
