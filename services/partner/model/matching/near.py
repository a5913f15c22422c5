"""How far it is, by the great circle: no service outside is asked where a family lives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt

from services.partner.model.service import Service

_EARTH_MILES = 3958.8
_ZIP = 5
ON_CAMPUS_MILES = 0.12
"""Nearer than this to the school's own point, a place is on its grounds: two hundred metres."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, WGS 84 degrees."""

    latitude: float
    longitude: float


def miles(one: Point, other: Point) -> float:
    """Return the great-circle distance between two points."""
    north, south = radians(one.latitude), radians(other.latitude)
    wide = sin(radians(other.longitude - one.longitude) / 2) ** 2
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * wide
    return 2 * _EARTH_MILES * asin(sqrt(min(1.0, half)))


def points_of(service: Service) -> tuple[Point, ...]:
    """Return where a service is offered, as far as its places have coordinates."""
    return tuple(
        Point(each.latitude, each.longitude)
        for each in service.locations
        if each.latitude is not None and each.longitude is not None
    )


def centroids(services: Iterable[Service]) -> dict[str, Point]:
    """Return the middle of the places that a directory has in each ZIP code.

    Each place counts once, however many services it holds. It is where agencies are and not
    where people live: a mile or so beside the middle of the ZIP, which is what an *about* is for.
    """
    found: dict[str, set[tuple[float, float]]] = {}
    for service in services:
        for place in service.locations:
            code = (place.postal_code or "")[:_ZIP]  # without what follows, as in 94601-1234
            if len(code) == _ZIP and place.latitude is not None and place.longitude is not None:
                found.setdefault(code, set()).add((place.latitude, place.longitude))
    return {
        code: Point(
            sum(each[0] for each in sorted(points)) / len(points),
            sum(each[1] for each in sorted(points)) / len(points),
        )
        for code, points in found.items()
    }


@dataclass(frozen=True, slots=True)
class Ground:
    """Where schools are, and the middles of ZIP codes.

    Attributes:
        schools: by id.
        zips: by five digits.
    """

    schools: Mapping[str, Point] = field(default_factory=dict)
    zips: Mapping[str, Point] = field(default_factory=dict)

    def start(self, site: str, home_zip: str | None) -> tuple[str, Point] | None:
        """Return where a way begins: at home as far as that is known, else at the school."""
        home = self.zips.get(home_zip or "")
        if home is not None:
            return "near-home", home
        school = self.schools.get(site)
        return None if school is None else ("near-school", school)
