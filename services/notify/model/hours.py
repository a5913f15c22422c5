"""Hours and weeks at the recipient's place. Pure.

Families get no texts from 20:00 to 08:00 (TCPA leaves 21:00 to 08:00; the field stops an hour
earlier), and at most so many in seven days.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVENING = time(20, 0)
MORNING = time(8, 0)
WEEK = timedelta(days=7)

_DEFAULT_ZONE = "America/Los_Angeles"


def place(zone: str) -> ZoneInfo:
    """Return a zone by its IANA name; one that nobody knows is taken as the district's usual."""
    try:
        return ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return ZoneInfo(_DEFAULT_ZONE)


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """Return the morning to wait for, or None in the hours in which a family may be texted."""
    local = now.astimezone(place(zone))
    if MORNING <= local.time() < EVENING:
        return None
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return _at(day, MORNING, zone)


def limited_until(
    sent: Iterable[datetime], limit: int, now: datetime, zone: str
) -> datetime | None:
    """Return when another text fits into the limit of seven days; None when it does now.

    Days are local dates, today and the six before: what went out at noon a week ago is over at
    midnight, as a person counts.
    """
    today = now.astimezone(place(zone)).date()
    counted = sorted(
        day for at in sent if today - WEEK < (day := at.astimezone(place(zone)).date()) <= today
    )
    if len(counted) < limit:
        return None
    if limit == 0:
        return _at(today + WEEK, time(), zone)
    return _at(counted[-limit] + WEEK, time(), zone)


def _at(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, place(zone)).astimezone(UTC)
