"""What the agency reports on a claim that stands."""

from collections.abc import Sequence
from datetime import datetime

from contracts.codes import Outcome, Progress
from contracts.event import Event
from contracts.follow_ups import FollowUpKind
from contracts.referrals import ReferralScheduled, ReferralStarted
from services.chassis.errors import rule
from services.referral.model.commands import Report
from services.referral.model.decide.closing import ended
from services.referral.model.decide.common import done
from services.referral.model.referral import WITH_AGENCY, Referral, State
from services.referral.model.rules import Rules


def report(referral: Referral, command: Report, now: datetime, rules: Rules) -> Sequence[Event]:
    """Take what the agency says of a claim; one that no longer stands changes nothing."""
    claim = referral.claim
    if claim is None or claim.id != command.claim:
        # The agency reports on a claim that no longer stands; partner has been told so.
        return ()
    if referral.state not in WITH_AGENCY:
        return ()
    silent = done(referral, FollowUpKind.AGENCY_SILENT)
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
            how = command.outcome or Outcome.NEED_MET
            return ended(referral, claim.id, how, now, rules)
        case Progress.FAILED:
            how = command.outcome or Outcome.OTHER
            return ended(referral, claim.id, how, now, rules)
        case Progress.NO_SHOW:
            return ended(referral, claim.id, Outcome.NO_SHOW, now, rules)
        case Progress.COULD_NOT_CONTACT:
            return ended(referral, claim.id, Outcome.COULD_NOT_CONTACT, now, rules)
        case _:
            raise rule(
                "progress-unclear",
                "This report cannot be read: an appointment needs its date. Send it again with it.",
                es="No se puede leer este informe: una cita necesita su fecha. Envíelo de nuevo "
                "con ella.",
            )
