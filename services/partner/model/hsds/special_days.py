"""Days on which the usual times do not hold, as the standard can say them. Pure.

HSDS 3.0 has no table of holidays, and its rules recur weekly or monthly. Days of one year are a
schedule that is valid on them alone; those of every year are one that recurs every twelfth month.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from services.partner.model.hsds.ids import Record, derived, told
from services.partner.model.listing import SpecialDays

_EVERY_YEAR = "--"
_LEAP = 2024
"""A year that has every day; where a rule begins of which nobody said since when it holds."""

_MONTHS = 12


def schedules_of(service: str, days: SpecialDays) -> Iterator[Record]:
    """Yield the schedules that say it, for the service's id in the export."""
    said: Record = {
        "service_id": service,
        "opens_at": None if days.closed else days.opens_at,
        "closes_at": None if days.closed else days.closes_at,
        "description": "Closed" if days.closed else "Other hours than usual",
        "notes": "An exception: on these days the usual hours do not hold.",
    }
    if not days.first.startswith(_EVERY_YEAR):
        id = derived("special-days", service, days.id)
        when = {"valid_from": days.first, "valid_to": days.last, "dtstart": days.first}
        yield told({"id": id, **said, **when})
        return
    for begins, numbers in _months(days):
        id = derived("special-days", service, days.id, str(begins.month))
        rule = {"freq": "MONTHLY", "interval": _MONTHS, "dtstart": begins.isoformat()}
        yield told({"id": id, **said, **rule, "bymonthday": ",".join(map(str, numbers))})


def _months(days: SpecialDays) -> list[tuple[date, list[int]]]:
    """Return days of every year by month: the first of them, and all of their numbers."""
    first, last = _in(_LEAP, days.first), _in(_LEAP, days.last)
    if last < first:  # over the turn of the year
        last = _in(_LEAP + 1, days.last)
    found: dict[int, tuple[date, list[int]]] = {}
    day = first
    while day <= last:
        found.setdefault(day.month, (day, []))[1].append(day.day)
        day += timedelta(days=1)
    return list(found.values())


def _in(year: int, day: str) -> date:
    """Return a day of every year in one of them; where that has no 29th of February, the 28th."""
    month, number = (int(part) for part in day.removeprefix(_EVERY_YEAR).split("-"))
    try:
        return date(year, month, number)
    except ValueError:
        return date(year, month, number - 1)
