"""The family's answer, and the two ways to give a referral up."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import CancelReason, ReplyCode
from contracts.event import Event
from contracts.follow_ups import FollowUpCause, FollowUpDone, FollowUpEnd, FollowUpKind
from contracts.referrals import (
    ReferralCancelled,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralVerified,
)
from services.chassis.errors import rule
from services.referral.model.commands import Answer, Cancel, EnterInError
from services.referral.model.decide.common import all_done, plan_of, schedule, wrong_state
from services.referral.model.follow_up import FollowUp, FollowUpState
from services.referral.model.referral import OPEN, BusinessStatus, Referral, State
from services.referral.model.rules import Rules

UNSETTLED = {BusinessStatus.AWAITING_FAMILY, BusinessStatus.DISPUTED, BusinessStatus.NOT_VERIFIED}


def answer(
    referral: Referral,
    command: Answer,
    now: datetime,
    rules: Rules,
    *,
    asked_by: str | None = None,
) -> Sequence[Event]:
    """Take the family's answer to the question whether the help arrived.

    It counts from the first asking on: also between two askings, after the last one, and where a
    no follows a yes. Where `asked_by` has asked in person, it counts at once.
    """
    if not (asked_by or _was_asked(referral)) or _said_so_already(referral, command.reply):
        return ()
    if referral.business is BusinessStatus.FAMILY_VERIFIED and command.reply is ReplyCode.OTHER:
        return _words_after_yes(referral, now, rules)
    settled = tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id, end=FollowUpEnd.ANSWERED, by=asked_by)
        for each in _questions(referral)
        if each.waits
    )
    match command.reply:
        case ReplyCode.YES:
            return (ReferralVerified(referral=referral.id), *settled)
        case ReplyCode.NO | ReplyCode.OTHER:
            # Something else happened: their words are for the coordinator to read, and to call.
            return (ReferralDisputed(referral=referral.id), *settled)
        case ReplyCode.NOT_YET:
            again = plan_of(referral, rules).ask_again_days
            kind = FollowUpKind.DID_HELP_ARRIVE
            return (
                ReferralDisputed(referral=referral.id),
                *settled,
                schedule(referral, kind, again, now, rules, tries=1),
            )
        case _:
            return ()


def _words_after_yes(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Have them read: they may be thanks, or that it went wrong since; the yes stands meanwhile."""
    wrote = FollowUpCause.FAMILY_WROTE
    if any(each.waits and each.because is wrote for each in referral.follow_ups):
        return ()
    return (schedule(referral, FollowUpKind.CALL_FAMILY, 0, now, rules, because=wrote),)


def _questions(referral: Referral) -> Sequence[FollowUp]:
    return [each for each in referral.follow_ups if each.asks_family]


def _was_asked(referral: Referral) -> bool:
    """Tell whether the family was asked, whatever it has said since."""
    return referral.business in UNSETTLED | {BusinessStatus.FAMILY_VERIFIED} and any(
        each.tries > 1 or each.snoozed is not None
        if each.state is FollowUpState.PENDING
        else each.end is not FollowUpEnd.NO_LONGER_APPLIES
        for each in _questions(referral)
    )


def _said_so_already(referral: Referral, reply: ReplyCode) -> bool:
    if reply is ReplyCode.YES:
        return referral.business is BusinessStatus.FAMILY_VERIFIED
    if referral.business is not BusinessStatus.DISPUTED:
        return False
    waits = [each for each in _questions(referral) if each.waits]
    if reply is ReplyCode.OTHER:
        return True
    if reply is ReplyCode.NOT_YET:
        return any(each.state is FollowUpState.PENDING for each in waits)
    return not waits


def cancel(referral: Referral, command: Cancel) -> Sequence[Event]:
    """Give an open referral up.

    Raises:
        EnlaceError: it is not open; or the reason is one that only a revocation writes, with all
            that follows from it: agencies delete, and each answers for it.
    """
    if referral.state is State.CANCELLED:
        return ()
    if referral.state not in OPEN:
        raise wrong_state(referral, "be cancelled", es="cancelar")
    if command.reason == CancelReason.CONSENT_REVOKED:
        raise rule(
            "reason-by-itself",
            "That a consent was taken back is written when it is. Nothing was cancelled: take the "
            "consent back among the child's consents, then this ends by itself and the agency is "
            "asked to delete; or give the reason for which you end it.",
            es="Que se retiró un consentimiento se anota cuando se retira. No se canceló nada: "
            "retire el consentimiento entre los del estudiante; entonces esto termina por sí solo "
            "y se pide a la agencia que borre. O dé el motivo por el que usted lo termina.",
        )
    return (
        ReferralCancelled(referral=referral.id, reason=command.reason),
        *all_done(referral),
    )


def enter_in_error(referral: Referral, command: EnterInError) -> Sequence[Event]:
    """Take back what should never have been."""
    if referral.state is State.ENTERED_IN_ERROR:
        return ()
    return (
        ReferralEnteredInError(referral=referral.id, reason=command.reason),
        *all_done(referral),
    )
