"""When appointments of a week begin anew: on the local Monday. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = 7


def monday_of(now: datetime, zone: str) -> datetime:
    """Return when the present week began: midnight of its Monday, local to the zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return _midnight(today - timedelta(days=today.weekday()), zone)


def monday_after(now: datetime, zone: str) -> datetime:
    """Return when the next week begins."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return _midnight(today + timedelta(days=_WEEK - today.weekday()), zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
