"""The codes of FHIR and of Gravity's SDOH Clinical Care guide, beside those of Enlace. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import DeclineReason, Outcome, QuestionTopic
from services.partner.model.offering import ClaimState, Offer, OfferState

Json = dict[str, Any]

GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare"
"""SDOH Clinical Care, release 2; its profiles and its own codes."""

TASK_PROFILE = f"{GUIDE}/StructureDefinition/SDOHCC-TaskForReferralManagement"
REQUEST_PROFILE = f"{GUIDE}/StructureDefinition/SDOHCC-ServiceRequest"
SDOH = f"{GUIDE}/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LANGUAGE = "urn:ietf:bcp:47"

ENLACE = "https://enlace.org/fhir"
CATEGORY = f"{ENLACE}/CodeSystem/category"
DECLINE = f"{ENLACE}/CodeSystem/decline-reason"
OUTCOME = f"{ENLACE}/CodeSystem/outcome"
BUSINESS = f"{ENLACE}/CodeSystem/business-status"
QUESTION = f"{ENLACE}/CodeSystem/question"
REFERRAL = f"{ENLACE}/NamingSystem/referral"


class TaskStatus(Code):
    """Where a Task stands, as FHIR R4 names it; those that an offer can have."""

    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BusinessStatus(Code):
    """What refines a status without adding one."""

    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    AWAITING_SCHOOL = "awaiting-school"
    AWAITING_CONSENT = "awaiting-consent"
    CONFIRMED = "confirmed"
    SCHEDULED = "appointment-scheduled"
    TAKEN = "taken-by-another"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INFORMATION_NEEDED = "information-needed"


WORDS: Mapping[BusinessStatus, str] = {
    BusinessStatus.OFFERED: "Offered; nobody has answered yet",
    BusinessStatus.WAITLISTED: "On the waitlist of the service",
    BusinessStatus.AWAITING_SCHOOL: "Accepted; the school has not confirmed it yet",
    BusinessStatus.AWAITING_CONSENT: "Accepted; the family's consent is missing",
    BusinessStatus.CONFIRMED: "Accepted and confirmed by the school",
    BusinessStatus.SCHEDULED: "An appointment is made",
    BusinessStatus.TAKEN: "Another agency was first",
    BusinessStatus.WITHDRAWN: "The school has withdrawn it",
    BusinessStatus.EXPIRED: "The time to answer has passed",
    BusinessStatus.INFORMATION_NEEDED: "The agency has asked; the school has not answered yet",
}

_STATUS: Mapping[OfferState, TaskStatus] = {
    OfferState.OPEN: TaskStatus.REQUESTED,
    OfferState.WAITLISTED: TaskStatus.RECEIVED,
    OfferState.DECLINED: TaskStatus.REJECTED,
    OfferState.EXPIRED: TaskStatus.CANCELLED,
    OfferState.TAKEN: TaskStatus.CANCELLED,
    OfferState.WITHDRAWN: TaskStatus.CANCELLED,
    OfferState.CLAIMED: TaskStatus.ACCEPTED,
    OfferState.ACCEPTED: TaskStatus.ACCEPTED,
    OfferState.IN_PROGRESS: TaskStatus.IN_PROGRESS,
    OfferState.COMPLETED: TaskStatus.COMPLETED,
    OfferState.FAILED: TaskStatus.FAILED,
}
_BUSINESS: Mapping[OfferState, BusinessStatus] = {
    OfferState.OPEN: BusinessStatus.OFFERED,
    OfferState.WAITLISTED: BusinessStatus.WAITLISTED,
    OfferState.EXPIRED: BusinessStatus.EXPIRED,
    OfferState.TAKEN: BusinessStatus.TAKEN,
    OfferState.WITHDRAWN: BusinessStatus.WITHDRAWN,
    OfferState.CLAIMED: BusinessStatus.AWAITING_SCHOOL,
    OfferState.ACCEPTED: BusinessStatus.CONFIRMED,
}
_DOMAINS: Mapping[Category, tuple[str, str]] = {
    Category.FOOD: ("food-insecurity", "Food Insecurity"),
    Category.HOUSING: ("housing-instability", "Housing Instability"),
    Category.UTILITIES: ("utility-insecurity", "Utility Insecurity"),
    Category.CLOTHING: ("material-hardship", "Material Hardship"),
    Category.TRANSPORTATION: ("transportation-insecurity", "Transportation Insecurity"),
    Category.EMPLOYMENT: ("employment-status", "Employment Status"),
    Category.TUTORING: ("educational-attainment", "Educational Attainment"),
    Category.MENTORING: ("social-connection", "Social Connection"),
    Category.DOMESTIC_VIOLENCE: ("intimate-partner-violence", "Intimate Partner Violence"),
}
_UNSPECIFIED = ("sdoh-category-unspecified", "SDOH Category Unspecified")

QUESTIONS: Mapping[QuestionTopic, str] = {
    QuestionTopic.AGE: "Age or grade",
    QuestionTopic.TIMES: "When the family can be reached",
    QuestionTopic.LANGUAGE: "Language of the family",
    QuestionTopic.INSURANCE: "Kind of insurance",
    QuestionTopic.URGENCY: "How soon it is needed",
    QuestionTopic.OTHER: "Something else",
}

DECLINES: Mapping[DeclineReason, str] = {
    DeclineReason.NOT_ELIGIBLE: "Not eligible",
    DeclineReason.NO_CAPACITY: "No capacity",
    DeclineReason.SERVICE_NOT_PROVIDED: "Service not provided",
    DeclineReason.ALREADY_ENROLLED: "Already enrolled",
    DeclineReason.OUT_OF_AREA: "Out of area",
    DeclineReason.LANGUAGE_NOT_AVAILABLE: "Language not available",
    DeclineReason.NOT_SAID: "No reason given",
    DeclineReason.OTHER: "Another reason",
}


def status_of(offer: Offer) -> TaskStatus:
    """Return where an offer's Task stands."""
    return _STATUS[offer.state]


def states_of(statuses: Collection[str]) -> frozenset[OfferState]:
    """Return the states of offers whose Tasks have one of some statuses."""
    return frozenset(state for state, status in _STATUS.items() if status in statuses)


def business_of(offer: Offer, claim: ClaimState | None, *, dated: bool) -> BusinessStatus | None:
    """Return what refines an offer's status, where anything does.

    Args:
        offer: the Task's.
        claim: what the school has answered to its claim.
        dated: whether an appointment is made.
    """
    if offer.state is OfferState.OPEN and any(each.answer is None for each in offer.questions):
        return BusinessStatus.INFORMATION_NEEDED
    if offer.state is OfferState.CLAIMED and claim is ClaimState.AWAITING_CONSENT:
        return BusinessStatus.AWAITING_CONSENT
    if dated and offer.state in {OfferState.ACCEPTED, OfferState.IN_PROGRESS}:
        return BusinessStatus.SCHEDULED
    return _BUSINESS.get(offer.state)


def domain_of(category: Category) -> Json:
    """Return the concept of Gravity's domain for a kind of need: *unspecified* for most."""
    code, display = _DOMAINS.get(category, _UNSPECIFIED)
    return concept(SDOH, code, display)


def concept(system: str, code: str, display: str | None = None, *, text: str | None = None) -> Json:
    """Return a CodeableConcept of one coding."""
    coding = {"system": system, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding], **({"text": text} if text else {})}


def absent(why: str) -> Json:
    """Return the extension that says why a value is missing: `masked`, `unknown`."""
    return {"extension": [{"url": ABSENT, "valueCode": why}]}


OUTCOMES: Mapping[Outcome, str] = {
    Outcome.NEED_MET: "Need met",
    Outcome.PARTLY_MET: "Need partly met",
    Outcome.CLIENT_DECLINED: "The client declined",
    Outcome.COULD_NOT_CONTACT: "The client could not be reached",
    Outcome.NO_SHOW: "The client did not come",
    Outcome.NOT_ELIGIBLE: "Not eligible",
    Outcome.REFERRED_ELSEWHERE: "Referred elsewhere",
    Outcome.ATTENDED: "The client attended",
    Outcome.OTHER: "Another outcome",
}
