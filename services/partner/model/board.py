"""What one decision has on the table: offerings and seats, changed together or not at all."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from contracts.event import Event
from services.chassis.aggregate import Aggregate, Ref
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Offering

A = TypeVar("A", bound=Aggregate)
NONE_READ: Mapping[str, Sequence[Agreement]] = {}


class MissingError(Exception):
    """The decision needs further aggregates: load them and decide again.

    Attributes:
        agencies: those whose agreements are needed.
    """

    def __init__(self, refs: Sequence[Ref[Any]], agencies: Sequence[str] = ()) -> None:
        super().__init__(f"{len(refs) + len(agencies)} were not loaded")
        self.refs = refs
        self.agencies = agencies


class Board:
    """A working copy of what was loaded. Made afresh for every run of a decision.

    Which seats a promotion touches is known only while deciding, so that what is missing is asked
    for by `MissingError` and the decision made again.
    """

    def __init__(
        self,
        loaded: Mapping[Ref[Any], Aggregate | None],
        signed: Mapping[str, Sequence[Agreement]] = NONE_READ,
    ) -> None:
        self._loaded = dict(loaded)
        self._signed = dict(signed)
        self._changed: dict[Ref[Any], Aggregate] = {}
        self._events: list[Event] = []

    def offering(self, id: str) -> Offering | None:
        """Return a referral's offering.

        Raises:
            MissingError: it was not loaded.
        """
        return self.read(Ref(Offering, id))

    def capacity(self, id: str) -> Capacity | None:
        """Return a service's seats at a school, or None where nobody ever told them.

        Raises:
            MissingError: they were not loaded.
        """
        return self.read(Ref(Capacity, id))

    def agreements(self, agency: str) -> Sequence[Agreement]:
        """Return an agency's agreements, as they were just before the decision.

        Raises:
            MissingError: they were not loaded.
        """
        if agency not in self._signed:
            raise MissingError((), (agency,))
        return self._signed[agency]

    def need(self, refs: Sequence[Ref[Any]]) -> None:
        """Ask for everything that is going to be used, to be loaded at once.

        Raises:
            MissingError: some of it was not loaded.
        """
        missing = [ref for ref in refs if ref not in self._loaded]
        if missing:
            raise MissingError(missing)

    def put(self, aggregate: Offering | Capacity) -> None:
        """Keep a new state, where it is one."""
        ref: Ref[Any] = Ref(type(aggregate), aggregate.id)
        if self._loaded.get(ref) != aggregate:
            self._loaded[ref] = aggregate
            self._changed[ref] = aggregate

    def tell(self, event: Event) -> None:
        """Say what happened."""
        self._events.append(event)

    @property
    def save(self) -> Sequence[Aggregate]:
        """Everything that changed."""
        return tuple(self._changed.values())

    @property
    def events(self) -> Sequence[Event]:
        """Everything that happened, and the new state of every seat count that changed."""
        seats = [each.event() for each in self._changed.values() if isinstance(each, Capacity)]
        return (*self._events, *seats)

    @property
    def site(self) -> str | None:
        """The school that it happened for."""
        for each in self._changed.values():
            if isinstance(each, Offering | Capacity):
                return each.site
        return None

    def read(self, ref: Ref[A]) -> A | None:
        """Return what is there besides, or None.

        Raises:
            MissingError: it was not loaded.
        """
        self.need([ref])
        found = self._loaded[ref]
        if found is not None and not isinstance(found, ref.kind):
            raise TypeError(f"{type(found).__name__} is no {ref.kind.__name__}")
        return found
