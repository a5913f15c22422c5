"""For whom a service is, when, and for how much: what decides besides seats whether it fits."""

from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.code import Code
from contracts.codes import DayPart


class Weekday(Code):
    """A day of the week, as iCalendar writes it."""

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"


class Cost(Code):
    """What a family pays."""

    FREE = "free"
    SLIDING = "sliding-scale"
    INSURANCE = "by-insurance"
    FEE = "fee"


class Hours(BaseModel):
    """When a service is open on one day of the week, local to it."""

    model_config = ConfigDict(frozen=True)

    day: Weekday
    opens_at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    closes_at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Terms(BaseModel):
    """What a service asks and offers. What is empty or None nobody has told: it excludes nobody.

    Attributes:
        first_grade: the lowest it takes, as the district writes grades (`KG`, `03`).
        last_grade: the highest.
        insurance: codes of the insurances it takes; `none` for families without any.
        zips: where families must live.
        interpreter: whether it brings an interpreter for a language that its staff do not speak.
        cost: what a family pays.
        hours: when it is open, in a usual week.
        campuses: the schools on whose grounds it is given.
    """

    model_config = ConfigDict(frozen=True)

    first_grade: str | None = None
    last_grade: str | None = None
    insurance: tuple[str, ...] = ()
    zips: tuple[str, ...] = ()
    interpreter: bool | None = None
    cost: Cost | None = None
    hours: tuple[Hours, ...] = ()
    campuses: tuple[str, ...] = ()


_PARTS = (
    (DayPart.MORNING, time(0), time(12)),
    (DayPart.AFTERNOON, time(12), time(17)),
    (DayPart.EVENING, time(17), time(23, 59)),
)


def parts_of(hours: tuple[Hours, ...]) -> frozenset[DayPart]:
    """Return the parts of the day in which a service is open at some time of the week."""
    return frozenset(
        part
        for each in hours
        for part, begins, ends in _PARTS
        if time.fromisoformat(each.opens_at) < ends and time.fromisoformat(each.closes_at) > begins
    )
