"""What an agreement says is to be done by when: which milestones are reached, which late. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from contracts.sealed import Sealed


class Milestone(BaseModel):
    """What is to be done by a day; its name is its own within the agreement."""

    model_config = ConfigDict(frozen=True)

    name: str
    by: date

    @property
    def late_from(self) -> date:
        """The first day on which it is overdue."""
        return self.by + timedelta(days=1)

    @property
    def key(self) -> str:
        """Names it among what was told, so that it is told once."""
        return f"milestone:{self.by}:{self.name}"


class Reached(BaseModel):
    """That a milestone was reached, as one of the two sides says.

    Attributes:
        milestone: its name.
        by: subject of who said so.
        at: when they said so.
        name: theirs, sealed under the agreement's key.
    """

    model_config = ConfigDict(frozen=True)

    milestone: str
    by: str
    at: datetime
    name: Sealed | None = None


def overdue(
    milestones: Iterable[Milestone], reached: Iterable[Reached], day: date
) -> list[Milestone]:
    """Return those that are late on a day, the oldest first."""
    done = {each.milestone for each in reached}
    late = [each for each in milestones if each.name not in done and each.late_from <= day]
    return sorted(late, key=lambda each: (each.by, each.name))


def moved(milestones: Iterable[Milestone], days: int, last: date | None) -> tuple[Milestone, ...]:
    """Return them for a time that begins so many days later; none is after the last day."""
    later = [each.model_copy(update={"by": each.by + timedelta(days=days)}) for each in milestones]
    return tuple(
        each.model_copy(update={"by": min(each.by, last)}) if last else each for each in later
    )
