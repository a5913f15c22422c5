"""Scores: what speaks for and against a service that fits, each thing between 0 and 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import CapacityStatus
from services.partner.model.matching.candidate import Candidate, Seats
from services.partner.model.matching.exclude import asks_more, grades, years
from services.partner.model.matching.near import miles
from services.partner.model.matching.need import Need
from services.partner.model.matching.prepare import Prepared
from services.partner.model.matching.scale import UNTOLD, Scale, Value
from services.partner.model.matching.words import Said
from services.partner.model.waitlist import Wait, measured


@dataclass(frozen=True, slots=True)
class Score:
    """A candidate's hundred.

    Attributes:
        seats: what is known of them; None where the agency never told.
        stale: they were told too long ago to be believed.
        values: what was weighed.
        whole: all its weights together.
        more: reasons that give no points.
        now: the moment of the question.
    """

    points: float
    seats: Seats | None
    stale: bool
    values: Sequence[Value]
    whole: float
    more: Sequence[Said]
    now: datetime

    @property
    def wait(self) -> Wait | None:
        """How long those waited who had to; measured when somebody reads it, as `said` is."""
        return measured(self.seats.promotions, self.now) if self.seats else None

    @property
    def said(self) -> tuple[Said, ...]:
        """Every reason; made when somebody reads it, for many are weighed and few are read."""
        found = [
            Said(code, n, 100 * weight * value / self.whole)
            for weight, value, code, n in self.values
            if code is not None
        ]
        waits = self.seats is not None and self.seats.status is CapacityStatus.WAITLIST
        wait = self.wait if waits else None
        return (*found, *self.more, *([] if wait is None else [Said("wait", wait.said)]))


def score(one: Prepared, need: Need, scale: Scale) -> Score:
    """Return what speaks for and against a candidate that nothing excludes."""
    candidate = one.candidate
    seats = candidate.seats.get(need.site)
    stale = seats is not None and scale.now - seats.as_of > scale.stale_after
    weights = scale.weights
    values: list[Value] = [(weights.seats, *_seats(seats, stale=stale))]
    if need.language:
        values.append((weights.language, *_language(candidate, need.language)))
    values.append((weights.distance, *_way(one, need, scale)))
    values += one.values
    if need.times:
        values.append((weights.hours, *_hours(candidate, need)))
    whole = points = 0.0
    for weight, value, _, _ in values:
        whole += weight
        points += weight * value
    more: list[Said] = []
    if stale and seats is not None:
        more.append(Said("seats-old", (scale.now - seats.as_of).days))
    more += _takes(candidate, need)
    more += one.entry
    if asks_more(one.agreements, need):
        more.append(Said("agreed-ask"))
    if one.agreements.ends is not None:
        more.append(Said("agreement-ends", one.agreements.ends))
    return Score(100 * points / whole, seats, stale, values, whole, more, scale.now)


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


def _way(one: Prepared, need: Need, scale: Scale) -> tuple[float, str | None, object]:
    if one.on_campus:
        return 1.0, "on-campus", ""
    points = one.candidate.asks.points
    start = scale.ground.start(need.site, need.home_zip)
    if start is None or not points:
        return UNTOLD, None, ""
    code, point = start
    away = min([miles(point, each) for each in points])
    near = max(0.0, 1 - away / scale.weights.far_miles)
    return near, code, round(away, 1) if away < 1 else round(away)


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
