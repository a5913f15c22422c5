"""What several decisions share."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta

from contracts.codes import Urgency
from contracts.event import Event
from contracts.follow_ups import (
    FollowUpCause,
    FollowUpDone,
    FollowUpEnd,
    FollowUpKind,
    FollowUpScheduled,
)
from services.chassis.errors import EnlaceError, rule
from services.referral.model.calendar import moment
from services.referral.model.evolve import settled
from services.referral.model.follow_up import FollowUp, local_date
from services.referral.model.plans import Plan
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules


def plan_of(referral: Referral, rules: Rules) -> Plan:
    """Return the plan of follow-ups that holds for a referral."""
    return rules.plan(referral.category, referral.urgency)


def day_in(referral: Referral, days: int, now: datetime, rules: Rules) -> date:
    """Return the local date in so many days; the next school day, unless it is a crisis."""
    day = local_date(now, referral.zone) + timedelta(days=days)
    return school_day(referral, day, rules)


def school_day(referral: Referral, day: date, rules: Rules) -> date:
    """Return the day, or the next one with school, unless it is a crisis."""
    crisis = referral.urgency is Urgency.CRISIS
    return day if crisis else rules.calendar.next_school_day(day)


def schedule(
    referral: Referral,
    kind: FollowUpKind,
    days: int,
    now: datetime,
    rules: Rules,
    *,
    ahead: int = 0,
    tries: int | None = None,
    because: FollowUpCause | None = None,
) -> FollowUpScheduled:
    """Have somebody look again in so many days, on the school's own calendar date.

    Args:
        referral: whose it is.
        kind: what is to be done then.
        days: calendar days from now; what falls on a day without school moves.
        now: the present moment.
        rules: the district's.
        ahead: how many the same decision has scheduled before this one: each has its own id.
        tries: which asking it is.
        because: what made it necessary.
    """
    return FollowUpScheduled(
        follow_up=f"{referral.id}-{len(referral.follow_ups) + ahead + 1}",
        referral=referral.id,
        kind=kind,
        due_on=day_in(referral, days, now, rules),
        zone=referral.zone,
        hour=rules.morning_hour,
        tries=tries,
        because=because,
    )


def wakes_at(last_day: date, referral: Referral, rules: Rules) -> datetime:
    """Return the school morning after the last day of a hold; of a crisis, the next morning."""
    day = school_day(referral, last_day + timedelta(days=1), rules)
    return moment(day, rules.morning_hour, referral.zone)


def as_stored_now(referral: Referral, rules: Rules) -> Referral:
    """Return a referral that an earlier build stored, as this one would have stored it.

    A hold with a last day once had no time of waking beside it: it would rest for good.
    """
    last_day = referral.held_until
    if referral.state is not State.ON_HOLD or last_day is None or referral.wakes_at is not None:
        return referral
    return settled(referral.having(wakes_at=wakes_at(last_day, referral, rules)))


def waiting(referral: Referral, kind: FollowUpKind) -> FollowUp | None:
    """Return the newest follow-up of a kind that still waits for somebody."""
    found = [each for each in referral.follow_ups if each.kind is kind and each.waits]
    return found[-1] if found else None


def done(
    referral: Referral, *kinds: FollowUpKind, end: FollowUpEnd = FollowUpEnd.NO_LONGER_APPLIES
) -> Sequence[Event]:
    """Settle what waits of these kinds."""
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id, end=end)
        for each in referral.follow_ups
        if each.kind in kinds and each.waits
    )


def all_done(
    referral: Referral, *, besides: AbstractSet[FollowUpCause] = frozenset()
) -> Sequence[Event]:
    """Settle whatever waits.

    Args:
        referral: whose follow-ups they are.
        besides: for these causes it goes on waiting.
    """
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id, end=FollowUpEnd.NO_LONGER_APPLIES)
        for each in referral.follow_ups
        if each.waits and each.because not in besides
    )


WROTE = frozenset({FollowUpCause.FAMILY_WROTE})
"""What a family wrote is read and answered, however its referral ends meanwhile."""

OF_FAMILY = WROTE | {FollowUpCause.ANOTHER_CHANNEL, FollowUpCause.WRONG_NUMBER}
"""What an agency's report that it helped settles for nobody: the family is still to be heard."""


_NAMES_ES = {
    State.DRAFT: "en borrador",
    State.REQUESTED: "enviada",
    State.ACCEPTED: "aceptada",
    State.REJECTED: "rechazada",
    State.IN_PROGRESS: "en curso",
    State.ON_HOLD: "en pausa",
    State.COMPLETED: "completada",
    State.FAILED: "sin éxito",
    State.CANCELLED: "cancelada",
    State.ENTERED_IN_ERROR: "anotada por error",
}
_NOW = {
    State.DRAFT: (
        "correct it, send it to agencies, hand it over or cancel it",
        "corregir, enviar, pasar o cancelar",
    ),
    State.ACCEPTED: (
        "put it on hold, hand it over or cancel it",
        "poner en pausa, pasar o cancelar",
    ),
    State.IN_PROGRESS: (
        "put it on hold, hand it over or cancel it",
        "poner en pausa, pasar o cancelar",
    ),
    State.ON_HOLD: ("go on with it, hand it over or cancel it", "retomar, pasar o cancelar"),
}
_ASKED = (
    "take it back (for some minutes, while no agency has answered), hand it over or cancel it",
    "deshacer el envío (por unos minutos, mientras nadie haya respondido), pasar o cancelar",
)
_UNANSWERED = ("send it to others, hand it over or cancel it", "enviar a otras, pasar o cancelar")
_CLAIMED = ("hand it over or cancel it", "pasar o cancelar")
_CALLS = (
    "hand it over, or write a new referral that follows this one",
    "pasar, o crear otra que siga a esta",
)
_OVER = ("write a new referral that follows this one", "crear otra que siga a esta")


def _can_now(referral: Referral) -> tuple[str, str]:
    if referral.state is not State.REQUESTED:
        return _NOW.get(referral.state, _CALLS if referral.needs_owner else _OVER)
    if referral.claim is not None:
        return _CLAIMED
    return _ASKED if referral.candidates else _UNANSWERED


def wrong_state(referral: Referral, wish: str, *, es: str) -> EnlaceError:
    """Return the refusal that names the state, since when, and what can be done now."""
    state = referral.state
    since = local_date(referral.since, referral.zone)
    can, can_es = _can_now(referral)
    return rule(
        "wrong-state",
        f"This referral is {state.value} since {since:%Y-%m-%d} and cannot {wish}. Nothing was "
        f"changed. What can be done now: {can}.",
        es=f"Esta derivación está {_NAMES_ES[state]} desde el {since:%d/%m/%Y} y no se puede "
        f"{es}. No se cambió nada. Ahora se puede: {can_es}.",
    )
