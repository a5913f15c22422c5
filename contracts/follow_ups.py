"""Topic `follow-ups`: when somebody must look again. Key: referral id. Owner: referral."""

from datetime import date

from contracts.code import Code
from contracts.codes import Audience
from contracts.event import Event
from contracts.topic import FOLLOW_UPS


class FollowUpKind(Code):
    """What is asked when it comes due."""

    DID_HELP_ARRIVE = "did-help-arrive"
    AGENCY_SILENT = "agency-silent"
    CALL_FAMILY = "call-family"


class FollowUpScheduled(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.scheduled.v1"):
    """A date to look again: a local date with its IANA zone."""

    follow_up: str
    referral: str
    kind: FollowUpKind
    due_on: date
    zone: str


class FollowUpDue(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.due.v1"):
    """The date has come, once, however long everything was down."""

    follow_up: str
    referral: str
    kind: FollowUpKind
    student: str
    family: str
    site: str
    audience: Audience


class FollowUpOverdue(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.overdue.v1"):
    """Nobody acted in the agreed time: it goes up the queue."""

    follow_up: str
    referral: str


class FollowUpDone(Event, topic=FOLLOW_UPS, type="org.enlace.follow-up.done.v1"):
    """Somebody looked, or it no longer applies."""

    follow_up: str
    referral: str
