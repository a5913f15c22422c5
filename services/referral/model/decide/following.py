"""What staff do with a follow-up: seen to, put off, given to somebody else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from contracts.codes import ReplyCode
from contracts.event import Event
from contracts.follow_ups import (
    FollowUpCause,
    FollowUpDone,
    FollowUpEnd,
    FollowUpReassigned,
    FollowUpSnoozed,
)
from services.chassis.errors import EnlaceError, Kind, rule, unknown
from services.referral.model.commands import Answer
from services.referral.model.decide.common import plan_of, schedule, school_day
from services.referral.model.decide.ending import UNSETTLED, answer
from services.referral.model.follow_up import FollowUp, FollowUpState, local_date
from services.referral.model.follow_up_commands import (
    AskForCall,
    CallNotNeeded,
    FinishFollowUp,
    FollowUpCommand,
    ReassignFollowUp,
    SnoozeFollowUp,
)
from services.referral.model.referral import ASKING, OPEN, BusinessStatus, Referral, State
from services.referral.model.rules import Rules


def act(
    referral: Referral, command: FollowUpCommand, now: datetime, rules: Rules
) -> Sequence[Event]:
    """Return what a command does to a follow-up; nothing where its effect already holds.

    Raises:
        EnlaceError: there is no such follow-up, it is over, or the date cannot be.
    """
    match command:
        case FinishFollowUp():
            return _finish(referral, command, now, rules)
        case SnoozeFollowUp():
            return _snooze(referral, command, now, rules)
        case ReassignFollowUp():
            return _reassign(referral, command)
        case AskForCall():
            return _ask_for_call(referral, command, now, rules)
        case CallNotNeeded():
            return _not_needed(referral, command.because)
        case _:
            assert_never(command)


def _find(referral: Referral, id: str) -> FollowUp:
    found = next((each for each in referral.follow_ups if each.id == id), None)
    if found is None:
        raise unknown("follow-up")
    return found


def _need_waiting(each: FollowUp) -> None:
    if not each.waits:
        raise _over()


def _over() -> EnlaceError:
    return rule(
        "follow-up-over",
        "Somebody has seen to this follow-up already, or it no longer applies. Nothing was "
        "changed: read the referral again.",
        es="Alguien ya atendió este seguimiento, o ya no corresponde. No se cambió nada: "
        "vuelva a leer la derivación.",
    )


def _finish(
    referral: Referral, command: FinishFollowUp, now: datetime, rules: Rules
) -> Sequence[Event]:
    each = _find(referral, command.follow_up)
    if command.reply is not None:
        if not each.asks_family:
            raise EnlaceError(
                "no-question",
                Kind.MALFORMED,
                "This follow-up asks the family nothing. Leave the reply out; what you learned "
                "goes into the words.",
                es="Este seguimiento no pregunta nada a la familia. Omita la respuesta; lo que "
                "averiguó va en las palabras.",
            )
        return _told_by_hand(referral, command, command.reply, now, rules)
    if each.end is FollowUpEnd.DONE and each.done_by == command.by:
        return ()
    _need_waiting(each)
    return (
        FollowUpDone(follow_up=each.id, referral=referral.id, end=FollowUpEnd.DONE, by=command.by),
    )


def _told_by_hand(
    referral: Referral, command: FinishFollowUp, reply: ReplyCode, now: datetime, rules: Rules
) -> Sequence[Event]:
    """Take the family's answer from staff, also after one that the family gave before."""
    if referral.business is BusinessStatus.FAMILY_VERIFIED and reply is ReplyCode.YES:
        return ()
    if referral.business not in UNSETTLED:
        raise _over()
    return answer(referral, Answer(reply), now, rules, asked_by=command.by)


def _snooze(
    referral: Referral, command: SnoozeFollowUp, now: datetime, rules: Rules
) -> Sequence[Event]:
    each = _find(referral, command.follow_up)
    _need_waiting(each)
    today = local_date(now, referral.zone)
    most = plan_of(referral, rules).snooze_at_most_days
    if not today < command.due_on <= today + timedelta(days=most):
        raise rule(
            "snooze-date",
            f"A follow-up of this urgency can be put off to a day from tomorrow until "
            f"{today + timedelta(days=most):%Y-%m-%d}. Nothing was changed: choose such a day.",
            es="Un seguimiento de esta urgencia se puede aplazar a un día desde mañana hasta "
            f"el {today + timedelta(days=most):%Y-%m-%d}. No se cambió nada: elija uno de "
            "esos días.",
        )
    due_on = school_day(referral, command.due_on, rules)
    if each.state is FollowUpState.PENDING and each.due_on == due_on:
        return ()
    return (
        FollowUpSnoozed(
            follow_up=each.id,
            referral=referral.id,
            due_on=due_on,
            reason=command.reason,
            by=command.by,
        ),
    )


def _reassign(referral: Referral, command: ReassignFollowUp) -> Sequence[Event]:
    each = _find(referral, command.follow_up)
    _need_waiting(each)
    if (each.owner or referral.coordinator) == command.owner:
        return ()
    return (
        FollowUpReassigned(
            follow_up=each.id, referral=referral.id, owner=command.owner, by=command.by
        ),
    )


def _ask_for_call(
    referral: Referral, command: AskForCall, now: datetime, rules: Rules
) -> Sequence[Event]:
    # What a family wrote is read, though nothing is under way any more.
    wrote = command.because is FollowUpCause.FAMILY_WROTE
    wrote = wrote and referral.state is not State.ENTERED_IN_ERROR
    still = wrote or referral.state in OPEN or referral.business in ASKING
    known = any(
        each.waits and (each.kind, each.because) == (command.kind, command.because)
        for each in referral.follow_ups
    )
    if known or not still:
        return ()
    return (schedule(referral, command.kind, 0, now, rules, because=command.because),)


def _not_needed(referral: Referral, because: FollowUpCause) -> Sequence[Event]:
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id, end=FollowUpEnd.NO_LONGER_APPLIES)
        for each in referral.follow_ups
        if each.waits and each.because is because
    )
