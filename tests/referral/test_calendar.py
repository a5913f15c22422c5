"""School days, and mornings where the clocks change."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.chassis.calendar import Calendar
from services.referral.model.calendar import Holiday, moment

THANKSGIVING = Holiday(name="Thanksgiving", first=date(2026, 11, 25), last=date(2026, 11, 27))
WINTER = Holiday(name="Winter break", first=date(2026, 12, 21), last=date(2027, 1, 8))
CALENDAR = Calendar((THANKSGIVING, WINTER))
DAYS = st.dates(date(2026, 8, 1), date(2027, 7, 31))


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2026, 11, 24), date(2026, 11, 24)),
        (date(2026, 11, 25), date(2026, 11, 30)),
        (date(2026, 11, 28), date(2026, 11, 30)),
        (date(2026, 12, 19), date(2027, 1, 11)),
        (date(2027, 1, 9), date(2027, 1, 11)),
    ],
)
def test_a_day_without_school_moves_to_the_next_that_has(day: date, moved: date) -> None:
    assert CALENDAR.next_school_day(day) == moved


@given(DAYS)
def test_what_was_moved_is_a_school_day_and_never_earlier(day: date) -> None:
    moved = CALENDAR.next_school_day(day)
    assert moved >= day
    assert CALENDAR.is_school_day(moved)
    assert CALENDAR.next_school_day(moved) == moved


def test_a_calendar_without_a_school_day_loses_nothing() -> None:
    years = tuple(
        Holiday(name=f"{month}", first=date(year, month, 1), last=date(year, month, 28))
        for year in (2026, 2027, 2028)
        for month in range(1, 13)
    )
    ends = tuple(
        Holiday(name="end", first=each.last, last=date(each.last.year, each.last.month + 1, 1))
        for each in years
        if each.last.month < 12
    )
    decembers = tuple(
        Holiday(name="december", first=date(year, 12, 28), last=date(year + 1, 1, 1))
        for year in (2026, 2027, 2028)
    )
    never = Calendar((*years, *ends, *decembers))
    assert never.next_school_day(date(2026, 10, 13)) == date(2026, 10, 13)


def test_nine_in_the_morning_is_nine_before_and_after_the_clocks_change() -> None:
    zone = "America/Los_Angeles"
    assert moment(date(2026, 10, 30), 9, zone) == datetime(2026, 10, 30, 16, tzinfo=UTC)
    assert moment(date(2026, 11, 2), 9, zone) == datetime(2026, 11, 2, 17, tzinfo=UTC)
    assert moment(date(2027, 3, 15), 9, zone) == datetime(2027, 3, 15, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (date(2027, 1, 8), date(2026, 12, 21), "swap first and last"),
        (date(2026, 12, 21), date(2027, 12, 21), "check the years"),
    ],
)
def test_a_holiday_that_cannot_be_is_refused_with_what_to_do(
    first: date, last: date, says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        Holiday(name="Winter break", first=first, last=last)
