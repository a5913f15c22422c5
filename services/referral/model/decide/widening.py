"""Asking further agencies while a round is open, and asking some of them no more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.event import Event
from contracts.referrals import (
    ReferralOfferWithdrawn,
    ReferralWaveAdded,
    ReferralWaveDropped,
    ReferralWavesStopped,
)
from services.chassis.errors import rule
from services.referral.model.commands import AskMore, DropWave, WithdrawOffer
from services.referral.model.decide.asking import (
    asking_still,
    check_answer_by,
    need_unrestricted,
)
from services.referral.model.decide.common import wrong_state
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules

MOST_ASKED = 40
"""Services that one round asks, over all of its waves."""


def ask_more(referral: Referral, command: AskMore, now: datetime, rules: Rules) -> Sequence[Event]:
    """Ask those that were not asked in this round; who was asked before goes on being asked."""
    fresh = tuple(each for each in command.candidates if not referral.asks(each))
    asking = referral.state is State.REQUESTED and referral.claim is None
    if not asking or not referral.candidates:
        raise wrong_state(referral, "be sent to further agencies", es="enviar a más agencias")
    if not fresh:
        return ()
    need_unrestricted(referral, rules)
    opens_at = command.opens_at
    if opens_at is not None:
        _check_opens_at(opens_at, now, rules)
    check_answer_by(command.answer_by, opens_at or now, rules)
    if len(referral.candidates) + len(fresh) > MOST_ASKED:
        raise rule(
            "too-many-asked",
            f"At most {MOST_ASKED} places are asked for one need at a time. Nobody further was "
            "asked: choose fewer, or wait for those who were asked.",
            es=f"Se pregunta a lo más a {MOST_ASKED} lugares a la vez por una necesidad. No se "
            "preguntó a nadie más: elija menos, o espere a quienes ya tienen la pregunta.",
        )
    return (
        ReferralWaveAdded(
            referral=referral.id,
            round=referral.round,
            wave=referral.wave + 1,
            site=referral.site,
            candidates=fresh,
            answer_by=command.answer_by,
            opens_at=opens_at,
            waits=command.waits,
        ),
    )


def _check_opens_at(at: datetime, now: datetime, rules: Rules) -> None:
    if at <= now:
        raise rule(
            "opens-at-passed",
            "The time at which these are to be asked has passed already. Nobody was asked: give "
            "one that is still to come, or leave it out to ask them at once.",
            es="La hora para preguntarles ya pasó. No se preguntó a nadie: dé una que todavía no "
            "llega, o déjela sin poner para preguntar de inmediato.",
        )
    if at - now > timedelta(days=rules.answer_days_at_most):
        raise rule(
            "opens-at-too-far",
            f"Further agencies are asked within {rules.answer_days_at_most} days, so that a child "
            "does not wait on a plan. Nobody was asked: give an earlier time.",
            es=f"A más agencias se les pregunta en {rules.answer_days_at_most} días como máximo, "
            "para que nadie espere por un plan. No se preguntó a nadie: dé una hora anterior.",
        )


def withdraw(referral: Referral, command: WithdrawOffer) -> Sequence[Event]:
    """Take one agency off those that are asked; a yes that crosses it stands all the same."""
    if not asking_still(referral, command.round, referral.wave):
        return ()
    if not referral.asks(command.candidate):
        return ()
    # One that was withdrawn while a later wave was on its way is not the last one.
    last = command.last and referral.wave <= command.wave
    return (
        ReferralOfferWithdrawn(
            referral=referral.id,
            round=referral.round,
            service=command.candidate.service,
            agency=command.candidate.agency,
            last=last,
        ),
    )


def stop_waves(referral: Referral) -> Sequence[Event]:
    """Let nobody further be asked; whether an hour has come by then is partner's to know."""
    asking = referral.state is State.REQUESTED and referral.claim is None
    if not asking or not referral.planned or not referral.candidates:
        return ()
    return (ReferralWavesStopped(referral=referral.id, round=referral.round),)


def drop_wave(referral: Referral, command: DropWave) -> Sequence[Event]:
    """Take those of a planned wave off those that are to be asked."""
    if not asking_still(referral, command.round, referral.wave):
        return ()
    gone = tuple(each for each in command.candidates if referral.asks(each))
    if not gone:
        return ()
    return (
        ReferralWaveDropped(
            referral=referral.id,
            round=referral.round,
            wave=command.wave,
            candidates=gone,
            # As of an offer that is withdrawn while a later wave is on its way.
            last=command.last and referral.wave <= command.latest,
        ),
    )
