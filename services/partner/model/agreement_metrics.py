"""What an agreement is measured by, from what happened to its agency's offers. Pure.

What became of each offer is told by one rule for all numbers of an agency, in `measuring`.

*At risk* is said while it can still be mended: by projection, before the renewal.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from services.chassis.calendar import Calendar
from services.partner.model.handled import Fate, Handled

FEWEST = 5
"""Answers below which a share says nothing, and could tell of a child."""


class MetricKind(Code):
    """What is counted.

    `accepted-within`: the share of offers that were accepted within so many school days, in %;
    `answered-within`: the same of any answer; `served-by`: students whose help has begun by a day.
    """

    ACCEPTED_WITHIN = "accepted-within"
    ANSWERED_WITHIN = "answered-within"
    SERVED_BY = "served-by"


class Metric(BaseModel):
    """A measure with its target.

    Attributes:
        target: percent of a share, students of a count.
        days: school days within which an answer counts; of a share.
        by: the day by which the count is to be reached; None: the agreement's last.
    """

    model_config = ConfigDict(frozen=True)

    kind: MetricKind
    target: int
    days: int | None = None
    by: date | None = None


class Standing(StrEnum):
    """How a measure stands."""

    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    MISSED = "missed"
    MET = "met"
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True)
class Day:
    """What one offer of the agency came to, by local days.

    Attributes:
        replied: when it first answered, whatever it said; None: it has not.
        began: when the help began; None: it has not.
    """

    asked: date
    fate: Fate
    replied: date | None = None
    began: date | None = None


def day_of(handled: Handled, zone: ZoneInfo) -> Day:
    """Return an offer by the days on which things happened where the agreement holds."""

    def local(at: datetime | None) -> date | None:
        return None if at is None else at.astimezone(zone).date()

    return Day(
        asked=handled.asked_at.astimezone(zone).date(),
        fate=handled.fate,
        replied=local(handled.replied_at or handled.yes_at),
        began=local(handled.began_at),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure as it stands.

    Attributes:
        value: percent or students; None where too few were asked.
        of: how many offers a share is of.
        projected: what it comes to by its day, if it goes on so; of a count.
    """

    metric: Metric
    standing: Standing
    value: int | None
    of: int
    projected: int | None = None


def measure(
    metric: Metric,
    handled: Sequence[Day],
    *,
    starts: date,
    until: date | None,
    today: date,
    calendar: Calendar,
) -> Measured:
    """Return how a measure stands on a day.

    Args:
        metric: what is measured.
        handled: every offer of the agency under the agreement.
        starts: the agreement's first day.
        until: its last one, if it has one.
        today: the day.
        calendar: the district's school days, by which answers are counted.
    """
    if metric.kind is MetricKind.SERVED_BY:
        return _served(metric, handled, starts, metric.by or until, today)
    return _share(metric, handled, until, today, calendar)


def _share(
    metric: Metric,
    handled: Iterable[Day],
    until: date | None,
    today: date,
    calendar: Calendar,
) -> Measured:
    within = metric.days or 0
    wants_yes = metric.kind is MetricKind.ACCEPTED_WITHIN
    good = total = 0
    for each in handled:
        last = calendar.after(each.asked, within)
        open_still = each.fate is Fate.OPEN and today <= last
        # Taken by another first, or taken back by the school: it is no answer that is missing.
        unasked = each.fate is Fate.AWAY and (wants_yes or each.replied is None)
        waits = each.fate is Fate.WAITS and wants_yes
        if open_still or unasked or waits:
            continue
        total += 1
        in_time = each.replied is not None and each.replied <= last
        good += in_time and (each.fate is Fate.YES or not wants_yes)
    if total < FEWEST:
        return Measured(metric, Standing.TOO_FEW, None, total)
    value = math.floor(100 * good / total)
    over = until is not None and today > until
    met = value >= metric.target
    if over:
        standing = Standing.MET if met else Standing.MISSED
    else:
        standing = Standing.ON_TRACK if met else Standing.AT_RISK
    return Measured(metric, standing, value, total)


def _served(
    metric: Metric, handled: Iterable[Day], starts: date, by: date | None, today: date
) -> Measured:
    count = sum(
        each.began is not None and starts <= each.began <= min(by or today, today)
        for each in handled
    )
    if count >= metric.target:
        return Measured(metric, Standing.MET, count, count, count)
    if by is None:
        return Measured(metric, Standing.ON_TRACK, count, count)
    if today > by:
        return Measured(metric, Standing.MISSED, count, count, count)
    elapsed = max(1, (today - starts).days)
    projected = math.floor(count * max(elapsed, (by - starts).days) / elapsed)
    standing = Standing.ON_TRACK if projected >= metric.target else Standing.AT_RISK
    return Measured(metric, standing, count, count, projected)
