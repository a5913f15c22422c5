"""What an agency may know before it says yes: bands, and nothing finer."""

from datetime import time

import pytest

from contracts.codes import DayPart
from services.referral.model.bands import day_parts, grade_band, zip3

MORNING, AFTERNOON, EVENING = DayPart.MORNING, DayPart.AFTERNOON, DayPart.EVENING


@pytest.mark.parametrize(
    ("grade", "band"),
    [
        ("TK", "pre-k"),
        ("K", "k-2"),
        ("2", "k-2"),
        ("03", "3-5"),
        ("5", "3-5"),
        ("6", "6-8"),
        ("9", "9-12"),
        ("12", "9-12"),
        ("ungraded", None),
        (None, None),
    ],
)
def test_a_grade_is_told_as_one_of_three_or_four(grade: str | None, band: str | None) -> None:
    assert grade_band(grade) == band


def test_a_zip_is_told_by_its_first_digits_and_only_where_many_live() -> None:
    assert zip3("94601", None) == "946"
    assert zip3("94601", ("946", "947")) == "946"
    assert zip3("94601", ("947",)) is None
    assert zip3(None, None) is None


@pytest.mark.parametrize(
    ("hours", "parts"),
    [
        ([], ()),
        ([(None, None)], ()),
        ([(time(8), time(11, 30))], (MORNING,)),
        ([(time(15, 30), None)], (AFTERNOON, EVENING)),
        ([(None, time(12))], (MORNING,)),
        ([(time(8), time(9)), (time(18), time(20))], (MORNING, EVENING)),
    ],
)
def test_the_familys_hours_are_told_as_parts_of_the_day(
    hours: list[tuple[time | None, time | None]], parts: tuple[DayPart, ...]
) -> None:
    assert day_parts(hours) == parts
