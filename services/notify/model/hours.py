"""Hours and weeks at the recipient's place. Pure.

Families get no texts from 20:00 to 08:00 (TCPA leaves 21:00 to 08:00; the field stops an hour
earlier), and at most so many in seven days. Within that, each contact's own hours hold.
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


def window(reach_from: time | None, reach_until: time | None) -> tuple[time, time]:
    """Return the local hours in which somebody is texted: their own, within those of all.

    Hours that leave nothing of the day, or end before they begin, cannot be kept: then those of
    all hold, so that a slip of the finger silences nobody.
    """
    opens = max(reach_from or MORNING, MORNING)
    closes = min(reach_until or EVENING, EVENING)
    return (opens, closes) if opens < closes else (MORNING, EVENING)


def quiet_until(
    now: datetime,
    zone: str,
    reach_from: time | None = None,
    reach_until: time | None = None,
) -> datetime | None:
    """Return the moment to wait for, or None in the hours in which somebody may be texted.

    Args:
        now: the present.
        zone: of the recipient (IANA).
        reach_from: local time from which they like to be reached; None: as all.
        reach_until: and until when.
    """
    opens, closes = window(reach_from, reach_until)
    local = now.astimezone(place(zone))
    if opens <= local.time() < closes:
        return None
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return _at(day, opens, zone)


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
