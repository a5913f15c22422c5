"""Builds opening times, and the days on which they do not hold."""

import re
from datetime import date, time

from services.chassis.tabular import Cells, split_list
from services.partner.directory.collect import Collected
from services.partner.directory.layout import Kind
from services.partner.directory.links import Known, links
from services.partner.directory.model import CalendarDay, HolidaySchedule, Schedule

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(rf"[+-]?\d?({'|'.join(_DAYS)})")
_BY_MONTH_DAY = re.compile(r"[+-]?([1-9]|[12]\d|3[01])")
_NAMES = {
    "monday": "MO",
    "tuesday": "TU",
    "wednesday": "WE",
    "thursday": "TH",
    "friday": "FR",
    "saturday": "SA",
    "sunday": "SU",
}
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MOST = 1000


def schedules(rows: Collected, known: Known) -> dict[str, Schedule]:
    """Builds every schedule that belongs to something."""
    built = {}
    for id_, entry in rows[Kind.SCHEDULE].items():
        cells = Cells(entry.row, rows.log)
        belongs = links(rows, entry, known)
        if not belongs:
            continue
        interval = cells.number("interval", 1, _MOST)
        opens_at, closes_at = _hours(cells)
        valid_from, valid_to = validity(cells)
        built[id_] = Schedule(
            source_id=id_,
            valid_from=valid_from,
            valid_to=valid_to,
            dtstart=cells.date("dtstart"),
            until=cells.date("until"),
            freq=_frequency(cells),
            interval=None if interval is None else int(interval),
            byday=_by_day(cells),
            bymonthday=_by_month_day(cells),
            opens_at=opens_at,
            closes_at=closes_at,
            description=cells.text("description"),
            schedule_link=cells.url("schedule_link"),
            attending_type=cells.text("attending_type"),
            notes=cells.text("notes"),
            links=belongs,
        )
    return built


def holiday_schedules(rows: Collected, known: Known) -> dict[str, HolidaySchedule]:
    """Builds every exception that has its days; year 1 is understood as every year."""
    built = {}
    for id_, entry in rows[Kind.HOLIDAY_SCHEDULE].items():
        cells = Cells(entry.row, rows.log)
        belongs = links(rows, entry, known)
        if not belongs:
            continue
        start, end = _day(cells, "start_date"), _day(cells, "end_date")
        if start is None or end is None:
            column = "end_date" if start else "start_date"
            cells.refuse(column, "It is not known which days are meant.", "Give both dates.")
            continue
        if start.year and end.year and _order(start) > _order(end):
            cells.refuse("end_date", "The last day is before the first.", "Correct the dates.")
            continue
        opens_at, closes_at = _hours(cells)
        closed = cells.flag("closed")
        built[id_] = HolidaySchedule(
            source_id=id_,
            start_date=start,
            end_date=end,
            # No word about it and no hours: sending a family to a closed door is the worse error.
            closed=opens_at is None if closed is None else closed,
            opens_at=opens_at,
            closes_at=closes_at,
            links=belongs,
        )
    return built


def _hours(cells: Cells) -> tuple[time | None, time | None]:
    opens_at, closes_at = cells.time("opens_at"), cells.time("closes_at")
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        cells.ignore(
            "closes_at",
            "It closes before it opens.",
            "Write pm where it is meant; if it is open overnight, give the hours of each day.",
        )
        closes_at = None
    return opens_at, closes_at


def validity(cells: Cells) -> tuple[date | None, date | None]:
    """The first and the last day on which a row holds; a last one before the first is listed."""
    first, last = cells.date("valid_from"), cells.date("valid_to")
    if first is not None and last is not None and last < first:
        cells.ignore("valid_to", "The last day is before the first.", "Correct one of the dates.")
        last = None
    return first, last


def _day(cells: Cells, column: str) -> CalendarDay | None:
    found = cells.calendar_day(column)
    return None if found is None else CalendarDay(year=found[0], month=found[1], day=found[2])


def _order(day: CalendarDay) -> tuple[int, int, int]:
    return day.year or 0, day.month, day.day


def _frequency(cells: Cells) -> str | None:
    text = cells.text("freq")
    if text is None or text.upper() in _FREQUENCIES:
        return None if text is None else text.upper()
    cells.ignore("freq", "This is no known frequency.", "Write WEEKLY or MONTHLY.")
    return None


def _by_day(cells: Cells) -> tuple[str, ...]:
    days = [
        _NAMES.get(part.casefold(), part.upper()) for part in split_list(cells.text("byday") or "")
    ]
    if all(_BY_DAY.fullmatch(day) for day in days):
        return tuple(days)
    cells.ignore("byday", "These are not days of the week.", "Write them as MO,TU,WE,TH,FR,SA,SU.")
    return ()


def _by_month_day(cells: Cells) -> tuple[str, ...]:
    days = list(split_list(cells.text("bymonthday") or ""))
    if all(_BY_MONTH_DAY.fullmatch(day) for day in days):
        return tuple(days)
    cells.ignore("bymonthday", "These are not days of a month.", "Write numbers from 1 to 31.")
    return ()
