"""Retention: what was closed so many years ago is to be erased, and somebody is asked. Pure."""

from datetime import date, datetime
from typing import ClassVar

from contracts.staff import RETENTION, RetentionAsked
from services.chassis.aggregate import Aggregate
from services.referral.model.calendar import moment
from services.referral.model.follow_up import local_date
from services.referral.model.rules import Rules

_FEBRUARY, _LEAP_DAY = 2, 29


class RetentionPlan(Aggregate):
    """When the district is asked to look at what is due; its id is `retention`.

    Attributes:
        asked_at: when it was last asked; None while nothing waits for an answer.
        run_at: when it last erased what was due.
    """

    COLLECTION: ClassVar[str] = "retention"

    zone: str
    asked_at: datetime | None = None
    run_at: datetime | None = None
    next_due: datetime | None = None

    @classmethod
    def first(cls, zone: str, now: datetime, rules: Rules) -> "RetentionPlan":
        """Return the plan that a district begins with."""
        return cls(id=RETENTION, zone=zone).under(rules, now)

    def under(self, rules: Rules, now: datetime) -> "RetentionPlan":
        """Return the plan under these rules: without a time laid down nobody is ever asked."""
        if rules.retention_years is None:
            return self.having(asked_at=None, next_due=None)
        return self.having(next_due=self.next_due or next_asking(now, rules, self.zone))

    def tick(self, now: datetime, rules: Rules) -> tuple["RetentionPlan", list[RetentionAsked]]:
        """Ask on the first of a month, where the district has laid a time down."""
        if rules.retention_years is None:
            return self.under(rules, now), []
        due = next_asking(now, rules, self.zone)
        before = closed_before(now, rules.retention_years, self.zone)
        asked = RetentionAsked(entry=RETENTION, closed_before=before)
        return self.having(asked_at=now, next_due=due), [asked]

    def run(self, now: datetime) -> "RetentionPlan":
        """Return the plan once somebody has erased what was due."""
        return self.having(asked_at=None, run_at=now)


def next_asking(now: datetime, rules: Rules, zone: str) -> datetime:
    """Return the morning of the next first of a month."""
    today = local_date(now, zone)
    first = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return moment(first, rules.morning_hour, zone)


def closed_before(now: datetime, years: int, zone: str) -> date:
    """Return the day before which all of a record must have been closed."""
    today = local_date(now, zone)
    leap = (today.month, today.day) == (_FEBRUARY, _LEAP_DAY)
    year = today.year - years
    return date(year, _FEBRUARY, 28) if leap else today.replace(year=year)
