"""The rows of the today queue: why a child is in it, what to do, and which one goes first. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import Audience, Urgency
from contracts.follow_ups import EscalationLevel

NO_END = datetime(9999, 1, 1, tzinfo=UTC)


REQUEST = "request:"
"""Begins the key of a request whose child nobody knows yet."""

WITHHELD = "withheld:"
"""Begins the key of a referral of which its reader may know neither the child nor the need."""


class Reason(Code):
    """Why a child is in the queue, in the order of the queue."""

    CRISIS_TEXTED = "crisis-texted"
    CRISIS_UNCLAIMED = "crisis-unclaimed"
    PROTECTION_REPORT = "protection-report"
    FAMILY_SAID_NO = "family-said-no"
    ASKED_FOR_HELP = "asked-for-help"
    FAMILY_WROTE = "family-wrote"
    OFFER_ENDING = "offer-ending"
    AWAITING_CONSENT = "awaiting-consent"
    SCAN_MISSING = "scan-missing"
    CONSENT_IN_DOUBT = "consent-in-doubt"
    OVERDUE_FOLLOW_UP = "overdue-follow-up"
    NO_COORDINATOR = "no-coordinator"
    ANSWER_CONTESTED = "answer-contested"
    NOBODY_TOOK_IT = "nobody-took-it"
    NO_HELP_CAME = "no-help-came"
    AGENCY_SILENT = "agency-silent"
    WAITLIST_MOVED = "waitlist-moved"
    RECEIPT_MISSING = "receipt-missing"
    ANOTHER_CHANNEL = "another-channel"
    WRONG_NUMBER = "wrong-number"
    MESSAGE_FAILED = "message-failed"
    MESSAGE_UNKNOWN = "message-unknown"
    OVERDUE_TASK = "overdue-task"
    DUE_FOLLOW_UP = "due-follow-up"
    CONSENT_EXPIRING = "consent-expiring"
    GLASS_BROKEN = "glass-broken"
    TOLD_WITHOUT_CONSENT = "told-without-consent"
    NOT_SENT = "not-sent"


class NextStep(Code):
    """What to do about it."""

    FOLLOW_EMERGENCY_PROCEDURE = "follow-emergency-procedure"
    CALL_FAMILY = "call-family"
    ANSWER_FAMILY = "answer-family"
    TALK_TO_STUDENT = "talk-to-student"
    CALL_AGENCY = "call-agency"
    GET_CONSENT = "get-consent"
    STORE_SCAN = "store-scan"
    RENEW_CONSENT = "renew-consent"
    ASK_ANOTHER_AGENCY = "ask-another-agency"
    LOOK_IN = "look-in"
    SEND = "send"
    TAKE_OVER = "take-over"
    CALL_HOTLINE = "call-hotline"
    FILE_REPORT = "file-report"
    REVIEW_OPENING = "review-opening"
    REVIEW_DISCLOSURE = "review-disclosure"
    DO_TASK = "do-task"
    TAKE_NEXT_STEP = "take-next-step"
    LOOK_AT_REQUEST = "look-at-request"
    CALL_SCHOOL = "call-school"


@dataclass(frozen=True, slots=True)
class Call:
    """One reason of a child to be in the queue: of a referral, or of a record beside it.

    Attributes:
        since: from when on it counts; may lie ahead.
        until: from when on it counts no longer.
        deadline: when something is lost if nobody acts; None where nothing is.
        follow_up: which one waits.
        owner: who sees to it.
        lead: who does once the owner is none of the school's staff any more; None: anybody there.
        agencies: who has taken it, otherwise those that are asked; ids.
        level: whom an overdue follow-up has gone up to.
        help_request: the request that nobody has looked at yet; then there is no referral, and
            nobody knows category and urgency.
        record: what waits where it is no referral: the request to delete, child-protection report,
            opening, meeting, attempt, or the consent whose paper is not stored; id.
        task: which one of the meeting.
        withheld: it is shown to somebody who answers for the school and may not see the need: the
            child, the need and whatever tells of them are left out.
    """

    reason: Reason
    step: NextStep
    since: datetime
    site: str | None
    referral: str | None = None
    category: Category | None = None
    urgency: Urgency | None = None
    audience: Audience | None = None
    owner: str | None = None
    lead: str | None = None
    agencies: tuple[str, ...] = ()
    until: datetime = NO_END
    deadline: datetime | None = None
    follow_up: str | None = None
    level: EscalationLevel | None = None
    record: str | None = None
    task: str | None = None
    help_request: str | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One child of the queue, with every call for it, the first one first.

    Attributes:
        key: the child's id; of a request whose child nobody knows yet, `request:` and its id; of a
            referral that its reader may not see, `withheld:` and its id.
    """

    key: str
    calls: tuple[Call, ...]

    @property
    def student(self) -> str | None:
        """The child, where it is known and may be."""
        return None if self.key.startswith((REQUEST, WITHHELD)) else self.key

    @property
    def place(self) -> tuple[int, int, str, str]:
        """Where it stands in the queue; no two rows stand in one place."""
        return (*order(self.calls[0]), self.key)


def withhold(call: Call) -> Call:
    """Return a call as somebody sees it who must act on it and may not see the need.

    They are told the school, since when, how urgent it is and who sees to it; not the child, nor
    anything that goes by the need or by who consented to it.
    """
    reviews = call.step is NextStep.REVIEW_DISCLOSURE
    return replace(
        call,
        step=call.step if reviews else NextStep.CALL_SCHOOL,
        category=None,
        audience=None,
        agencies=(),
        follow_up=None,
        withheld=True,
    )


def key_of(student: str, call: Call) -> str:
    """Return the key of the row in which a call about a child stands."""
    return f"{WITHHELD}{call.referral}" if call.withheld else student


_PLACES = {reason: place for place, reason in enumerate(Reason)}
_URGENCY = {Urgency.CRISIS: 0, Urgency.URGENT: 1, Urgency.SOON: 2, Urgency.ROUTINE: 3}


def order(call: Call) -> tuple[int, int, str]:
    """Return the place of a call: by reason, then by urgency, then the longest wait first."""
    return (
        _PLACES.get(call.reason, len(_PLACES)),
        len(_URGENCY) if call.urgency is None else _URGENCY.get(call.urgency, len(_URGENCY)),
        call.since.astimezone(UTC).isoformat(timespec="microseconds"),
    )
