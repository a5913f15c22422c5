"""What a command does to a referral: events, or a refusal that says what to do. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from contracts.categories import RESTRICTED
from contracts.codes import Outcome, Progress, RefusalReason, ReplyCode, Urgency
from contracts.event import Event
from contracts.follow_ups import (
    FollowUpDone,
    FollowUpDue,
    FollowUpKind,
    FollowUpOverdue,
    FollowUpScheduled,
)
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralExpired,
    ReferralFailed,
    ReferralOffered,
    ReferralRejected,
    ReferralRequested,
    ReferralScheduled,
    ReferralStarted,
    ReferralUnmet,
    ReferralVerified,
)
from services.chassis.errors import EnlaceError, rule
from services.referral.model.commands import (
    Answer,
    Cancel,
    Claim,
    Command,
    EnterInError,
    Expire,
    HonourConsent,
    NobodyTookIt,
    Offer,
    Report,
    Request,
    Tick,
)
from services.referral.model.follow_up import FollowUp, FollowUpState, local_date
from services.referral.model.referral import (
    OPEN,
    WITH_AGENCY,
    BusinessStatus,
    Referral,
    State,
)

SEAT_HELD_FOR = timedelta(days=3)
"""How long a seat waits for a missing consent: a child does not lose the place over a paper."""

AGENCY_SILENT_AFTER = 10
"""Days from *accepted* without a word from the agency until the coordinator is asked to look."""

ASK_FAMILY_AFTER = 7
"""Days from *completed* until the family is asked whether the help arrived."""

ASK_AGAIN_AFTER = 7

_PRIORITY = {Urgency.CRISIS: 0, Urgency.URGENT: 1, Urgency.SOON: 2, Urgency.ROUTINE: 3}


def decide(referral: Referral, command: Command, now: datetime) -> Sequence[Event]:
    """Return what happens; an empty sequence where the command's effect already holds.

    Raises:
        EnlaceError: the state does not allow it; nothing happens.
    """
    match command:
        case Offer():
            return _offer(referral, command)
        case Request():
            return _request(referral, command)
        case Claim():
            return _claim(referral, command, now)
        case HonourConsent():
            return _honour_consent(referral, now)
        case NobodyTookIt():
            return _nobody_took_it(referral, command)
        case Expire():
            return _expire(referral, command)
        case Report():
            return _report(referral, command, now)
        case Answer():
            return _answer(referral, command, now)
        case Cancel():
            return _cancel(referral, command)
        case EnterInError():
            return _enter_in_error(referral)
        case Tick():
            return _tick(referral, now)
        case _:
            assert_never(command)


def _offer(referral: Referral, command: Offer) -> Sequence[Event]:
    if _asked_already(referral, command.candidates):
        return ()
    _need_askable(referral)
    if len(command.candidates) > 1 and referral.category in RESTRICTED:
        raise rule(
            "restricted-offer",
            "This kind of need is never offered to several agencies. Choose one and send it there.",
        )
    return (
        ReferralOffered(
            referral=referral.id,
            round=referral.round + 1,
            site=referral.site,
            category=referral.category,
            urgency=referral.urgency,
            bands=command.bands,
            candidates=command.candidates,
            answer_by=command.answer_by,
        ),
    )


def _request(referral: Referral, command: Request) -> Sequence[Event]:
    if _asked_already(referral, (command.candidate,)):
        return ()
    _need_askable(referral)
    return (
        ReferralRequested(
            referral=referral.id,
            round=referral.round + 1,
            site=referral.site,
            category=referral.category,
            urgency=referral.urgency,
            bands=command.bands,
            candidate=command.candidate,
            priority=_PRIORITY.get(referral.urgency, 3),
            answer_by=command.answer_by,
        ),
    )


def _asked_already(referral: Referral, candidates: tuple[object, ...]) -> bool:
    return referral.state is State.REQUESTED and referral.candidates == candidates


def _need_askable(referral: Referral) -> None:
    askable = referral.state is State.DRAFT or (
        referral.state is State.REQUESTED and referral.claim is None and not referral.candidates
    )
    if not askable:
        raise _wrong_state(referral, "be sent to an agency")


def _claim(referral: Referral, command: Claim, now: datetime) -> Sequence[Event]:
    if referral.claim is not None and referral.claim.id == command.claim:
        return ()
    refusal: RefusalReason | None = None
    if referral.state in {State.CANCELLED, State.ENTERED_IN_ERROR}:
        refusal = RefusalReason.CANCELLED
    elif referral.claim is not None or referral.state is not State.REQUESTED:
        refusal = RefusalReason.TAKEN
    elif command.round != referral.round:
        refusal = RefusalReason.OLDER_ROUND
    if refusal is not None:
        return (ReferralClaimRefused(referral=referral.id, claim=command.claim, reason=refusal),)
    if not command.consented:
        return (
            ReferralAwaitingConsent(
                referral=referral.id,
                claim=command.claim,
                service=command.service,
                agency=command.agency,
                held_until=now + SEAT_HELD_FOR,
            ),
        )
    return _accepted(referral, command.claim, command.service, command.agency, now)


def _accepted(
    referral: Referral, claim: str, service: str, agency: str, now: datetime
) -> Sequence[Event]:
    return (
        ReferralAccepted(referral=referral.id, claim=claim, service=service, agency=agency),
        _schedule(referral, FollowUpKind.AGENCY_SILENT, AGENCY_SILENT_AFTER, now),
    )


def _honour_consent(referral: Referral, now: datetime) -> Sequence[Event]:
    if referral.business is not BusinessStatus.AWAITING_CONSENT or referral.claim is None:
        return ()
    claim = referral.claim
    return _accepted(referral, claim.id, claim.service, claim.agency, now)


def _nobody_took_it(referral: Referral, command: NobodyTookIt) -> Sequence[Event]:
    if not _open_round(referral, command.round):
        return ()
    return (
        ReferralRejected(referral=referral.id, reason=command.reason),
        ReferralUnmet(
            referral=referral.id,
            site=referral.site,
            category=referral.category,
            reason=command.reason,
        ),
    )


def _expire(referral: Referral, command: Expire) -> Sequence[Event]:
    if not _open_round(referral, command.round):
        return ()
    return (ReferralExpired(referral=referral.id, round=command.round),)


def _open_round(referral: Referral, round: int) -> bool:
    return referral.state is State.REQUESTED and referral.claim is None and referral.round == round


def _report(referral: Referral, command: Report, now: datetime) -> Sequence[Event]:
    claim = referral.claim
    if claim is None or claim.id != command.claim:
        # The agency reports on a claim that no longer stands; partner has been told so.
        return ()
    if referral.state not in WITH_AGENCY:
        return ()
    silent = _done(referral, FollowUpKind.AGENCY_SILENT)
    match command.progress:
        case Progress.SCHEDULED if command.appointment is not None:
            if referral.appointment == command.appointment:
                return ()
            return (
                ReferralScheduled(
                    referral=referral.id, claim=claim.id, appointment=command.appointment
                ),
                *silent,
            )
        case Progress.STARTED:
            if referral.state is State.IN_PROGRESS:
                return ()
            return (ReferralStarted(referral=referral.id, claim=claim.id), *silent)
        case Progress.COMPLETED:
            return (
                ReferralCompleted(
                    referral=referral.id,
                    claim=claim.id,
                    outcome=command.outcome or Outcome.NEED_MET,
                ),
                *silent,
                _schedule(referral, FollowUpKind.DID_HELP_ARRIVE, ASK_FAMILY_AFTER, now),
            )
        case Progress.NO_SHOW | Progress.COULD_NOT_CONTACT:
            outcome = (
                Outcome.NO_SHOW
                if command.progress is Progress.NO_SHOW
                else Outcome.COULD_NOT_CONTACT
            )
            return (
                ReferralFailed(referral=referral.id, claim=claim.id, outcome=outcome),
                *silent,
            )
        case _:
            raise rule(
                "progress-unclear",
                "This report cannot be read: an appointment needs its date. Send it again with it.",
            )


def _answer(referral: Referral, command: Answer, now: datetime) -> Sequence[Event]:
    asked = _waiting(referral, FollowUpKind.DID_HELP_ARRIVE)
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
                _schedule(referral, FollowUpKind.DID_HELP_ARRIVE, ASK_AGAIN_AFTER, now),
            )
        case _:
            # Words that are no answer stay in the conversation, for the coordinator to read.
            return ()


def _cancel(referral: Referral, command: Cancel) -> Sequence[Event]:
    if referral.state is State.CANCELLED:
        return ()
    if referral.state not in OPEN:
        raise _wrong_state(referral, "be cancelled")
    return (
        ReferralCancelled(referral=referral.id, reason=command.reason),
        *_all_done(referral),
    )


def _enter_in_error(referral: Referral) -> Sequence[Event]:
    if referral.state is State.ENTERED_IN_ERROR:
        return ()
    return (ReferralEnteredInError(referral=referral.id), *_all_done(referral))


def _tick(referral: Referral, now: datetime) -> Sequence[Event]:
    """Fire what is due; every due time fires once, because firing moves its state on."""
    events: list[Event] = []
    claim = referral.claim
    if (
        claim is not None
        and claim.held_until is not None
        and referral.state is State.REQUESTED
        and claim.held_until <= now
    ):
        events.append(
            ReferralClaimRefused(
                referral=referral.id, claim=claim.id, reason=RefusalReason.NO_CONSENT
            )
        )
    for each in referral.follow_ups:
        due = each.next_due
        if due is None or due > now:
            continue
        if each.state is FollowUpState.PENDING:
            events.append(
                FollowUpDue(
                    follow_up=each.id,
                    referral=referral.id,
                    kind=each.kind,
                    student=referral.student,
                    family=referral.family,
                    site=referral.site,
                    audience=referral.audience,
                )
            )
        else:
            events.append(FollowUpOverdue(follow_up=each.id, referral=referral.id))
    return events


def _schedule(
    referral: Referral, kind: FollowUpKind, days: int, now: datetime
) -> FollowUpScheduled:
    return FollowUpScheduled(
        follow_up=f"{referral.id}-{len(referral.follow_ups) + 1}",
        referral=referral.id,
        kind=kind,
        due_on=local_date(now, referral.zone) + timedelta(days=days),
        zone=referral.zone,
    )


def _waiting(referral: Referral, kind: FollowUpKind) -> FollowUp | None:
    found = [each for each in referral.follow_ups if each.kind is kind and each.waits]
    return found[-1] if found else None


def _done(referral: Referral, kind: FollowUpKind) -> Sequence[Event]:
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id)
        for each in referral.follow_ups
        if each.kind is kind and each.waits
    )


def _all_done(referral: Referral) -> Sequence[Event]:
    return tuple(
        FollowUpDone(follow_up=each.id, referral=referral.id)
        for each in referral.follow_ups
        if each.waits
    )


def _wrong_state(referral: Referral, wish: str) -> EnlaceError:
    return rule(
        "wrong-state",
        f"This referral is {referral.state.value} and cannot {wish}. Nothing was changed: read it "
        "again, somebody may have acted meanwhile.",
    )
