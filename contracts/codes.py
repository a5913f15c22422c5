"""Codes shared by several topics. Categories of need have a module of their own."""

from contracts.code import Code, DistrictCode


class Urgency(Code):
    """How long a child can wait. A crisis never waits for an offer."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"
    CRISIS = "crisis"


class Language(DistrictCode):
    """A language somebody reads, as BCP 47 in small letters; a district may add to these.

    Messages exist in Spanish and English.
    """

    ENGLISH = "en"
    SPANISH = "es"
    TAGALOG = "tl"
    VIETNAMESE = "vi"


class Audience(Code):
    """Who may be told of a referral. Absent means nobody."""

    GUARDIAN = "guardian"
    STUDENT = "student"
    NOBODY = "nobody"


class DayPart(Code):
    """A part of the day, local to the school."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class ErrorReason(DistrictCode):
    """Why a referral should never have been; a district may add to these."""

    WRONG_CHILD = "wrong-child"
    ENTERED_TWICE = "entered-twice"
    NO_NEED = "no-need"
    OTHER = "other"


class DeclineReason(DistrictCode):
    """Why an agency says no (the list of the field; *other* asks for words); a district may add."""

    NOT_ELIGIBLE = "not-eligible"
    NO_CAPACITY = "no-capacity"
    SERVICE_NOT_PROVIDED = "service-not-provided"
    ALREADY_ENROLLED = "already-enrolled"
    OUT_OF_AREA = "out-of-area"
    LANGUAGE_NOT_AVAILABLE = "language-not-available"
    NOT_SAID = "not-said"
    OTHER = "other"


class Outcome(Code):
    """How a referral ended for the child: with the help, wholly or in part, or without it.

    `attended` is all that is told of counselling, treatment and other restricted needs.
    """

    NEED_MET = "need-met"
    PARTLY_MET = "partly-met"
    CLIENT_DECLINED = "client-declined"
    COULD_NOT_CONTACT = "could-not-contact"
    NO_SHOW = "no-show"
    NOT_ELIGIBLE = "not-eligible"
    REFERRED_ELSEWHERE = "referred-elsewhere"
    ATTENDED = "attended"
    OTHER = "other"

    @property
    def helped(self) -> bool:
        """Whether the child got the help; whoever ends without it has *failed*, not *completed*."""
        return self in {Outcome.NEED_MET, Outcome.PARTLY_MET, Outcome.ATTENDED}


class CancelReason(DistrictCode):
    """Why a referral was given up by either side; a district may add to these."""

    FAMILY_WITHDREW = "family-withdrew"
    CONSENT_REVOKED = "consent-revoked"
    MOVED_AWAY = "moved-away"
    NOBODY_ANSWERED = "nobody-answered"
    OTHER = "other"


class HoldReason(DistrictCode):
    """Why a referral waits; a district may add to these."""

    FAMILY_ASKED = "family-asked"
    WAITING_FOR_CONSENT = "waiting-for-consent"
    WAITING_FOR_DOCUMENTS = "waiting-for-documents"
    WAITING_FOR_SERVICE = "waiting-for-service"
    SCHOOL_BREAK = "school-break"
    OTHER = "other"


class NotSentReason(Code):
    """Why a message was given up before it was sent."""

    CAUSE_GONE = "cause-gone"
    UNKNOWN_REFERRAL = "unknown-referral"
    ENTERED_IN_ERROR = "entered-in-error"
    NOT_THE_AUDIENCE = "not-the-audience"
    NOBODY_MAY_BE_TOLD = "nobody-may-be-told"
    TOO_LATE = "too-late"
    ERASED = "erased"
    MAY_NOT_BE_TOLD = "may-not-be-told"
    NO_ADDRESS = "no-address"
    OPTED_OUT = "opted-out"
    WEEK_LIMIT = "week-limit"
    ALREADY_TOLD = "already-told"
    MERGED = "merged"
    OTHER = "other"


class RefusalReason(Code):
    """Why a claim was not taken."""

    CANCELLED = "cancelled"
    OLDER_ROUND = "older-round"
    TAKEN = "taken"
    NO_CONSENT = "no-consent"
    OTHER = "other"


class CapacityStatus(Code):
    """Whether a service can take a child now (HL7 Gravity's wording)."""

    CAPACITY = "capacity"
    NO_CAPACITY = "no-capacity"
    WAITLIST = "waitlist"
    ADDITIONAL_ASSESSMENT_REQUIRED = "additional-assessment-required"


class CapacityUnit(Code):
    """What one seat is."""

    SEATS = "seats"
    APPOINTMENTS_PER_WEEK = "appointments-per-week"
    ONE_TIME = "one-time"


class CapacityPeriod(Code):
    """For how long a count of seats holds before it begins anew."""

    WEEK = "week"


class Progress(Code):
    """What an agency reports on a child that it has taken.

    *completed* is help that was given; *failed* has an outcome that tells why it was not.
    """

    SCHEDULED = "scheduled"
    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"
    NO_SHOW = "no-show"
    COULD_NOT_CONTACT = "could-not-contact"


class Channel(Code):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


class Relation(Code):
    """What a contact is to a child."""

    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"
    GRANDPARENT = "grandparent"
    RELATIVE = "relative"
    SELF = "self"
    OTHER = "other"


class Template(Code):
    """What a message is about. The words live in notify, one file a template."""

    FAMILY_ASKED = "family-asked"
    FAMILY_ACCEPTED = "family-accepted"
    FAMILY_APPOINTMENT = "family-appointment"
    FAMILY_APPOINTMENT_REMINDER = "family-appointment-reminder"
    FAMILY_DID_HELP_ARRIVE = "family-did-help-arrive"
    FAMILY_THANKS = "family-thanks"
    FAMILY_REQUEST_RECEIVED = "family-request-received"
    FAMILY_REQUEST_HANDLED = "family-request-handled"
    AGENCY_OFFER = "agency-offer"
    AGENCY_OFFER_REMINDER = "agency-offer-reminder"
    AGENCY_NOT_NEEDED = "agency-not-needed"
    AGENCY_OFFERS = "agency-offers"
    AGENCY_OFFERS_TAKEN = "agency-offers-taken"
    AGENCY_TAKEN = "agency-taken"
    AGENCY_ACCEPTED = "agency-accepted"
    AGENCY_IDENTITY_CODE = "agency-identity-code"
    AGENCY_DELETE = "agency-delete"
    AGENCY_DELETE_AGAIN = "agency-delete-again"
    AGENCY_ANSWER_RECORDED = "agency-answer-recorded"
    AGENCY_WEBHOOK_DISABLED = "agency-webhook-disabled"
    AGENCY_PAPER_DUE = "agency-paper-due"
    AGENCY_MILESTONE_OVERDUE = "agency-milestone-overdue"
    AGENCY_ENTRIES = "agency-entries"
    AGENCY_CONSENT_ASKED = "agency-consent-asked"
    AGENCY_TEXT_NOTED = "agency-text-noted"
    AGENCY_TEXT_NO_SEAT = "agency-text-no-seat"
    AGENCY_TEXT_NOT_DONE = "agency-text-not-done"
    AGENCY_TEXT_WHICH = "agency-text-which"
    STOP_CONFIRMED = "stop-confirmed"
    FAMILY_EMERGENCY = "family-emergency"
    FAMILY_HELP = "family-help"
    FAMILY_WHICH = "family-which"
    FAMILY_SEVERAL = "family-several"
    STAFF_REPLY = "staff-reply"


class LinkPurpose(Code):
    """What a magic link lets its holder do."""

    AGENCY_ANSWER = "agency-answer"
    AGENCY_BATCH = "agency-batch"
    AGENCY_DELETION = "agency-deletion"
    AGENCY_ENTRIES = "agency-entries"
    FAMILY_STATUS = "family-status"
    HELP_RECEIPT = "help-receipt"


class ReplyCode(Code):
    """What a person's answer means. The words themselves stay encrypted in notify."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not-yet"
    STOP = "stop"
    START = "start"
    HELP = "help"
    NEED = "need"
    OFFER = "offer"
    THANKS = "thanks"
    WRONG_NUMBER = "wrong-number"
    OTHER = "other"


class OfferReply(Code):
    """What an agency answers to an offer by a text that names the offer's number."""

    YES = "yes"
    NO = "no"
    WAIT = "wait"
    STARTED = "started"
    COMPLETED = "completed"
    NO_SHOW = "no-show"
    COULD_NOT_CONTACT = "could-not-contact"
    SEATS = "seats"


class OfferReplyResult(Code):
    """What came of an agency's text."""

    NOTED = "noted"
    TAKEN = "taken"
    NO_SEAT = "no-seat"
    NOT_DONE = "not-done"


class BatchResult(Code):
    """What came of an agency's word on many offers at once."""

    DONE = "done"
    NO_SEAT = "no-seat"
    NONE_LEFT = "none-left"
    DECLINED = "declined"


class AgreementStatus(Code):
    """Where an agreement (MOU) between a school district and an agency stands."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    ENDED = "ended"


class ReleasedPart(Code):
    """A part of a child's record that a disclosure released."""

    NAME = "name"
    CONTACT = "contact"
    NEED = "need"
    GRADE = "grade"
    LANGUAGE = "language"
    NOTES = "notes"
