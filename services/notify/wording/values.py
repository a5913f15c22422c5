"""The values that words may name: of which kind each is, and which field of the cause gives it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from contracts.agencies import PaperKind
from contracts.code import Code
from contracts.codes import BatchResult
from contracts.event import Event


class Kind(StrEnum):
    """What a value is, and so what words may do with it."""

    TEXT = auto()
    MAYBE = auto()
    """A text that can be empty: only within `{% if … %}`."""
    FLAG = auto()
    """Only asked for, never shown."""
    COUNT = auto()
    """Shown; compared; asked whether it is one, as the language counts."""
    DATE = auto()
    TIME = auto()
    CHOICE = auto()
    """Only compared with one of its codes."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value.

    Attributes:
        kind: see `Kind`.
        fields: names of the event's field that gives it; empty where notify itself does.
        codes: of a choice.
    """

    kind: Kind
    fields: tuple[str, ...] = ()
    codes: type[Code] | None = None


ALWAYS = MappingProxyType(
    {
        "name": Value(Kind.TEXT),
        "school": Value(Kind.TEXT),
        "phone": Value(Kind.MAYBE),
    }
)
"""What every message has: who reads it, the school that speaks, its telephone."""

VALUES = MappingProxyType(
    {
        "link": Value(Kind.TEXT),
        "links": Value(Kind.TEXT),
        "number": Value(Kind.MAYBE),
        "several": Value(Kind.FLAG),
        "code": Value(Kind.TEXT),
        "minutes": Value(Kind.COUNT),
        "answer_by": Value(Kind.DATE, ("answer_by", "due_on", "until", "by")),
        "day": Value(Kind.DATE, ("appointment",)),
        "hour": Value(Kind.TIME, ("appointment",)),
        "families": Value(Kind.COUNT, ("count", "asked")),
        "taken": Value(Kind.COUNT, ("taken",)),
        "left": Value(Kind.COUNT, ("left",)),
        "result": Value(Kind.CHOICE, ("result",), BatchResult),
        "paper": Value(Kind.CHOICE, ("paper",), PaperKind),
        "updates": Value(Kind.COUNT),
        "choices": Value(Kind.TEXT),
        "said_by": Value(Kind.TEXT),
        "said": Value(Kind.TEXT),
    }
)
"""What a message has because of its cause; `values` of the front matter names them."""

_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.COUNT: (int,),
    Kind.DATE: (date, datetime),
    Kind.TIME: (datetime,),
    Kind.TEXT: (str,),
    Kind.MAYBE: (str,),
    Kind.FLAG: (bool,),
}


def misfit(name: str, event: type[Event]) -> str | None:
    """Return why an event does not give a value; None where it does, or need not."""
    value = VALUES[name]
    if not value.fields:
        return None
    fields = {each: event.model_fields[each] for each in value.fields if each in event.model_fields}
    wanted = (value.codes,) if value.codes else _TYPES[value.kind]
    for field in fields.values():
        if any(issubclass(each, wanted) for each in _classes(field.annotation)):
            return None
    if fields:
        return f"{event.TYPE} gives no {value.kind} for '{name}' in {', '.join(fields)}"
    return f"{event.TYPE} has no field that gives '{name}'"


def _classes(annotation: Any) -> list[type]:
    """Return the classes of an annotation: of a union each, of an annotated type itself."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return [each for part in get_args(annotation) for each in _classes(part)]
    if origin is Annotated:
        return _classes(get_args(annotation)[0])
    name = getattr(annotation, "__name__", "")
    if name == "AwareDatetime":
        return [datetime]
    return [annotation] if isinstance(annotation, type) else []
