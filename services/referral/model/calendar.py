"""The school calendar: which days a coordinator is at school, and the morning of a day. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Day

_SATURDAY = 5
_LONGEST_BREAK = timedelta(days=120)
_LOOK_AHEAD = 500


class Holiday(BaseModel):
    """Days without school, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=80)
    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise TwoTonguesError(
                "a holiday ends before it begins: swap first and last",
                "un feriado termina antes de empezar: cambie first y last",
            )
        if self.last - self.first > _LONGEST_BREAK:
            raise TwoTonguesError(
                "a holiday is longer than 120 days: check the years of first and last",
                "un feriado dura más de 120 días: revise los años de first y last",
            )
        return self

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of its days."""
        return self.first <= day <= self.last


class Calendar:
    """A district's school days: Monday to Friday, without its holidays."""

    def __init__(self, holidays: tuple[Holiday, ...] = ()) -> None:
        self._holidays = holidays

    def is_school_day(self, day: date) -> bool:
        """Tell whether there is school."""
        return day.weekday() < _SATURDAY and not any(each.holds(day) for each in self._holidays)

    def next_school_day(self, day: date) -> date:
        """Return the day itself where there is school, otherwise the next one that has.

        Holidays without an end would leave no such day; then it is the day itself, so that nothing
        is lost to a mistake in the calendar.
        """
        days = (day + timedelta(days=ahead) for ahead in range(_LOOK_AHEAD))
        return next((each for each in days if self.is_school_day(each)), day)


def moment(day: date, hour: int, zone: str) -> datetime:
    """Return the moment (UTC) at which a local day reaches an hour, summer time or not."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
