"""How agencies are asked, and what their claim comes to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.codes import RefusalReason, Urgency
from contracts.event import Event
from contracts.follow_ups import FollowUpKind
from contracts.referrals import (
    Candidate,
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralClaimRefused,
    ReferralExpired,
    ReferralOffered,
    ReferralRejected,
    ReferralRequested,
    ReferralUnmet,
)
from services.chassis.errors import rule
from services.referral.model.commands import Claim, Expire, NobodyTookIt, Offer, Request
from services.referral.model.decide.common import WROTE, all_done, done, wrong_state
from services.referral.model.decide.planning import on_accepted, on_expired
from services.referral.model.referral import BusinessStatus, Referral, State
from services.referral.model.rules import Rules

_PRIORITY = {Urgency.CRISIS: 0, Urgency.URGENT: 1, Urgency.SOON: 2, Urgency.ROUTINE: 3}


def offer(referral: Referral, command: Offer, now: datetime, rules: Rules) -> Sequence[Event]:
    """Ask several services without identity; a restricted need is asked of one alone."""
    if _asked_already(referral, command.candidates):
        return ()
    _need_askable(referral)
    check_answer_by(command.answer_by, now, rules)
    if len(command.candidates) > 1:
        need_unrestricted(referral, rules)
    return (
        ReferralOffered(
            referral=referral.id,
            round=referral.round + 1,
            site=referral.site,
            category=rules.on_topics(referral.category),
            urgency=referral.urgency,
            bands=command.bands,
            candidates=command.candidates,
            answer_by=command.answer_by,
            waits=command.waits,
        ),
    )


def request(referral: Referral, command: Request, now: datetime, rules: Rules) -> Sequence[Event]:
    """Ask one service."""
    if _asked_already(referral, (command.candidate,)):
        return ()
    _need_askable(referral)
    check_answer_by(command.answer_by, now, rules)
    return (
        ReferralRequested(
            referral=referral.id,
            round=referral.round + 1,
            site=referral.site,
            category=rules.on_topics(referral.category),
            urgency=referral.urgency,
            bands=command.bands,
            candidate=command.candidate,
            priority=_PRIORITY.get(referral.urgency, 3),
            answer_by=command.answer_by,
            waits=command.waits,
            batch=command.batch,
        ),
    )


def need_unrestricted(referral: Referral, rules: Rules) -> None:
    """Let a restricted need be asked of one agency alone.

    Raises:
        EnlaceError: it is restricted.
    """
    if referral.category in rules.restricted:
        raise rule(
            "restricted-offer",
            "This kind of need is never offered to several agencies. Choose one and send it there.",
            es="Este tipo de necesidad nunca se ofrece a varias agencias. Elija una y envíela ahí.",
        )


def check_answer_by(at: datetime, now: datetime, rules: Rules) -> None:
    """Give agencies a time to answer that is still to come, and no longer than the rules say.

    Raises:
        EnlaceError: it is neither.
    """
    if at <= now:
        raise rule(
            "answer-by-passed",
            "The time by which agencies are to answer has passed already. Nobody was asked: give "
            "one that is still to come, or leave it out.",
            es="La hora límite para responder ya pasó. No se preguntó a nadie: dé una que todavía "
            "no llega, o déjela sin poner.",
        )
    if at - now > timedelta(days=rules.answer_days_at_most):
        raise rule(
            "answer-by-too-far",
            f"Agencies have {rules.answer_days_at_most} days to answer at most, so that a child "
            "does not wait on silence. Nobody was asked: give an earlier time, or leave it out.",
            es=f"Las agencias tienen {rules.answer_days_at_most} días para responder como máximo, "
            "para que nadie espere en silencio. No se preguntó a nadie: dé una hora anterior, o "
            "déjela sin poner.",
        )


def _asked_already(referral: Referral, candidates: tuple[Candidate, ...]) -> bool:
    """Tell whether they are those with whom the round began, whoever was asked after them."""
    asked = [(each.service, each.agency) for each in referral.candidates]
    begun = asked[: len(candidates)] if referral.wave > 1 else asked
    wished = [(each.service, each.agency) for each in candidates]
    return referral.state is State.REQUESTED and begun == wished


def _need_askable(referral: Referral) -> None:
    askable = referral.state is State.DRAFT or (
        referral.state is State.REQUESTED and referral.claim is None and not referral.candidates
    )
    if not askable:
        raise wrong_state(referral, "be sent to an agency", es="enviar a una agencia")


def claim(referral: Referral, command: Claim, now: datetime, rules: Rules) -> Sequence[Event]:
    """Answer a claim: accepted, waiting for a consent, or refused with the reason."""
    if referral.claim is not None and referral.claim.id == command.claim:
        return ()
    refusal: RefusalReason | None = None
    if referral.state in {State.DRAFT, State.CANCELLED, State.ENTERED_IN_ERROR}:
        refusal = RefusalReason.CANCELLED
    elif referral.claim is not None or referral.state is not State.REQUESTED:
        refusal = RefusalReason.TAKEN
    elif command.round != referral.round:
        refusal = RefusalReason.OLDER_ROUND
    if refusal is not None:
        return (ReferralClaimRefused(referral=referral.id, claim=command.claim, reason=refusal),)
    if not command.consented:
        until = command.held_until
        # One that has passed while nothing ran is no time in which anybody could have answered.
        in_time = until if until and until > now else now + timedelta(days=rules.seat_held_days)
        return (
            ReferralAwaitingConsent(
                referral=referral.id,
                claim=command.claim,
                service=command.service,
                agency=command.agency,
                held_until=in_time,
            ),
        )
    return _accepted(referral, command.claim, command.service, command.agency, now, rules)


def _accepted(  # noqa: PLR0917 - a claim's three names, when, and by which rules
    referral: Referral, claim: str, service: str, agency: str, now: datetime, rules: Rules
) -> Sequence[Event]:
    return (
        ReferralAccepted(referral=referral.id, claim=claim, service=service, agency=agency),
        *on_accepted(referral, now, rules),
    )


def honour_consent(referral: Referral, now: datetime, rules: Rules) -> Sequence[Event]:
    """Accept the claim that waited for a consent."""
    if referral.business is not BusinessStatus.AWAITING_CONSENT or referral.claim is None:
        return ()
    claim = referral.claim
    return _accepted(referral, claim.id, claim.service, claim.agency, now, rules)


def nobody_took_it(referral: Referral, command: NobodyTookIt, rules: Rules) -> Sequence[Event]:
    """Close the round in which the last agency declined, and count the unmet need."""
    if not asking_still(referral, command.round, command.wave):
        return ()
    return (
        ReferralRejected(referral=referral.id, reason=command.reason),
        ReferralUnmet(
            referral=referral.id,
            site=referral.site,
            category=rules.on_topics(referral.category),
            reason=command.reason,
        ),
        *all_done(referral, besides=WROTE),
    )


def expire(referral: Referral, command: Expire, now: datetime, rules: Rules) -> Sequence[Event]:
    """Close the round that nobody answered; the coordinator may ask others."""
    if not asking_still(referral, command.round, command.wave):
        return ()
    return (
        ReferralExpired(referral=referral.id, round=command.round),
        # Whoever asked for more may answer no longer.
        *done(referral, FollowUpKind.ANSWER_AGENCY, FollowUpKind.ASK_AGENCY),
        *on_expired(referral, now, rules),
    )


def asking_still(referral: Referral, round: int, wave: int) -> bool:
    """Tell whether the end of a round is told of the one that is open, with all of its waves.

    A wave that was added while the end was on its way goes on with the round.
    """
    return (
        referral.state is State.REQUESTED
        and referral.claim is None
        and referral.round == round
        and referral.wave <= wave
        and bool(referral.candidates)  # none: it has expired already
    )
