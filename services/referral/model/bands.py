"""What an agency may know before it says yes: bands that fit many children, never anything finer.

Pure. A band that is not known is left out.
"""

from collections.abc import Collection, Iterable
from datetime import date, time

from contracts.codes import DayPart
from services.chassis.grades import place_of

AGE_BANDS = ((0, 4), (5, 6), (7, 9), (10, 12), (13, 15), (16, 22))
_GRADES = ((-1, "pre-k"), (2, "k-2"), (5, "3-5"), (8, "6-8"), (12, "9-12"))
_ZIP3 = 3
_PARTS = (
    (DayPart.MORNING, time(0), time(12)),
    (DayPart.AFTERNOON, time(12), time(17)),
    (DayPart.EVENING, time(17), time(23, 59)),
)


def age_band(born: date | None, today: date) -> str:
    """Return the band of an age, as `7-9`; `any` where the birth date is not known."""
    if born is None:
        return "any"
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    for low, high in AGE_BANDS:
        if low <= age <= high:
            return f"{low}-{high}"
    return "any"


def grade_band(grade: str | None) -> str | None:
    """Return the band of a grade, as `3-5`; None where it is not known or has no place."""
    place = place_of(grade)
    if place is None:
        return None
    return next((band for last, band in _GRADES if place <= last), None)


def zip3(home_zip: str | None, told: Collection[str] | None) -> str | None:
    """Return the first digits of a ZIP that may be told.

    Args:
        home_zip: five digits.
        told: those that may; None: all.
    """
    first = (home_zip or "")[:_ZIP3]
    if len(first) < _ZIP3 or (told is not None and first not in told):
        return None
    return first


def day_parts(hours: Iterable[tuple[time | None, time | None]]) -> tuple[DayPart, ...]:
    """Return the parts of the day in which a family likes to be reached; none where all are."""
    given = [(start or time(0), end or time(23, 59)) for start, end in hours if start or end]
    return tuple(
        part
        for part, begins, ends in _PARTS
        if any(start < ends and end > begins for start, end in given)
    )
