"""CloudEvents 1.0 in Kafka binary mode (CloudEvents Kafka protocol binding 1.0.2, section 3.2).

Attributes are headers `ce_*`, `content-type` is its own header, and the value is the data alone.
Extensions: `sequence` (1, 2, 3 … per topic and key), `site` and `traceparent`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError

from contracts.event import Event
from contracts.provider import ProviderIds, use
from contracts.registry import event_class

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
SCHEMA_BASE = "https://enlace.org/schemas/"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""RFC 3339; Python alone also reads week dates, commas and seconds in zones."""

_SEQUENCE = re.compile(r"[1-9]\d{0,17}", re.ASCII)
"""Fits the 64 bits that a database holds; `int` alone also takes `1_000` and other scripts."""

Headers = Sequence[tuple[str, bytes]]


class UnreadableEventError(ValueError):
    """A record that is no event of ours: `cause` is a stable slug, the text says why."""

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail


class Envelope(NamedTuple):
    """What travels with an event.

    A tuple, because one is made for every record: a frozen dataclass takes three times as long.

    Attributes:
        id: UUIDv7; the same for every delivery of one event.
        source: `enlace/<service>`.
        type: the registered type name.
        key: the Kafka key, and the CloudEvents subject.
        time: when it happened, by the product's clock, with zone.
        sequence: 1, 2, 3 … without a gap per (topic, key).
        site: the school, or None where the event belongs to no one school.
        traceparent: W3C trace context of the change, or None.
    """

    id: str
    source: str
    type: str
    key: str
    time: datetime
    sequence: int
    site: str | None = None
    traceparent: str | None = None


def encode(envelope: Envelope) -> list[tuple[str, bytes]]:
    """Return the record's headers, in a fixed order."""
    return encode_parts(**{**envelope._asdict(), "time": envelope.time.isoformat()})


def encode_parts(
    *,
    id: str,
    source: str,
    type: str,
    key: str,
    time: str,
    sequence: int,
    site: str | None,
    traceparent: str | None,
) -> list[tuple[str, bytes]]:
    """Return the headers of what would make an `Envelope`; `time` is RFC 3339, with its zone.

    For the relay's rows: to make objects of them first costs as much as the headers.
    """
    kind, origin, schema = _of_kind(type, source)
    headers = [
        _SPEC_VERSION,
        ("ce_id", id.encode()),
        origin,
        kind,
        ("ce_subject", key.encode()),
        ("ce_time", time.encode()),
        schema,
        ("ce_sequence", b"%d" % sequence),
    ]
    if site is not None:
        headers.append(("ce_site", site.encode()))
    if traceparent is not None:
        headers.append(("ce_traceparent", traceparent.encode()))
    headers.append(_CONTENT_TYPE)
    return headers


_SPEC_VERSION = ("ce_specversion", SPEC_VERSION.encode())
_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())

Header = tuple[str, bytes]


@lru_cache(maxsize=1_000)
def _of_kind(type: str, source: str) -> tuple[Header, Header, Header]:
    """Return the headers that all events of a type share; there are few types and many events."""
    return (
        ("ce_type", type.encode()),
        ("ce_source", source.encode()),
        ("ce_dataschema", f"{SCHEMA_BASE}{type}.json".encode()),
    )


_REQUIRED = ("ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence")
_OURS = frozenset((*_REQUIRED, "ce_specversion", "ce_dataschema", "ce_site", "ce_traceparent"))


def decode(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """Read the envelope from a record's headers.

    Headers that are not CloudEvents' own are left alone: a proxy may add binary ones. Of a header
    that stands twice the last one counts, as in Kafka's own clients.

    Raises:
        UnreadableEventError: a required attribute is missing, not UTF-8 or of the wrong form.
    """
    found: dict[str, str] = {}
    name = ""
    try:
        for name, value in headers:
            if name in _OURS:
                if value is not None:
                    found[name] = value.decode()
            elif value is not None and (attribute := name.lower()).startswith("ce_"):
                found[attribute] = value.decode()
    except UnicodeDecodeError:
        raise UnreadableEventError("header-not-utf8", f"header {name[:64]!a}") from None
    for required in _REQUIRED:
        if not found.get(required):
            raise UnreadableEventError("header-missing", required)
    if found.get("ce_specversion") != SPEC_VERSION:
        raise UnreadableEventError("specversion", "only CloudEvents 1.0 is read here")
    if not _SEQUENCE.fullmatch(found["ce_sequence"]):
        raise UnreadableEventError("header-malformed", "ce_sequence is not 1, 2, 3 …")
    return Envelope(
        id=found["ce_id"],
        source=found["ce_source"],
        type=found["ce_type"],
        key=found["ce_subject"],
        time=_read_time(found["ce_time"]),
        sequence=int(found["ce_sequence"]),
        site=found.get("ce_site") or None,
        traceparent=found.get("ce_traceparent") or None,
    )


def _read_time(text: str) -> datetime:
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        time = datetime.fromisoformat(text)
        if not MINYEAR < time.year < MAXYEAR:
            time.astimezone(UTC)  # the first hours of year 1 have no time in UTC
    except (ValueError, OverflowError):
        raise UnreadableEventError("header-malformed", "ce_time is no RFC 3339 time") from None
    return time


def write(event: Event, ids: ProviderIds | None = None) -> bytes:
    """Return an event's value; without `ids` the ids of who helps stand in it in clear."""
    context = None if ids is None else use(ids, event.key)
    return event.model_dump_json(exclude_none=True, context=context).encode()


def read(envelope: Envelope, value: bytes | None, ids: ProviderIds | None = None) -> Event | None:
    """Return the event in its newest form, or None where this release does not know its type.

    `ids` opens the ids of who helps; without it an event that holds sealed ones is unreadable.

    Raises:
        UnreadableEventError: the type is known and the value is not one of its kind.
    """
    kind = event_class(envelope.type)
    if kind is None:
        return None
    if value is None:
        raise UnreadableEventError("no-value", f"{envelope.type} has no value")
    try:
        event: Event = kind.model_validate_json(
            value, context=None if ids is None else use(ids, envelope.key)
        )
    except ValidationError as error:
        # Only the places and kinds: pydantic's own text could hold what was sent.
        places = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'value'} {fault['type']}"
            for fault in error.errors(include_input=False, include_url=False)[:5]
        )
        raise UnreadableEventError("body-invalid", places) from None
    while (newer := event.upcast()) is not event:
        event = newer
    return event
