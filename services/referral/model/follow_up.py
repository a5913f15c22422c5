"""Follow-ups: a local date on which somebody must look again."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.follow_ups import FollowUpKind

MORNING = time(9, 0)
"""A follow-up falls due at nine local time: inside everybody's quiet hours' end."""

OVERDUE_AFTER = timedelta(days=3)


class FollowUpState(StrEnum):
    """Where a follow-up stands."""

    PENDING = "pending"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"


class FollowUp(BaseModel):
    """One follow-up. `due_on` is local to `zone`."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: FollowUpKind
    due_on: date
    zone: str
    state: FollowUpState = FollowUpState.PENDING

    @property
    def due_at(self) -> datetime:
        """The moment it falls due."""
        return datetime.combine(self.due_on, MORNING, ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def next_due(self) -> datetime | None:
        """When time alone changes it next."""
        if self.state is FollowUpState.PENDING:
            return self.due_at
        if self.state is FollowUpState.DUE:
            return self.due_at + OVERDUE_AFTER
        return None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to act."""
        return self.state is not FollowUpState.DONE


def wakes_at(last_day: date, zone: str) -> datetime:
    """Return the morning after the last day of a hold."""
    day = last_day + timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)


def local_date(now: datetime, zone: str) -> date:
    """Return the date at a place."""
    return now.astimezone(ZoneInfo(zone)).date()
