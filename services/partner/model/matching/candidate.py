"""A service as matching looks at it, with what was worked out once for every need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.codes import AgreementStatus, CapacityStatus, CapacityUnit, DayPart
from services.chassis.grades import place_of
from services.partner.model.agency import Agency
from services.partner.model.agreement import LIVE, Agreement
from services.partner.model.capacity import Capacity
from services.partner.model.eligibility import Eligibility
from services.partner.model.matching.near import Point, points_of
from services.partner.model.service import Service
from services.partner.model.terms import parts_of
from services.partner.model.waitlist import Promotion


@dataclass(frozen=True, slots=True)
class Asks:
    """A service's terms in the form in which they are compared.

    Attributes:
        name: as it is sorted.
    """

    name: str
    spoken: frozenset[str]
    first_grade: int | None
    last_grade: int | None
    insurance: frozenset[str]
    zips: frozenset[str]
    parts: frozenset[DayPart]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Seats:
    """What an agency's seats at a school come to.

    Attributes:
        notes: what it says of them in words.
        promotions: seats that went to one who waited.
    """

    status: CapacityStatus
    unit: CapacityUnit
    available: int
    maximum: int
    waiting: int
    as_of: datetime
    notes: str | None = None
    promotions: tuple[Promotion, ...] = ()


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
    """A service, its agency, and what decides whether it fits.

    Attributes:
        seats: by school; missing where the agency never told them.
        gone: it, or its agency, is no longer in the directory.
        reachable: there is somebody to ask.
    """

    service: Service
    asks: Asks
    agency: Agency
    agreements: tuple[Agreement, ...]
    seats: Mapping[str, Seats]
    gone: bool
    reachable: bool
    measured: Measured = UNMEASURED


@dataclass(frozen=True, slots=True)
class Admits:
    """Whom an agreement is for, in the form in which it is compared."""

    minimum_age: int | None
    maximum_age: int | None
    first_grade: int | None
    last_grade: int | None
    grades: str
    insurance: frozenset[str]
    zips: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """An agency's agreements with a school, on a day.

    Attributes:
        admits: whom those that hold are for; none: one of them is for everybody.
        covered: an offer may go out.
        expired: one has run out.
        lacks: a paper of one that would hold is missing or has run out.
        ends: the last day of those that hold, where all of them are expiring.
    """

    covered: bool
    expired: bool
    ends: date | None
    lacks: bool = False
    admits: tuple[Admits, ...] = ()


def admits_of(agreed: Eligibility) -> Admits:
    """Return whom an agreement is for as it is compared."""
    return Admits(
        minimum_age=agreed.minimum_age,
        maximum_age=agreed.maximum_age,
        first_grade=place_of(agreed.first_grade),
        last_grade=place_of(agreed.last_grade),
        grades=span(agreed.first_grade, agreed.last_grade),
        insurance=frozenset(agreed.insurance),
        zips=frozenset(agreed.zips),
    )


def span(first: object, last: object) -> str:
    """Return from where to where something goes: `KG-05`, or an end that is open."""
    if first == last:
        return "" if first is None else str(first)
    return f"{'…' if first is None else first}-{'…' if last is None else last}"


def asks_of(service: Service) -> Asks:
    """Return a service's terms as they are compared."""
    terms = service.terms
    return Asks(
        name=service.name.casefold(),
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
        notes=capacity.notes,
        promotions=capacity.promotions,
    )


def candidate(
    service: Service,
    agency: Agency,
    agreements: tuple[Agreement, ...],
    seats: Mapping[str, Seats] | None = None,
    measured: Measured = UNMEASURED,
) -> Candidate:
    """Return a service as matching looks at it."""
    return Candidate(
        service=service,
        asks=asks_of(service),
        agency=agency,
        agreements=agreements,
        seats={} if seats is None else seats,
        gone=service.retired or agency.retired,
        reachable=agency.answers is not None,
        measured=measured,
    )


def standing(agreements: tuple[Agreement, ...], site: str, now: datetime, service: str) -> Standing:
    """Return how an agency's agreements with a school stand, for one of its services."""
    covered = expired = ending = lacks = False
    ends: date | None = None
    holding: list[Eligibility] = []
    for each in agreements:
        if site not in each.sites or not each.names(service):
            continue
        today = each.today(now)
        status = each.status_on(today)
        if status is AgreementStatus.EXPIRED:
            expired = True
        elif each.starts <= today and status in LIVE and each.lacking(today):
            lacks = True
        elif each.starts <= today and status in LIVE:
            ending = status is AgreementStatus.EXPIRING and (ending or not covered)
            ends = max(filter(None, (ends, each.until)), default=None)
            covered = True
            holding.append(each.eligibility)
    anybody = any(each.is_open for each in holding)
    admits = () if anybody else tuple(map(admits_of, holding))
    return Standing(covered, expired, ends if ending else None, lacks, admits)
