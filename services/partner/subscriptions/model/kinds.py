"""What can be subscribed to. The names are an agency's interface: none changes its meaning."""

from enum import StrEnum


class Kind(StrEnum):
    """The type of an event as an agency receives it."""

    OPENED = "org.enlace.offer.opened.v1"
    CLAIMED = "org.enlace.offer.claimed.v1"
    DECLINED = "org.enlace.offer.declined.v1"
    WAITLISTED = "org.enlace.offer.waitlisted.v1"
    PROMOTED = "org.enlace.offer.promoted.v1"
    WITHDRAWN = "org.enlace.offer.withdrawn.v1"
    EXPIRED = "org.enlace.offer.expired.v1"
    CONTESTED = "org.enlace.offer.contested.v1"
    QUESTION_ANSWERED = "org.enlace.offer.question-answered.v1"
    AWAITING_CONSENT = "org.enlace.offer.awaiting-consent.v1"
    ACCEPTED = "org.enlace.offer.accepted.v1"
    PROGRESS_REPORTED = "org.enlace.offer.progress-reported.v1"
    ON_HOLD = "org.enlace.offer.on-hold.v1"
    RESUMED = "org.enlace.offer.resumed.v1"
    COMPLETED = "org.enlace.offer.completed.v1"
    FAILED = "org.enlace.offer.failed.v1"


TEST = "org.enlace.test.v1"
"""The type of a test event; it stands in no feed."""
