"""What several decisions share."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.event import Event
from contracts.follow_ups import FollowUpDone, FollowUpKind, FollowUpScheduled
from services.chassis.errors import EnlaceError, rule
from services.referral.model.follow_up import FollowUp, local_date
from services.referral.model.referral import Referral


def schedule(referral: Referral, kind: FollowUpKind, days: int, now: datetime) -> FollowUpScheduled:
    """Have somebody look again in so many days, on the school's own calendar date."""
    return FollowUpScheduled(
        follow_up=f"{referral.id}-{len(referral.follow_ups) + 1}",
        referral=referral.id,
        kind=kind,
        due_on=local_date(now, referral.zone) + timedelta(days=days),
        zone=referral.zone,
    )


def waiting(referral: Referral, kind: FollowUpKind) -> FollowUp | None:
    """Return the newest follow-up of a kind that still waits for somebody."""
    found = [each for each in referral.follow_ups if each.kind is kind and each.waits]
    return found[-1] if found else None


def done(referral: Referral, kind: FollowUpKind) -> Sequence[Event]:
    """Settle what waits of one kind."""
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id)
        for each in referral.follow_ups
        if each.kind is kind and each.waits
    )


def all_done(referral: Referral) -> Sequence[Event]:
    """Settle whatever waits."""
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id)
        for each in referral.follow_ups
        if each.waits
    )


def wrong_state(referral: Referral, wish: str) -> EnlaceError:
    """Return the refusal that names the state."""
    return rule(
        "wrong-state",
        f"This referral is {referral.state.value} and cannot {wish}. Nothing was changed: read it "
        "again, somebody may have acted meanwhile.",
    )
