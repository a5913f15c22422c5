"""Where a referral stands: one situation each, the words in the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.portal.model.referral import FollowUp, Referral


class Group(StrEnum):
    """What a coordinator looks for together; a filter of the queue."""

    CRISIS = "crisis"
    PROTECTION = "protection"
    FAMILY_NO = "family-no"
    ASKED = "asked"
    ENDING = "ending"
    NOBODY = "nobody"
    CONSENT = "consent"
    SILENT = "silent"
    MESSAGE = "message"
    FOLLOW_UP = "follow-up"
    TASK = "task"
    REVIEW = "review"
    NOT_SENT = "not-sent"
    UNDER_WAY = "under-way"
    DONE = "done"


CALLS = tuple(group for group in Group if group not in {Group.UNDER_WAY, Group.DONE})
"""Groups that need somebody now."""


class Mark(StrEnum):
    """The shape beside a row: never colour alone."""

    TRIANGLE = "triangle"
    CIRCLE = "circle"
    SQUARE = "square"
    CLOCK = "clock"
    CHECK = "check"


_MARKS = {
    Group.CRISIS: Mark.TRIANGLE,
    Group.PROTECTION: Mark.TRIANGLE,
    Group.FAMILY_NO: Mark.CIRCLE,
    Group.ASKED: Mark.CIRCLE,
    Group.NOBODY: Mark.CIRCLE,
    Group.CONSENT: Mark.SQUARE,
    Group.SILENT: Mark.SQUARE,
    Group.MESSAGE: Mark.SQUARE,
    Group.REVIEW: Mark.SQUARE,
    Group.DONE: Mark.CHECK,
}


def mark_of(group: Group) -> Mark:
    """Return the shape beside what belongs to a group."""
    return _MARKS.get(group, Mark.CLOCK)


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a referral stands.

    Attributes:
        key: of the catalogue: `situation.<key>.why`, `.line` and `.do`.
        since: when it came to stand so; of a follow-up the day on which it fell due.
    """

    key: str
    group: Group
    since: datetime | date

    @property
    def mark(self) -> Mark:
        """The shape beside it."""
        return mark_of(self.group)

    @property
    def calls(self) -> bool:
        """Whether somebody must act now."""
        return self.group in CALLS


_STATES: Mapping[str, tuple[str, Group]] = {
    "draft": ("draft", Group.NOT_SENT),
    "rejected": ("declined-by-all", Group.NOBODY),
    "failed": ("failed", Group.NOBODY),
    "accepted": ("accepted", Group.UNDER_WAY),
    "in-progress": ("in-progress", Group.UNDER_WAY),
    "on-hold": ("on-hold", Group.UNDER_WAY),
    "completed": ("awaiting-family", Group.UNDER_WAY),
    "cancelled": ("cancelled", Group.DONE),
    "entered-in-error": ("entered-in-error", Group.DONE),
}

_BUSINESS: Mapping[str, tuple[str, Group]] = {
    "disputed": ("disputed", Group.FAMILY_NO),
    "awaiting-consent": ("awaiting-consent", Group.CONSENT),
    "appointment-scheduled": ("appointment", Group.UNDER_WAY),
    "waitlisted": ("waitlisted", Group.UNDER_WAY),
    "family-verified": ("verified", Group.DONE),
    "not-verified": ("not-verified", Group.DONE),
}

_FOLLOW_UPS: Mapping[str, tuple[str, Group]] = {
    "agency-silent": ("agency-silent", Group.SILENT),
    "did-help-arrive": ("family-silent", Group.FOLLOW_UP),
    "call-family": ("call-family", Group.FOLLOW_UP),
    "call-agency": ("call-agency", Group.SILENT),
    "answer-agency": ("answer-agency", Group.SILENT),
    "ask-agency": ("ask-agency", Group.SILENT),
    "look-in": ("look-in", Group.FOLLOW_UP),
}


def situation(referral: Referral) -> Situation:
    """Return where a referral stands."""
    waits = _waiting(referral)
    if waits is not None:
        key, group = _FOLLOW_UPS[waits.kind]
        return Situation(key, group, waits.due_on)
    key, group = _named(referral)
    return Situation(key, group, referral.since)


def _waiting(referral: Referral) -> FollowUp | None:
    """Return the follow-up that says where a referral stands, where one does."""
    if _unclaimed_crisis(referral) or referral.business in {"disputed", "family-verified"}:
        return None
    waiting = [each for each in referral.follow_ups if each.waits and each.kind in _FOLLOW_UPS]
    return waiting[-1] if waiting else None


def _unclaimed_crisis(referral: Referral) -> bool:
    unclaimed = referral.state in {"draft", "requested"} and not referral.claimed
    return referral.urgency == "crisis" and unclaimed


def _named(referral: Referral) -> tuple[str, Group]:
    if _unclaimed_crisis(referral):
        return "crisis-unclaimed", Group.CRISIS
    if referral.business is not None and referral.business in _BUSINESS:
        return _BUSINESS[referral.business]
    if referral.state == "requested":
        return _asked(referral)
    if referral.hand_off is not None and referral.state in {"accepted", "in-progress"}:
        return "handed-off", Group.UNDER_WAY
    return _STATES.get(referral.state, ("unknown", Group.UNDER_WAY))


def _asked(referral: Referral) -> tuple[str, Group]:
    if not referral.candidates:
        return "nobody-answered", Group.NOBODY
    return ("offered" if len(referral.candidates) > 1 else "requested"), Group.UNDER_WAY


@dataclass(frozen=True, slots=True)
class Row:
    """One referral of the queue."""

    referral: Referral
    situation: Situation
