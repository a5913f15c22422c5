"""A service as matching looks at it, with what was worked out once for every need."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.codes import AgreementStatus, CapacityStatus, CapacityUnit, DayPart
from services.chassis.grades import place_of
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity
from services.partner.model.matching.near import Point, points_of
from services.partner.model.service import Service
from services.partner.model.terms import parts_of


@dataclass(frozen=True, slots=True)
class Asks:
    """A service's terms in the form in which they are compared."""

    spoken: frozenset[str]
    first_grade: int | None
    last_grade: int | None
    insurance: frozenset[str]
    zips: frozenset[str]
    parts: frozenset[DayPart]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Seats:
    """What an agency's seats at a school come to."""

    status: CapacityStatus
    unit: CapacityUnit
    available: int
    maximum: int
    waiting: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """How an agency has answered lately.

    Attributes:
        reply: the middle of its times to answer; None with too few answers to say.
        accepted: the share of its answers that were yes; None with too few.
    """

    reply: timedelta | None = None
    accepted: float | None = None


UNMEASURED = Measured()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service, its agency, and what decides whether it fits."""

    service: Service
    asks: Asks
    agency: Agency
    agreements: tuple[Agreement, ...]
    seats: Seats | None = None
    measured: Measured = UNMEASURED


@dataclass(frozen=True, slots=True)
class Standing:
    """An agency's agreements with a school, on a day.

    Attributes:
        covered: an offer may go out.
        expired: one has run out.
        ends: the last day of those that hold, where all of them are expiring.
    """

    covered: bool
    expired: bool
    ends: date | None


def asks_of(service: Service) -> Asks:
    """Return a service's terms as they are compared."""
    terms = service.terms
    return Asks(
        spoken=frozenset(each.lower().split("-")[0] for each in service.languages),
        first_grade=place_of(terms.first_grade),
        last_grade=place_of(terms.last_grade),
        insurance=frozenset(terms.insurance),
        zips=frozenset(terms.zips),
        parts=parts_of(terms.hours),
        points=points_of(service),
    )


def seats_of(capacity: Capacity) -> Seats:
    """Return what is known of a service's seats at a school."""
    return Seats(
        status=capacity.status,
        unit=capacity.unit,
        available=capacity.available,
        maximum=capacity.maximum,
        waiting=len(capacity.waitlist),
        as_of=capacity.as_of,
    )


def standing(agreements: tuple[Agreement, ...], site: str, now: datetime) -> Standing:
    """Return how an agency's agreements with a school stand."""
    here = [(each, each.status_on(each.today(now))) for each in agreements if site in each.sites]
    live = [each for each, _ in here if each.live(now)]
    expiring = all(status is AgreementStatus.EXPIRING for each, status in here if each in live)
    last = [each.until for each in live if each.until is not None]
    return Standing(
        covered=bool(live),
        expired=any(status is AgreementStatus.EXPIRED for _, status in here),
        ends=max(last) if live and expiring and len(last) == len(live) else None,
    )
