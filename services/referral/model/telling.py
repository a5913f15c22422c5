"""Whether a person may be told something about a referral, as of now. Pure.

Asked at the moment of sending: a cause that has gone, a revoked leave or a custody note stops a
message that was already waiting.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import Audience, NotSentReason, Template, Urgency
from services.referral.model.follow_up import FollowUpState
from services.referral.model.people import Family
from services.referral.model.referral import BusinessStatus, Referral, State
from services.referral.model.rules import Rules

AGENCY_TEMPLATES = frozenset(
    {
        Template.AGENCY_OFFER,
        Template.AGENCY_OFFER_REMINDER,
        Template.AGENCY_QUESTION_ANSWERED,
        Template.AGENCY_NOT_NEEDED,
        Template.AGENCY_TAKEN,
        Template.AGENCY_CONSENT_ASKED,
        Template.AGENCY_ACCEPTED,
        Template.AGENCY_IDENTITY_CODE,
        Template.AGENCY_ANSWER_RECORDED,
    }
)

_STATES: dict[Template, frozenset[State]] = {
    Template.FAMILY_ASKED: frozenset({State.REQUESTED}),
    Template.FAMILY_ACCEPTED: frozenset({State.ACCEPTED, State.IN_PROGRESS}),
    Template.FAMILY_APPOINTMENT: frozenset({State.ACCEPTED, State.IN_PROGRESS}),
    Template.FAMILY_APPOINTMENT_REMINDER: frozenset({State.ACCEPTED, State.IN_PROGRESS}),
    Template.FAMILY_DID_HELP_ARRIVE: frozenset({State.COMPLETED, State.IN_PROGRESS}),
    Template.FAMILY_THANKS: frozenset({State.COMPLETED}),
    Template.AGENCY_OFFER: frozenset({State.REQUESTED}),
    Template.AGENCY_OFFER_REMINDER: frozenset({State.REQUESTED}),
    Template.AGENCY_QUESTION_ANSWERED: frozenset({State.REQUESTED}),
    Template.AGENCY_CONSENT_ASKED: frozenset({State.REQUESTED}),
    Template.AGENCY_ACCEPTED: frozenset({State.ACCEPTED, State.IN_PROGRESS}),
    Template.AGENCY_IDENTITY_CODE: frozenset(
        {State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD, State.COMPLETED}
    ),
}
"""In which states each message still has its cause; a template that is not listed has no cause of
its own. *Taken* is told to losers whatever became of the referral."""


ON_CONSENT = frozenset({Template.AGENCY_ACCEPTED, Template.AGENCY_IDENTITY_CODE})
"""What invites an agency to read who the child is."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a message tells, and of what.

    Attributes:
        person: to whom.
        round: of asking agencies, which it tells of; None: of none.
        claim: the agency's yes that it tells of; None: of none.
        appointment: which it tells of; None: of none.
    """

    template: Template
    person: str
    round: int | None = None
    claim: str | None = None
    appointment: datetime | None = None


def refusal(
    referral: Referral | None,
    family: Family | None,
    telling: Telling,
    *,
    covered: bool = False,
) -> NotSentReason | None:
    """Return why a message may not go out now, as a slug; None lets it pass.

    Args:
        referral: what it is about; None: there is none.
        family: the household; looked at only for messages to families.
        telling: what the message tells.
        covered: whether a consent covers the agency that has the child, just now; looked at only
            for messages of `ON_CONSENT`.
    """
    if referral is None:
        return NotSentReason.UNKNOWN_REFERRAL
    if referral.state is State.ENTERED_IN_ERROR:
        return NotSentReason.ENTERED_IN_ERROR
    template = telling.template
    if referral.state not in _STATES.get(template, frozenset(State)) or _overtaken(
        referral, telling
    ):
        return NotSentReason.CAUSE_GONE
    if template in ON_CONSENT and not covered:
        return NotSentReason.CAUSE_GONE
    waits = referral.business is BusinessStatus.AWAITING_CONSENT
    if template is Template.AGENCY_CONSENT_ASKED and not waits:
        return NotSentReason.CAUSE_GONE
    if template in AGENCY_TEMPLATES:
        return None
    if template is Template.FAMILY_DID_HELP_ARRIVE and not _question_open(referral):
        return NotSentReason.CAUSE_GONE
    return may_not_be_told(referral, family, telling.person)


def _overtaken(referral: Referral, telling: Telling) -> bool:
    """Tell whether the referral is where it was again, and the message of the time before."""
    if telling.round is not None:
        # A family hears of the first asking however often others are asked after it.
        if telling.template in AGENCY_TEMPLATES:
            return telling.round != referral.round
        return telling.round <= referral.recalled
    if telling.appointment is not None and not _stands(referral, telling.appointment):
        return True
    return telling.claim is not None and (
        referral.claim is None or referral.claim.id != telling.claim
    )


def _stands(referral: Referral, appointment: datetime) -> bool:
    """Tell whether an appointment is still to come: neither moved nor begun."""
    waits = referral.business is BusinessStatus.APPOINTMENT_SCHEDULED
    return waits and referral.appointment == appointment


_TOLD_AT_ONCE = frozenset({Urgency.URGENT, Urgency.CRISIS})
"""A family in such need is told at once that help is asked for, though it can still be undone."""


def undo_until(
    referral: Referral, template: Template, now: datetime, rules: Rules
) -> datetime | None:
    """Return until when the text that help was asked for waits, since the asking can be undone.

    None: it does not wait. That an agency has answered ends the waiting too; who asks knows that.
    """
    if template is not Template.FAMILY_ASKED or referral.urgency in _TOLD_AT_ONCE:
        return None
    if referral.claim is not None or not referral.candidates:
        return None
    until = referral.since + timedelta(minutes=rules.recall_minutes)
    return until if now < until else None


def _question_open(referral: Referral) -> bool:
    asked = {FollowUpState.DUE, FollowUpState.OVERDUE}
    settled = referral.business is BusinessStatus.FAMILY_VERIFIED
    return not settled and any(
        each.asks_family and each.state in asked for each in referral.follow_ups
    )


def may_not_be_told(referral: Referral, family: Family | None, person: str) -> NotSentReason | None:
    """Return why somebody of a household may be told nothing of a referral; None: they may be."""
    if referral.audience is Audience.STUDENT:
        return None if person == referral.student else NotSentReason.NOT_THE_AUDIENCE
    if referral.audience is not Audience.GUARDIAN:
        return NotSentReason.NOBODY_MAY_BE_TOLD
    contact = family.contact(person) if family else None
    if contact is None:
        return NotSentReason.NOT_THE_AUDIENCE
    return None if contact.hears_of(referral.student) else NotSentReason.MAY_NOT_BE_TOLD
