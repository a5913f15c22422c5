"""The seats of a school's services as a board: what to ask for first, what is free, what is full.

Pure: what partner told, put in the order in which a coordinator needs it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Shelf(StrEnum):
    """Where a service stands on the board."""

    ASK = "ask"
    FREE = "free"
    FULL = "full"


UNITS = ("seats", "appointments-per-week", "one-time")
STATUSES = ("capacity", "additional-assessment-required", "waitlist", "no-capacity")
_TAKES = frozenset(STATUSES[:2])


@dataclass(frozen=True, slots=True)
class Row:
    """One service's seats at a school.

    Attributes:
        available: None where nobody ever told.
        status: as one who asks is told; None as above.
        waiting: how many are on the waiting list.
        renews_at: when they begin anew; None where they do not.
        notes: what the agency says of them in words.
        stale: told so long ago that somebody should ask.
        wait: how long those waited who had to, by language; None where nothing can be said.
        version: that the reader sees; None where nothing was told yet.
    """

    service: str
    name: str
    agency: str
    agency_name: str
    category: str
    unit: str = "seats"
    available: int | None = None
    maximum: int = 0
    held: int = 0
    used: int = 0
    waiting: int = 0
    status: str | None = None
    as_of: datetime | None = None
    renews_at: datetime | None = None
    notes: str | None = None
    stale: bool = False
    wait: Mapping[str, str] | None = None
    version: int | None = None

    @property
    def takes(self) -> str:
        """What a form begins with: with nothing free, `no-capacity` may only mean that."""
        said = self.status or STATUSES[0]
        return said if self.available or said == STATUSES[1] else STATUSES[0]

    @property
    def shelf(self) -> Shelf:
        """Where it stands."""
        if self.available is None or self.stale:
            return Shelf.ASK
        return Shelf.FREE if self.available > 0 and self.status in _TAKES else Shelf.FULL


def rows(
    services: Iterable[Mapping[str, Any]],
    capacities: Iterable[Mapping[str, Any]],
    names: Mapping[str, str],
    unknown: str,
) -> list[Row]:
    """Return one row a service, in the order of agencies' names.

    Args:
        services: those that the school could ask.
        capacities: what was told of their seats at this school.
        names: of agencies, by id.
        unknown: what an agency without a known name is called.
    """
    told = {each["service"]: each for each in capacities}
    found = {each["id"]: _row(each, told.get(each["id"]), names, unknown) for each in services}
    return sorted(found.values(), key=lambda row: (row.agency_name.casefold(), row.name.casefold()))


def shelves(board: Sequence[Row]) -> list[tuple[Shelf, list[Row]]]:
    """Return the rows by where they stand; those that nobody told longest go first."""
    found = {shelf: [row for row in board if row.shelf is shelf] for shelf in Shelf}
    found[Shelf.ASK].sort(key=lambda row: (row.as_of is not None, row.as_of))
    return [(shelf, some) for shelf, some in found.items() if some]


def _row(
    service: Mapping[str, Any],
    told: Mapping[str, Any] | None,
    names: Mapping[str, str],
    unknown: str,
) -> Row:
    row = {
        "service": service["id"],
        "name": service["name"],
        "agency": service["agency"],
        "agency_name": names.get(service["agency"], unknown),
        "category": service["category"],
    }
    if told is None:
        return Row(**row)
    same = ("unit", "available", "maximum", "held", "used", "status", "stale", "version")
    return Row(
        **row,
        **{name: told[name] for name in same},
        waiting=told["waitlisted"],
        wait=told["wait"]["said"] if told["wait"]["days"] is not None else None,
        as_of=datetime.fromisoformat(told["as_of"]),
        renews_at=datetime.fromisoformat(told["renews_at"]) if told["renews_at"] else None,
        notes=told["notes"],
    )
