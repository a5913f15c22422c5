"""The local system's own time: where it starts, and how far a command moves it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from deploy.local.system.places import Home
from services.chassis.clock import read_offset, write_offset

ZONE = ZoneInfo("America/Los_Angeles")
MORNING = time(10, 0)
FURTHEST = timedelta(days=10 * 365)
"""How far ahead of real time the clock may be moved."""

_TUESDAY = 1
_SUMMER = ((6, 10), (8, 20))  # first and last day without school, month and day
_WINTER = ((12, 21), (1, 5))
_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", re.ASCII)


class DurationError(ValueError):
    """A text names no length of time."""


def is_school_day(day: date) -> bool:
    """Tell whether the invented district has school on a day."""
    return (
        day.weekday() < 5  # noqa: PLR2004 - Monday to Friday
        and not _SUMMER[0] <= (day.month, day.day) <= _SUMMER[1]
        and not ((day.month, day.day) >= _WINTER[0] or (day.month, day.day) <= _WINTER[1])
        and day not in _holidays()
        # The week of Thanksgiving: its Thursday is the fourth of November.
        and not (day.month == 11 and day + timedelta(3 - day.weekday()) in _holidays())  # noqa: PLR2004
    )


@cache
def _holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("US", subdiv="CA")


def first_morning(today: date) -> datetime:
    """Return the latest Tuesday of term, not after today, at ten in the morning.

    A system that is tried in July, at night or at Christmas behaves as on a school day.
    """
    day = today
    while day.weekday() != _TUESDAY or not is_school_day(day):
        day -= timedelta(1)
    return datetime.combine(day, MORNING, ZONE)


def school_days_before(day: date, count: int) -> list[date]:
    """Return that many school days before a day, the oldest first."""
    found: list[date] = []
    while len(found) < count:
        day -= timedelta(1)
        if is_school_day(day):
            found.append(day)
    return found[::-1]


def now(home: Home) -> datetime:
    """Return the local system's time, in the district's zone."""
    return (datetime.now(UTC) + timedelta(seconds=read_offset(home.clock))).astimezone(ZONE)


def set_to(home: Home, moment: datetime) -> None:
    """Set the clock of a system that has lived through no later time yet."""
    write_offset(home.clock, (moment - datetime.now(UTC)).total_seconds())


def advance(home: Home, by: timedelta) -> datetime:
    """Move the clock forward and return its new time.

    Raises:
        DurationError: the way leads back, for what has happened cannot come again; or too far.
    """
    if by <= timedelta():
        raise DurationError("The clock only goes forward: name a length such as 12h or 14d.")
    offset = timedelta(seconds=read_offset(home.clock)) + by
    if offset > FURTHEST:
        raise DurationError(
            f"The clock stays within {FURTHEST.days // 365} years of today, so that every date can "
            "still be reckoned with. Nothing was changed: name a shorter time, or begin afresh "
            "with enlace reset."
        )
    write_offset(home.clock, offset.total_seconds())
    return now(home)


def duration(text: str) -> timedelta:
    """Read `14d`, `12h`, `90m`, `2w` or a sum such as `1d12h`.

    Raises:
        DurationError: it is none, or leads back.
    """
    if text.strip().startswith("-"):
        raise DurationError("The clock only goes forward: name a length such as 12h or 14d.")
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise DurationError(
            f"{text!r} is no length of time. Write weeks, days, hours or minutes: 2w, 14d, 12h, "
            "90m, 1d12h."
        )
    weeks, days, hours, minutes = (int(each or 0) for each in found.groups())
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    except OverflowError:
        raise DurationError(
            f"{text!r} is longer than any calendar. Name a time such as 14d."
        ) from None
