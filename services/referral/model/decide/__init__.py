"""What a command does to a referral: events, or a refusal that says what to do. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from contracts.event import Event
from services.referral.model.commands import (
    Answer,
    AnswerQuestion,
    AskMore,
    Cancel,
    Claim,
    CloseHandOff,
    Command,
    Correct,
    DropWave,
    EnterInError,
    Expire,
    HandOver,
    Hold,
    HonourConsent,
    Inform,
    LoseConsent,
    NobodyTookIt,
    Offer,
    Recall,
    Report,
    Request,
    Resume,
    StopWaves,
    Tick,
    Transfer,
    WithdrawOffer,
)
from services.referral.model.decide import (
    answering,
    asking,
    consenting,
    correcting,
    ending,
    following,
    handing,
    moving,
    passing,
    serving,
    widening,
)
from services.referral.model.follow_up_commands import (
    AskForCall,
    CallNotNeeded,
    FinishFollowUp,
    ReassignFollowUp,
    SnoozeFollowUp,
)
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules


def decide(referral: Referral, command: Command, now: datetime, rules: Rules) -> Sequence[Event]:
    """Return what happens; an empty sequence where the command's effect already holds.

    Raises:
        EnlaceError: the state does not allow it; nothing happens.
    """
    match command:
        case Offer():
            return asking.offer(referral, command, now, rules)
        case Request():
            return asking.request(referral, command, now, rules)
        case AskMore():
            return widening.ask_more(referral, command, now, rules)
        case WithdrawOffer():
            return widening.withdraw(referral, command)
        case AnswerQuestion():
            return answering.answer(referral, command, now, rules)
        case StopWaves():
            return widening.stop_waves(referral)
        case DropWave():
            return widening.drop_wave(referral, command)
        case Correct():
            return correcting.correct(referral, command, now, rules)
        case Claim():
            return asking.claim(referral, command, now, rules)
        case HonourConsent():
            return asking.honour_consent(referral, now, rules)
        case Inform():
            return consenting.inform(referral, command)
        case LoseConsent():
            return consenting.lose_consent(referral)
        case NobodyTookIt():
            return asking.nobody_took_it(referral, command, rules)
        case Expire():
            return asking.expire(referral, command, now, rules)
        case Report():
            return serving.report(referral, command, now, rules)
        case HandOver():
            return handing.hand_over(referral, command, now, rules)
        case CloseHandOff():
            return handing.close(referral, command, now, rules)
        case Answer():
            return ending.answer(referral, command, now, rules)
        case Cancel():
            return ending.cancel(referral, command)
        case Recall():
            return moving.recall(referral, command, now, rules)
        case Hold():
            return moving.hold(referral, command, now, rules)
        case Resume():
            return moving.resume(referral)
        case Transfer():
            return moving.transfer(referral, command)
        case EnterInError():
            return ending.enter_in_error(referral, command)
        case Tick():
            return passing.tick(referral, now, rules)
        case (
            FinishFollowUp()
            | SnoozeFollowUp()
            | ReassignFollowUp()
            | AskForCall()
            | CallNotNeeded()
        ):
            return following.act(referral, command, now, rules)
        case _:
            assert_never(command)
