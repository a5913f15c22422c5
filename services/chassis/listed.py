"""A list of codes that a district keeps: what comes with Enlace, its own, what it retired. Pure.

Kinds of need, languages and reasons are such lists. A code is for good; a list that has not met one
yet says so, and whoever shows it shows the code itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from contracts.categories import Names
from services.chassis.errors import EnlaceError, Kind


class Entry(Protocol):
    """What every list says of each of its codes."""

    @property
    def code(self) -> str:
        """By which records, events and tables name it, for good."""

    @property
    def names(self) -> Names:
        """What people call it."""

    @property
    def retired(self) -> bool:
        """Whether nothing new is written down with it."""


E = TypeVar("E", bound=Entry)


class DistrictList(Generic[E]):
    """The codes that a district has of one kind.

    Args:
        entries: all of them, retired ones too.
    """

    def __init__(self, entries: Iterable[E]) -> None:
        self.all = tuple(entries)
        self._by_code = {str(each.code): each for each in self.all}

    def __eq__(self, other: object) -> bool:
        """Tell whether a district has the same."""
        return isinstance(other, type(self)) and self.all == other.all

    def __hash__(self) -> int:
        """Return a hash of what the district has."""
        return hash(self.all)

    def get(self, code: str) -> E | None:
        """Return what the district says of a code; None where it is not known here."""
        return self._by_code.get(code)

    @property
    def open(self) -> tuple[E, ...]:
        """Those with which something new can be written down."""
        return tuple(each for each in self.all if not each.retired)

    def names(self, code: str) -> Names | None:
        """Return what a code is called; None where it is not known here."""
        known = self._by_code.get(code)
        return known.names if known else None


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What is said of a code that a district has not.

    Attributes:
        slug: of the problem.
        is_none: `is no need of this district`, after the code.
        is_none_es: the same in Spanish.
    """

    slug: str
    is_none: str
    is_none_es: str


def need_in(known: DistrictList[E], given: Iterable[str], unlisted: Unlisted) -> None:
    """Pass codes that the district has; retired ones too.

    Raises:
        EnlaceError: it has not (422); the answer says what may be sent.
    """
    for each in given:
        if known.get(each) is None:
            may = ", ".join(sorted(str(entry.code) for entry in known.open))
            raise EnlaceError(
                unlisted.slug,
                Kind.MALFORMED,
                f"{each!s} {unlisted.is_none}. Nothing was changed: send one of {may}; or ask the "
                "district's administrator to add it. What was added just now is known everywhere "
                "within a minute.",
                es=f"{each!s} {unlisted.is_none_es}. No se cambió nada; se puede enviar: {may}. O "
                "pida a la administración del distrito que lo agregue. Lo recién agregado se "
                "conoce en todas partes en un minuto.",
            )
