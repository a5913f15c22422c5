"""Topic `follow-ups`: when somebody must look again. Key: referral id. Owner: referral."""

from datetime import date

from contracts.code import Code, DistrictCode
from contracts.codes import Audience
from contracts.event import Event
from contracts.topic import FOLLOW_UPS


class FollowUpKind(Code):
    """What is asked when it comes due."""

    DID_HELP_ARRIVE = "did-help-arrive"
    AGENCY_SILENT = "agency-silent"
    CALL_FAMILY = "call-family"
    CALL_AGENCY = "call-agency"
    LOOK_IN = "look-in"


class FollowUpCause(Code):
    """What made it necessary, where the plan alone did not."""

    OFFERS_EXPIRED = "offers-expired"
    MESSAGE_FAILED = "message-failed"
    MESSAGE_UNKNOWN = "message-unknown"
    ANOTHER_CHANNEL = "another-channel"
    ANSWER_CONTESTED = "answer-contested"
    FAMILY_WROTE = "family-wrote"
    WRONG_NUMBER = "wrong-number"


class FollowUpEnd(Code):
    """How it ended."""

    DONE = "done"
    ANSWERED = "answered"
    NO_ANSWER = "no-answer"
    GAVE_UP = "gave-up"
    NO_LONGER_APPLIES = "no-longer-applies"


class SnoozeReason(DistrictCode):
    """Why it was put off; a district may add to these."""

    FAMILY_ASKED = "family-asked"
    AGENCY_ASKED = "agency-asked"
    WAITING_FOR_APPOINTMENT = "waiting-for-appointment"
    SCHOOL_BREAK = "school-break"
    COULD_NOT_REACH = "could-not-reach"
    OTHER = "other"


class EscalationLevel(Code):
    """Whom an overdue one has gone up to."""

    SITE_LEAD = "site-lead"
    DISTRICT = "district"


class FollowUpScheduled(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.scheduled.v1"):
    """A date to look again: a local date with its IANA zone.

    Attributes:
        hour: local hour at which it falls due; 9 where absent.
        tries: which asking this is, for a question that is asked more than once.
        because: what made it necessary, where the plan alone did not.
    """

    follow_up: str
    referral: str
    kind: FollowUpKind
    due_on: date
    zone: str
    hour: int | None = None
    tries: int | None = None
    because: FollowUpCause | None = None


class FollowUpDue(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.due.v1"):
    """The date has come, once, however long everything was down."""

    follow_up: str
    referral: str
    kind: FollowUpKind
    student: str
    family: str
    site: str
    audience: Audience
    next_on: date | None = None


class FollowUpOverdue(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.overdue.v1"):
    """Nobody acted in the agreed time: it goes up the queue."""

    follow_up: str
    referral: str
    next_on: date | None = None


class FollowUpEscalated(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.escalated.v1"):
    """Overdue, and still nobody acted: it is somebody else's to see to now."""

    follow_up: str
    referral: str
    level: EscalationLevel
    next_on: date | None = None


class FollowUpSnoozed(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.snoozed.v1"):
    """Put off to another date, with the reason; it falls due again on that date."""

    follow_up: str
    referral: str
    due_on: date
    reason: SnoozeReason
    by: str


class FollowUpReassigned(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.reassigned.v1"):
    """Somebody else sees to it from now on."""

    follow_up: str
    referral: str
    owner: str
    by: str


class FollowUpDone(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.done.v1"):
    """Somebody looked, or it no longer applies.

    Attributes:
        by: the person who did it; absent where nobody had to.
    """

    follow_up: str
    referral: str
    end: FollowUpEnd | None = None
    by: str | None = None
