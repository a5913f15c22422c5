"""The family's answer, and the two ways to give a referral up."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import ReplyCode
from contracts.event import Event
from contracts.follow_ups import FollowUpDone, FollowUpKind
from contracts.referrals import (
    ReferralCancelled,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralVerified,
)
from services.referral.model.commands import Answer, Cancel
from services.referral.model.decide.common import all_done, schedule, waiting, wrong_state
from services.referral.model.follow_up import FollowUpState
from services.referral.model.referral import OPEN, Referral, State
from services.referral.model.rules import Rules


def answer(referral: Referral, command: Answer, now: datetime, rules: Rules) -> Sequence[Event]:
    """Take the family's answer to the question whether the help arrived."""
    asked = waiting(referral, FollowUpKind.DID_HELP_ARRIVE)
    if asked is None or asked.state is FollowUpState.PENDING:
        return ()
    done = FollowUpDone(follow_up=asked.id, referral=referral.id)
    match command.reply:
        case ReplyCode.YES:
            return (ReferralVerified(referral=referral.id), done)
        case ReplyCode.NO:
            return (ReferralDisputed(referral=referral.id), done)
        case ReplyCode.NOT_YET:
            return (
                ReferralDisputed(referral=referral.id),
                done,
                schedule(referral, FollowUpKind.DID_HELP_ARRIVE, rules.ask_again_days, now),
            )
        case _:
            # Words that are no answer stay in the conversation, for the coordinator to read.
            return ()


def cancel(referral: Referral, command: Cancel) -> Sequence[Event]:
    """Give an open referral up."""
    if referral.state is State.CANCELLED:
        return ()
    if referral.state not in OPEN:
        raise wrong_state(referral, "be cancelled")
    return (
        ReferralCancelled(referral=referral.id, reason=command.reason),
        *all_done(referral),
    )


def enter_in_error(referral: Referral) -> Sequence[Event]:
    """Take back what should never have been."""
    if referral.state is State.ENTERED_IN_ERROR:
        return ()
    return (ReferralEnteredInError(referral=referral.id), *all_done(referral))
