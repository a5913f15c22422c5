"""The holidays that a district lays down, and the morning of a day. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import StringConstraints, model_validator

from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Day
from services.referral.model.part import Part

_LONGEST_BREAK = timedelta(days=120)


class Holiday(Part):
    """Days without school, both ends included."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise TwoTonguesError(
                "a holiday ends before it begins: swap first and last",
                "un feriado termina antes de empezar: cambie first y last",
            )
        if self.last - self.first > _LONGEST_BREAK:
            raise TwoTonguesError(
                "a holiday is longer than 120 days: check the years of first and last",
                "un feriado dura más de 120 días: revise los años de first y last",
            )
        return self

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of its days."""
        return self.first <= day <= self.last


def moment(day: date, hour: int, zone: str) -> datetime:
    """Return the moment (UTC) at which a local day reaches an hour, summer time or not."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
