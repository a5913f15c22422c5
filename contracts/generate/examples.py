"""A complete example of every message, made from its class: the same at each run.

Every id is plainly invented, and the same thing has the same id in all examples, so that a reader
can follow one referral through the pages.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from contracts.cloudevents import Envelope, encode
from contracts.event import Event
from contracts.sealed import Sealed

HAPPENED = datetime(2027, 3, 9, 17, 30, tzinfo=UTC)
_LATER = datetime(2027, 3, 12, 23, 0, tzinfo=UTC)
_DAY = date(2027, 3, 23)

_VALUES: Mapping[str, Any] = {
    "age": "7-9",
    "as_of": HAPPENED,
    "en": "dentist",
    "es": "dentista",
    "part": "categories",
    "terms": "106-02",
    "available": 3,
    "code": "30003",
    "held": 1,
    "hour": 9,
    "language": "es",
    "last": False,
    "maximum": 12,
    "name": "Invented Dental Van",
    "nonce": "bm90LWEtcmVhbC1ub25jZQ",
    "priority": 2,
    "reason": "other",
    "retired": False,
    "round": 1,
    "until": date(2027, 6, 30),
    "used": 8,
    "version": 41,
    "waitlisted": 0,
    "zone": "America/Los_Angeles",
}
"""By the field's name, where the type alone would not make a good example."""

_ONE_OF = {"agencies": "agency", "sites": "site"}


def invented_id(name: str) -> str:
    """Return the id, in the form of a UUIDv7, that all examples use for one thing."""
    made_ms = int(HAPPENED.timestamp() * 1000)
    chance = int.from_bytes(hashlib.sha256(f"example {name}".encode()).digest()[:10], "big")
    number = (made_ms << 80) | chance
    number = number & ~(0xF << 76) | (7 << 76)  # version
    number = number & ~(0x3 << 62) | (0b10 << 62)  # variant
    return str(UUID(int=number))


def example(kind: type[Event]) -> Event:
    """Return an example of a message, every optional field filled."""
    return kind.model_validate(_filled(kind))


def example_headers(event: Event) -> dict[str, str]:
    """Return the headers of an example's record."""
    envelope = Envelope(
        id=invented_id(event.TYPE),
        source=f"enlace/{event.TOPIC.owner}",
        type=event.TYPE,
        key=event.key,
        time=HAPPENED,
        sequence=1,
        site=None if event.TOPIC.restricted else invented_id("site"),
        traceparent="00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    )
    return {name: value.decode() for name, value in encode(envelope)}


def _filled(kind: type[BaseModel]) -> dict[str, Any]:
    return {name: _value(name, field.annotation) for name, field in kind.model_fields.items()}


def _value(name: str, annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _value(name, get_args(annotation)[0])
    if origin is tuple:
        return (_value(_ONE_OF.get(name, name), get_args(annotation)[0]),)
    if origin in (Union, UnionType):
        return _value(name, next(a for a in get_args(annotation) if a is not type(None)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _filled(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Sealed):
        return base64.b64encode(b"an invented ciphertext, of no key").decode()
    return _plain(name, annotation)


def _plain(name: str, annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation))
    if name in _VALUES:
        return _VALUES[name]
    if annotation is str:
        return invented_id(name)
    return {int: 1, bool: True, date: _DAY}.get(annotation, _LATER)
