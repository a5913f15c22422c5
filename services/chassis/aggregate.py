"""Aggregates: things that change as a whole, and what a decision about them asks for. Pure.

A service's model builds on this alone; `services.chassis.store` keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from contracts.event import Event

A = TypeVar("A", bound="Aggregate")
R = TypeVar("R")
Document = dict[str, Any]


class Aggregate(BaseModel):
    """A thing that changes as a whole.

    Attributes:
        id: opaque.
        version: how often it was saved; 0 means not yet. The HTTP ETag.
        STAMPED: whether the store writes `changed_at`, the writer's own time, beside each version:
            for those who keep a copy in memory and ask what has changed lately.
        HOT: whether many want to change the same one at once, as the seats of a service: those in
            one process then take turns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    COLLECTION: ClassVar[str]
    STAMPED: ClassVar[bool] = False
    HOT: ClassVar[bool] = False

    id: str
    version: int = 0

    def having(self, **changes: Any) -> Self:
        """Return a copy with these fields changed, as checked as the original."""
        return type(self).model_validate({**self.__dict__, **changes})

    def to_document(self) -> Document:
        """Return the BSON form; `_id` is the id."""
        document: Document = plain(self.model_dump(mode="python"))
        document["_id"] = document.pop("id")
        return document

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Read the BSON form; fields of a later release are left aside."""
        known = {name: value for name, value in document.items() if name in cls.model_fields}
        return cls.model_validate({**known, "id": document["_id"]})


@dataclass(frozen=True, slots=True)
class Ref(Generic[A]):
    """Names one aggregate."""

    kind: type[A]
    id: str


class Found:
    """What `update` loaded."""

    def __init__(self, aggregates: dict[Ref[Any], Aggregate]) -> None:
        self._aggregates = aggregates

    def get(self, ref: Ref[A]) -> A | None:
        """Return the aggregate, or None where there is none yet."""
        found = self._aggregates.get(ref)
        return found if found is None else as_kind(ref.kind, found)


def as_kind(kind: type[A], found: Aggregate) -> A:
    """Return an aggregate as what it was loaded as.

    Raises:
        TypeError: it is something else: a mistake of the code.
    """
    if not isinstance(found, kind):
        raise TypeError(f"{type(found).__name__} is no {kind.__name__}")
    return found


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """What a decision wants done.

    Attributes:
        result: what the caller gets back.
        save: aggregates in their new state, with the version that was loaded.
        events: what happened, in order.
        site: the school it happened at; None for what belongs to no one school.
    """

    result: R
    save: Sequence[Aggregate] = ()
    events: Sequence[Event] = ()
    site: str | None = None


_AS_THEY_ARE = frozenset({str, int, float, bool, NoneType, datetime, bytes})
"""Nearly all values are of these; looked at first, because a document has hundreds."""


def plain(value: Any) -> Any:
    """Turn a model's Python dump into what BSON holds: codes as text, dates as ISO text."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value
