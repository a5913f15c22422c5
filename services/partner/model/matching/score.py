"""Scores: what speaks for and against a service that fits, each thing between 0 and 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codes import CapacityStatus
from services.partner.model.matching.candidate import Candidate, Measured, Seats, Standing
from services.partner.model.matching.exclude import grades, years
from services.partner.model.matching.near import ON_CAMPUS_MILES, Ground, miles
from services.partner.model.matching.need import Need
from services.partner.model.matching.weights import Weights
from services.partner.model.matching.words import Said
from services.partner.model.terms import Cost

UNTOLD = 0.5
"""What nobody has told counts half: neither a gift nor a punishment."""

_AT_ONCE, _SLOW = timedelta(hours=4), timedelta(days=5)
_DAY = timedelta(days=1)
_COST = {Cost.FREE: 1.0, Cost.INSURANCE: 0.8, Cost.SLIDING: 0.6, Cost.FEE: 0.1}


@dataclass(frozen=True, slots=True)
class Scale:
    """What scores are measured by.

    Attributes:
        stale_after: age from which a count of seats counts half.
    """

    now: datetime
    stale_after: timedelta
    weights: Weights
    ground: Ground


@dataclass(frozen=True, slots=True)
class Score:
    """A candidate's hundred.

    Attributes:
        seats: what is known of them; None where the agency never told.
        stale: they were told too long ago to be believed.
        values: what was weighed.
        whole: all its weights together.
        more: reasons that give no points.
    """

    points: float
    seats: Seats | None
    stale: bool
    values: Sequence["Value"]
    whole: float
    more: Sequence[Said]

    @property
    def said(self) -> tuple[Said, ...]:
        """Every reason; made when somebody reads it, for many are weighed and few are read."""
        found = [
            Said(code, n, 100 * weight * value / self.whole)
            for weight, value, code, n in self.values
            if code is not None
        ]
        return (*found, *self.more)


Value = tuple[float, float, str | None, object]
"""Weight, value, and the reason that tells it: none where nobody has told."""


def score(candidate: Candidate, agreements: Standing, need: Need, scale: Scale) -> Score:
    """Return what speaks for and against a candidate that nothing excludes."""
    seats = candidate.seats.get(need.site)
    stale = seats is not None and scale.now - seats.as_of > scale.stale_after
    weights = scale.weights
    values: list[Value] = [(weights.seats, *_seats(seats, stale=stale))]
    if need.language:
        values.append((weights.language, *_language(candidate, need.language)))
    values.append((weights.distance, *_way(candidate, need, scale)))
    _measured(values, candidate.measured, weights)
    cost = candidate.service.terms.cost
    told = None if cost is None else f"cost-{cost.value}"
    values.append((weights.cost, UNTOLD if cost is None else _COST[cost], told, ""))
    if need.times:
        values.append((weights.hours, *_hours(candidate, need)))
    whole = sum([weight for weight, _, _, _ in values])
    points = 100 * sum([weight * value for weight, value, _, _ in values]) / whole
    more: list[Said] = []
    if stale and seats is not None:
        more.append(Said("seats-old", (scale.now - seats.as_of).days))
    more += _takes(candidate, need)
    if agreements.ends is not None:
        more.append(Said("agreement-ends", agreements.ends))
    return Score(points, seats, stale, values, whole, more)


def _seats(seats: Seats | None, *, stale: bool) -> tuple[float, str, object]:
    if seats is None:
        return UNTOLD, "seats-unknown", ""
    n: object = ""
    match seats.status:
        case CapacityStatus.CAPACITY:
            value, code, n = 1.0, "seats-free", seats.available
            if seats.available == 1:
                code = "seat-free"
        case CapacityStatus.ADDITIONAL_ASSESSMENT_REQUIRED:
            value, code = 0.75, "assessment-first"
        case CapacityStatus.WAITLIST:
            value, code, n = 0.2, "waitlist", seats.waiting
        case _:
            value, code = (0.0, "closed") if seats.available > 0 else (0.1, "no-seats")
    if stale:
        value = (value + UNTOLD) / 2
    return value, code, n


def _language(candidate: Candidate, language: str) -> tuple[float, str, object]:
    spoken = candidate.asks.spoken
    if language.lower().split("-")[0] in spoken:
        return 1.0, "language-spoken", ""
    if candidate.service.terms.interpreter:
        return 0.7, "interpreter", ""
    return (0.0, "language-missing", "") if spoken else (0.4, "language-unknown", "")


def _way(candidate: Candidate, need: Need, scale: Scale) -> tuple[float, str | None, object]:
    if need.site in candidate.service.terms.campuses:
        return 1.0, "on-campus", ""
    points = candidate.asks.points
    start = scale.ground.start(need.site, need.home_zip)
    if start is None:
        return UNTOLD, None, ""
    school = scale.ground.schools.get(need.site)
    if school and any(miles(school, each) <= ON_CAMPUS_MILES for each in points):
        return 1.0, "on-campus", ""
    if not points:
        return UNTOLD, None, ""
    code, point = start
    away = min(miles(point, each) for each in points)
    near = max(0.0, 1 - away / scale.weights.far_miles)
    return near, code, round(away, 1) if away < 1 else round(away)


def _measured(values: list[Value], measured: Measured, weights: Weights) -> None:
    reply, accepted = measured.reply, measured.accepted
    if reply is None:
        values.append((weights.reply, UNTOLD, None, ""))
    else:
        late = (reply - _AT_ONCE) / (_SLOW - _AT_ONCE)
        if reply < _DAY:
            code, n = "replies-in-hours", max(1, round(reply / timedelta(hours=1)))
        else:
            code, n = "replies-in-days", round(reply / _DAY)
        values.append((weights.reply, min(1.0, max(0.0, 1 - late)), code, n))
    if accepted is None:
        values.append((weights.acceptance, UNTOLD, None, ""))
    else:
        values.append((weights.acceptance, accepted, "accepts", round(accepted * 10)))


def _hours(candidate: Candidate, need: Need) -> tuple[float, str | None, object]:
    parts = candidate.asks.parts
    if not parts:
        return UNTOLD, None, ""
    return (1.0, "hours-suit", "") if parts & need.times else (0.0, "hours-other", "")


def _takes(candidate: Candidate, need: Need) -> list[Said]:
    """Return whom it takes: as fitting where the need tells, as a question where it does not."""
    service, asks = candidate.service, candidate.asks
    said = []
    if service.minimum_age is not None or service.maximum_age is not None:
        low, high = service.minimum_age, service.maximum_age
        ages = f"{'…' if low is None else years(low)}-{'…' if high is None else years(high)}"
        said.append(Said("age-fits") if need.age is not None else Said("ages-only", ages))
    if asks.first_grade is not None or asks.last_grade is not None:
        fits = need.grade is not None
        said.append(Said("grade-fits") if fits else Said("grades-only", grades(service)))
    if asks.insurance:
        said.append(Said("insurance-taken" if need.insurance else "insurance-only"))
    if asks.zips:
        said.append(Said("area-fits" if need.home_zip else "area-only"))
    return said
