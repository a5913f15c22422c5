"""Topic `offerings`: all offers of one referral. Key: referral id. Owner: partner.

Partner alone decides claims, because a claim and its seat are one transaction in its database.
Links and codes are never here: who may send them derives them from `nonce`.
"""

from datetime import date

from pydantic import AwareDatetime

from contracts.categories import TopicCategory
from contracts.code import Code
from contracts.codes import (
    DeclineReason,
    OfferReply,
    OfferReplyResult,
    Outcome,
    Progress,
    QuestionTopic,
)
from contracts.event import Event, Part
from contracts.provider import ProviderId
from contracts.referrals import Bands, Candidate
from contracts.topic import OFFERINGS


class Offer(Part):
    """One service's offer.

    Attributes:
        contact: the person at the agency whom notify writes to; empty where there is nobody.
        by_phone: somebody of the school calls the agency: no message asks it.
    """

    offer: str
    service: ProviderId
    agency: ProviderId
    contact: ProviderId
    nonce: str
    by_phone: bool = False


class OfferingOpened(Event, topic=OFFERINGS, type="org.enlace.offering.opened.v1"):
    """The agencies may answer now.

    Attributes:
        batch: one of many that were asked for at once: its agency is told of all of them together.
        wave: 1 for those with whom the round began; later ones join it while it is open.
    """

    referral: str
    round: int
    site: str
    category: TopicCategory
    bands: Bands
    offers: tuple[Offer, ...]
    answer_by: AwareDatetime
    batch: str | None = None
    wave: int = 1


class OfferReminded(Event, topic=OFFERINGS, type="org.enlace.offering.reminded.v1"):
    """Half of an agency's time is over, and it has not answered: it is asked once more.

    Attributes:
        contact: the person whom notify writes to.
        answer_by: until when this agency may answer.
    """

    referral: str
    round: int
    offer: str
    agency: ProviderId
    contact: ProviderId
    answer_by: AwareDatetime


class OfferClaimed(Event, topic=OFFERINGS, type="org.enlace.offering.claimed.v1"):
    """The first yes, with its seat held in the same transaction.

    Attributes:
        recorded_by: who of the school recorded it on the agency's behalf, after a call; absent
            where the agency answered itself.
    """

    referral: str
    round: int
    offer: str
    claim: str
    service: ProviderId
    agency: ProviderId
    contact: ProviderId
    nonce: str
    recorded_by: str | None = None


class OfferDeclined(Event, topic=OFFERINGS, type="org.enlace.offering.declined.v1"):
    """An agency cannot take it; `last` says that nobody is left to answer this round.

    Attributes:
        recorded_by: who of the school recorded it on the agency's behalf, after a call; absent
            where the agency answered itself.
        wave: the last one of the round that partner knew of; a later one goes on with the round.
    """

    referral: str
    round: int
    offer: str
    agency: ProviderId
    reason: DeclineReason
    last: bool
    recorded_by: str | None = None
    wave: int = 1


class OfferContested(Event, topic=OFFERINGS, type="org.enlace.offering.contested.v1"):
    """The agency says that the answer recorded on its behalf is not what it said.

    Nothing is undone by it: somebody at the school calls the agency.

    Attributes:
        claim: the claim that a recorded yes made; absent for a recorded no.
    """

    referral: str
    round: int
    offer: str
    agency: ProviderId
    claim: str | None = None


class OfferQuestionAsked(Event, topic=OFFERINGS, type="org.enlace.offering.question-asked.v1"):
    """An agency wants to know more before it answers; its offer stays open, and its time runs on.

    Attributes:
        question: id of it, by which referral states the answer.
        topics: what it wants to know, never who the child is; its words stay with partner.
        answer_by: until when this agency may answer.
    """

    referral: str
    round: int
    offer: str
    agency: ProviderId
    contact: ProviderId
    question: str
    topics: tuple[QuestionTopic, ...]
    answer_by: AwareDatetime


class OfferWaitlisted(Event, topic=OFFERINGS, type="org.enlace.offering.waitlisted.v1"):
    """The agency would, and has no seat now."""

    referral: str
    round: int
    offer: str
    agency: ProviderId
    service: ProviderId


class OfferPromoted(Event, topic=OFFERINGS, type="org.enlace.offering.promoted.v1"):
    """A seat came free for one who waited: it is held, and the claim is theirs.

    Attributes:
        answer_by: until when the seat waits for a consent that is missing still; then it goes to
            the next who waits. Absent: the district's time for every other claim.
    """

    referral: str
    round: int
    offer: str
    claim: str
    service: ProviderId
    agency: ProviderId
    answer_by: AwareDatetime | None = None


class OfferExpired(Event, topic=OFFERINGS, type="org.enlace.offering.offer-expired.v1"):
    """One agency did not answer in time; others of the round still can, or are asked later."""

    referral: str
    round: int
    offer: str
    agency: ProviderId


class OfferingExpired(Event, topic=OFFERINGS, type="org.enlace.offering.expired.v1"):
    """Nobody answered in time.

    Attributes:
        wave: the last one of the round that partner knew of; a later one goes on with the round.
    """

    referral: str
    round: int
    wave: int = 1


class OfferingWaveDropped(Event, topic=OFFERINGS, type="org.enlace.offering.wave-dropped.v1"):
    """A wave that was planned is not asked; its agencies never knew of it.

    Attributes:
        wave: the one that was planned.
        candidates: who was to be asked.
        last: nobody is asked any more.
        latest: the last wave of the round that partner knew of; a later one goes on with the round.
    """

    referral: str
    round: int
    wave: int
    candidates: tuple[Candidate, ...]
    last: bool = False
    latest: int = 1


class WithdrawalReason(Code):
    """Why an open offer is open no longer."""

    TAKEN = "taken"
    CANCELLED = "cancelled"
    NOT_NEEDED = "not-needed"
    OTHER = "other"


class OfferWithdrawn(Event, topic=OFFERINGS, type="org.enlace.offering.withdrawn.v1"):
    """This agency need not answer any more.

    Attributes:
        reason: `not-needed` where the school's coordinator withdrew this one offer.
        last: it was the last one that was open, and nobody is asked later; with `not-needed` alone.
        wave: the last one of the round that partner knew of; a later one goes on with the round.
    """

    referral: str
    offer: str
    agency: ProviderId
    contact: ProviderId
    reason: WithdrawalReason
    round: int | None = None
    service: ProviderId | None = None
    last: bool = False
    wave: int = 1


class Missing(Code):
    """What kept the services that came closest to a need, where none fits."""

    NO_SERVICE = "no-service"
    OTHER_SCHOOLS = "other-schools"
    NO_AGREEMENT = "no-agreement"
    AGREEMENT_EXPIRED = "agreement-expired"
    PAPERS_LACKING = "papers-lacking"
    NOBODY_TO_ASK = "nobody-to-ask"
    NOT_ITS_MAIN_WORK = "not-its-main-work"
    TOO_YOUNG = "too-young"
    TOO_OLD = "too-old"
    OTHER_GRADES = "other-grades"
    INSURANCE_NOT_TAKEN = "insurance-not-taken"
    OUT_OF_AREA = "out-of-area"
    LANGUAGE_NOT_AVAILABLE = "language-not-available"
    AGREED_AGES = "agreed-ages"
    AGREED_GRADES = "agreed-grades"
    AGREED_INSURANCE = "agreed-insurance"
    AGREED_ZIPS = "agreed-zips"


class NeedUnmatched(Event, topic=OFFERINGS, type="org.enlace.offering.need-unmatched.v1"):
    """No service fits a need: an unmet need before anybody could be asked.

    An offering that opens for the referral later means that one was found after all.

    Attributes:
        reason: the same in the words of a decline, for counting beside those.
        missing: what kept those that came closest, the most frequent first; a code alone, never
            the child's own age, insurance or ZIP.
    """

    referral: str
    site: str
    category: TopicCategory
    reason: DeclineReason
    missing: tuple[Missing, ...]


class IdentityCodeRequested(
    Event, topic=OFFERINGS, type="org.enlace.offering.identity-code-requested.v1"
):
    """The agency that took the child asks for the code that opens who it is.

    Notify derives the code from `nonce` and sends it to the registered address only.
    """

    referral: str
    offer: str
    agency: ProviderId
    contact: ProviderId
    nonce: str
    expires: AwareDatetime


class ProgressReported(Event, topic=OFFERINGS, type="org.enlace.offering.progress-reported.v1"):
    """The agency tells how it goes with the child it took."""

    referral: str
    offer: str
    claim: str
    progress: Progress
    appointment: AwareDatetime | None = None
    outcome: Outcome | None = None


class OfferReplySettled(Event, topic=OFFERINGS, type="org.enlace.offering.reply-settled.v1"):
    """What came of an agency's text, for the agency to be told.

    A yes that was taken is not told here: the claim is.

    Attributes:
        reply: what the text said.
        result: what came of it.
    """

    referral: str
    offer: str
    agency: ProviderId
    contact: ProviderId
    reply: OfferReply
    result: OfferReplyResult


class DeletionAsked(Event, topic=OFFERINGS, type="org.enlace.offering.deletion-asked.v1"):
    """A person at an agency is to be asked to delete what the agency read, and to confirm it.

    Attributes:
        referral: one of those for which it read who the child is.
        request: id of referral's request to delete.
        contact: the person whom notify writes to.
        nonce: from what notify derives the link to the page of the confirmation.
        due_on: the last day for the confirmation, local to the school.
        again: it was asked before, and the day has passed.
    """

    referral: str
    request: str
    agency: ProviderId
    contact: ProviderId
    nonce: str
    due_on: date
    again: bool


class DeletionReported(Event, topic=OFFERINGS, type="org.enlace.offering.deletion-reported.v1"):
    """The agency says behind its link that it has deleted what it read.

    Attributes:
        referral: one of those for which it had read who the child is.
        request: id of referral's request to delete.
    """

    referral: str
    request: str
    agency: ProviderId
