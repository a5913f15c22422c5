"""What an audit looks at: what clients were told, and what every store and topic holds. Plain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.consumer.plan import Watermark

E = TypeVar("E", bound=Event)
Document = Mapping[str, Any]


class Fault(StrEnum):
    """In which way something is wrong."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        what: the rule that is broken, the same words for every case of it.
        id: of what it concerns: a referral, an offer, an event, a key.
        detail: what was expected and what is there.
    """

    fault: Fault
    what: str
    id: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.fault.value}: {self.what}: {self.id}" + (
            f" ({self.detail})" if self.detail else ""
        )


class Said(StrEnum):
    """What a 2xx answer has told a client to be done."""

    CREATED = "created"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    CLAIMED = "claimed"
    DECLINED = "declined"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Told:
    """One answer that promised something.

    Attributes:
        at: seconds on the load's monotonic clock.
        offer: of an agency's answer, else empty.
        progress: of a report, else empty.
    """

    at: float
    said: Said
    referral: str
    offer: str = ""
    progress: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a service's event log."""

    service: str
    topic: str
    envelope: Envelope
    event: Event
    published: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic, by its name without prefix."""

    topic: str
    partition: int
    offset: int
    id: str
    key: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Reader:
    """One consumer group: what it reads, how far it is with every key, and which keys stopped."""

    service: str
    group: str
    topics: tuple[str, ...]
    watermarks: Mapping[tuple[str, str], Watermark]
    parked: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A text on a phone or a mail in a mailbox; `message` is notify's id, where it is told."""

    channel: str
    to: str
    message: str | None
    body: str


@dataclass(frozen=True, slots=True)
class ReadModel:
    """One read model as it is kept, and as the pure code makes it from the log."""

    name: str
    kept: Mapping[str, Document]
    folded: Mapping[str, Document]
    counted: Mapping[str, int]
    recounted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything, as of one moment at rest.

    Attributes:
        referrals: state by referral id, from referral's own database.
        services: which services ran; rules about others are not asked.
    """

    told: Sequence[Told]
    rows: Sequence[Row]
    records: Sequence[Record]
    readers: Sequence[Reader] = ()
    referrals: Mapping[str, str] = field(default_factory=dict)
    delivered: Sequence[Delivered] = ()
    read_models: Sequence[ReadModel] = ()
    services: frozenset[str] = frozenset({"referral", "partner", "notify", "reporting"})

    def of(self, kind: type[E]) -> list[tuple[Row, E]]:
        """Return the log's events of one class, oldest first in each key."""
        return [(row, row.event) for row in self.rows if isinstance(row.event, kind)]

    def by_referral(self, kind: type[E]) -> dict[str, list[E]]:
        """Return the log's events of one class by their field `referral`."""
        found: dict[str, list[E]] = defaultdict(list)
        for _, event in self.of(kind):
            found[str(getattr(event, "referral", ""))].append(event)
        return found


def lost(what: str, id: str, detail: str = "") -> Finding:
    """Something that was promised is not there."""
    return Finding(Fault.LOST, what, id, detail)


def duplicated(what: str, id: str, detail: str = "") -> Finding:
    """Something happened more often than it should."""
    return Finding(Fault.DUPLICATED, what, id, detail)


def out_of_order(what: str, id: str, detail: str = "") -> Finding:
    """Something came before what it follows."""
    return Finding(Fault.OUT_OF_ORDER, what, id, detail)


def grouped(pairs: Iterable[tuple[str, E]]) -> dict[str, list[E]]:
    """Return values by key, in the order given."""
    found: dict[str, list[E]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
