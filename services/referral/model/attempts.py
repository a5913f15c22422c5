"""Attempts to reach a family: a fact of the past, written down whenever there is a signal. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule

CLOCKS_DIFFER = timedelta(minutes=15)
"""How far a phone's clock may run ahead of ours."""

OLDEST = timedelta(days=2 * 366)
"""An older date is a slip of the finger in the year."""


class AttemptKind(Code):
    """How somebody was sought."""

    CALL = "call"
    TEXT = "text"
    VISIT = "visit"
    MEETING = "meeting"


class Interpreter(Code):
    """Who interpreted. A child never should; where one did, it is `relative`."""

    NONE = "none"
    STAFF = "staff"
    PROFESSIONAL = "professional"
    PHONE_LINE = "phone-line"
    RELATIVE = "relative"
    OTHER = "other"


class ContactAttempt(Aggregate):
    """One attempt; never changed, so that the order in which attempts arrive means nothing.

    Only its school follows the child, and then the step is the new school's, so that it calls for
    somebody who is there.

    Attributes:
        person: the contact who was sought, where one was.
        happened_at: by the phone's clock.
        language: spoken, as a BCP 47 tag: Mixteco (`mix`) is mostly spoken.
        words: what was said, sealed under the student's key.
        next_step: what is to be done, sealed likewise.
        next_on: on which day, local to the school.
        owner: subject of who takes the next step; None: whoever leads the referral, or the school.
        by: subject of who made it.
        recorded_at: when it arrived here.
        via: from where it was sent; None for those of earlier releases.
    """

    COLLECTION: ClassVar[str] = "contact_attempts"

    student: str
    family: str
    site: str
    referral: str | None
    person: str | None
    kind: AttemptKind
    reached: bool
    happened_at: datetime
    language: str | None
    interpreter: Interpreter
    words: Sealed | None
    next_step: Sealed | None
    next_on: date | None
    owner: str | None
    by: str
    recorded_at: datetime
    fingerprint: str
    via: str | None = None

    def about(self) -> dict[str, str]:
        """Return what a timeline may say of it: ids and codes only."""
        told = {
            "attempt": self.id,
            "kind": self.kind.value,
            "reached": "yes" if self.reached else "no",
            "interpreter": self.interpreter.value,
            "by": self.by,
        }
        if self.language is not None:
            told["language"] = self.language
        if self.next_on is not None:
            told["next_on"] = self.next_on.isoformat()
        return told


def happened(at: datetime, now: datetime) -> datetime:
    """Return the moment in UTC, in the milliseconds that are kept, so that a repeat reads alike.

    Raises:
        EnlaceError: it lies ahead, or so far back that it must be a slip.
    """
    if at > now + CLOCKS_DIFFER:
        raise rule(
            "not-yet-happened",
            "The time of this attempt lies ahead. Check the date and the phone's clock, and send "
            "it again.",
            es="La hora de este intento está en el futuro. Revise la fecha y el reloj del "
            "teléfono, y envíelo de nuevo.",
        )
    if at < now - OLDEST:
        raise rule(
            "too-long-ago",
            "The time of this attempt is more than two years ago. Check the year, and send it "
            "again.",
            es="La hora de este intento es de hace más de dos años. Revise el año y envíelo "
            "de nuevo.",
        )
    return in_milliseconds(at)


def in_milliseconds(at: datetime) -> datetime:
    """Return a moment in UTC as exactly as the database keeps it."""
    fine = at.astimezone(UTC)
    return fine.replace(microsecond=fine.microsecond // 1000 * 1000)
