"""Follow-ups: a local date on which somebody must look again."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.follow_ups import (
    EscalationLevel,
    FollowUpCause,
    FollowUpEnd,
    FollowUpKind,
    SnoozeReason,
)
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.referral.model.calendar import moment

MORNING_HOUR = 9
"""The local hour of one that does not say otherwise."""


class FollowUpState(StrEnum):
    """Where a follow-up stands."""

    PENDING = "pending"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"


class FollowUp(BaseModel):
    """One follow-up. Dates are local to `zone`.

    Attributes:
        hour: local hour at which it falls due and goes up.
        next_on: once due: when time alone changes it next.
        tries: which asking it is, for a question that is asked again.
        because: what made it necessary, where the plan alone did not.
        about: the agency's offer that it is about, where it is about one.
        owner: who sees to it; None means the referral's coordinator.
        level: whom it has gone up to.
        snoozed: why it was put off last.
        end: how it ended.
        done_by: who saw to it; None where nobody had to.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: FollowUpKind
    due_on: date
    zone: str
    state: FollowUpState = FollowUpState.PENDING
    hour: int = MORNING_HOUR
    next_on: date | None = None
    tries: int = 1
    because: FollowUpCause | None = None
    about: str | None = None
    owner: str | None = None
    level: EscalationLevel | None = None
    snoozed: SnoozeReason | None = None
    end: FollowUpEnd | None = None
    done_by: str | None = None

    @property
    def due_at(self) -> datetime:
        """The moment it falls due."""
        return moment(self.due_on, self.hour, self.zone)

    @property
    def next_due(self) -> datetime | None:
        """When time alone changes it next."""
        if self.state is FollowUpState.PENDING:
            return self.due_at
        if self.waits and self.next_on is not None:
            return moment(self.next_on, self.hour, self.zone)
        return None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to act."""
        return self.state is not FollowUpState.DONE

    @property
    def asks_family(self) -> bool:
        """Whether it is a question to the family, which no member of staff has to see to."""
        return self.kind is FollowUpKind.DID_HELP_ARRIVE


def local_date(now: datetime, zone: str) -> date:
    """Return the date at a place."""
    return now.astimezone(ZoneInfo(zone)).date()


class FollowUpNote(Aggregate):
    """What somebody learned when they saw to a follow-up; the id is the follow-up's.

    Attributes:
        words: sealed under the student's key.
        fingerprint: tells a repeat of the command from another one.
    """

    COLLECTION: ClassVar[str] = "follow_up_notes"

    referral: str
    student: str
    by: str
    at: datetime
    words: Sealed
    fingerprint: str
