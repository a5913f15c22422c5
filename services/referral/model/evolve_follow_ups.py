"""What a referral's follow-ups are after an event. Pure."""

from typing import Any

from contracts.event import Event
from contracts.follow_ups import (
    FollowUpDone,
    FollowUpDue,
    FollowUpEnd,
    FollowUpEscalated,
    FollowUpOverdue,
    FollowUpReassigned,
    FollowUpScheduled,
    FollowUpSnoozed,
)
from services.referral.model.follow_up import MORNING_HOUR, FollowUp, FollowUpState
from services.referral.model.referral import BusinessStatus, Referral

_UNANSWERED = {FollowUpEnd.DONE, FollowUpEnd.GAVE_UP}


def evolve_follow_ups(referral: Referral, event: Event) -> Referral:
    """Return the referral after an event of its follow-ups."""
    match event:
        case FollowUpScheduled():
            fresh = FollowUp(
                id=event.follow_up,
                kind=event.kind,
                due_on=event.due_on,
                zone=event.zone,
                hour=MORNING_HOUR if event.hour is None else event.hour,
                tries=event.tries or 1,
                because=event.because,
                about=event.about,
            )
            return referral.having(follow_ups=(*referral.follow_ups, fresh))
        case FollowUpDue():
            return _changed(
                referral, event.follow_up, state=FollowUpState.DUE, next_on=event.next_on
            )
        case FollowUpOverdue():
            return _changed(
                referral, event.follow_up, state=FollowUpState.OVERDUE, next_on=event.next_on
            )
        case FollowUpEscalated():
            return _changed(referral, event.follow_up, level=event.level, next_on=event.next_on)
        case FollowUpSnoozed():
            return _changed(
                referral,
                event.follow_up,
                state=FollowUpState.PENDING,
                due_on=event.due_on,
                next_on=None,
                level=None,
                snoozed=event.reason,
            )
        case FollowUpReassigned():
            # Its coordinator's goes with the referral to whoever takes it over.
            owner = None if event.owner == referral.coordinator else event.owner
            return _changed(referral, event.follow_up, owner=owner)
        case FollowUpDone():
            return _done(referral, event)
        case _:
            return referral


def _done(referral: Referral, event: FollowUpDone) -> Referral:
    after = _changed(
        referral,
        event.follow_up,
        state=FollowUpState.DONE,
        next_on=None,
        end=event.end,
        done_by=event.by,
    )
    asked = any(each.asks_family for each in referral.follow_ups if each.id == event.follow_up)
    if asked and event.end in _UNANSWERED and referral.business is BusinessStatus.AWAITING_FAMILY:
        # The family was asked as often as agreed, or is asked no more: not verified, for good.
        return after.having(business=BusinessStatus.NOT_VERIFIED)
    return after


def _changed(referral: Referral, id: str, **changes: Any) -> Referral:
    return referral.having(
        follow_ups=tuple(
            FollowUp.model_validate({**dict(each), **changes}) if each.id == id else each
            for each in referral.follow_ups
        )
    )
