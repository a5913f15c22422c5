"""The school calendar: on which days there is school, as every service counts them. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol

_SATURDAY = 5
_LOOK_AHEAD = 500


class DaysOff(Protocol):
    """Days without school, both ends included."""

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of them."""


class Calendar:
    """A district's school days: Monday to Friday, without its holidays."""

    def __init__(self, holidays: Iterable[DaysOff] = ()) -> None:
        self._holidays = tuple(holidays)

    def is_school_day(self, day: date) -> bool:
        """Tell whether there is school."""
        off = any(each.holds(day) for each in self._holidays)
        return day.weekday() < _SATURDAY and not off

    def next_school_day(self, day: date) -> date:
        """Return the day itself where there is school, otherwise the next one that has.

        Holidays without an end would leave no such day; then it is the day itself, so that nothing
        is lost to a mistake in the calendar.
        """
        days = (day + timedelta(days=ahead) for ahead in range(_LOOK_AHEAD))
        return next((each for each in days if self.is_school_day(each)), day)

    def after(self, day: date, count: int) -> date:
        """Return the day so many school days after another; with none to count, the day itself."""
        for _ in range(count):
            day = self.next_school_day(day + timedelta(days=1))
        return day


NO_HOLIDAYS = Calendar()
"""Of a district that has said nothing."""
