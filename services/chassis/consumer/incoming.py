"""A record as it came, read as far as it can be read. Reading never raises."""

from typing import NamedTuple

from aiokafka import ConsumerRecord

from contracts.cloudevents import Envelope, UnreadableEventError, decode, read
from contracts.event import Event
from contracts.provider import ProviderIds


class Incoming(NamedTuple):
    """One record of a partition; a tuple for its speed, as its envelope. Prints no content.

    Attributes:
        topic: full name, with the cell's prefix.
        key: the record key as text; a record without a readable key gets one of its own, so that it
            stops nobody else.
        envelope: None where the headers are not ours.
        event: None where the type is unknown or the record unreadable.
        cause: why it is unreadable, as a slug and detail; None for a good one or an unknown type.
        headers: raw, for parking.
        value: raw, for parking.
    """

    topic: str
    partition: int
    offset: int
    key: str
    envelope: Envelope | None
    event: Event | None
    cause: str | None
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes | None
    raw_key: bytes | None

    def __repr__(self) -> str:
        """Return where it stands and why it is unreadable, never what it says."""
        place = f"{self.topic}/{self.partition}@{self.offset}"
        return f"Incoming({place}, key={self.key!r}, cause={self.cause!r})"

    @property
    def sequence(self) -> int | None:
        """The key's sequence, where the envelope could be read."""
        return self.envelope.sequence if self.envelope else None


def incoming(record: "ConsumerRecord[bytes, bytes]", ids: ProviderIds | None = None) -> Incoming:
    """Read a Kafka record."""
    return read_parts(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        raw_key=record.key,
        headers=tuple(record.headers),
        value=record.value,
        ids=ids,
    )


def read_parts(
    *,
    topic: str,
    partition: int,
    offset: int,
    raw_key: bytes | None,
    headers: tuple[tuple[str, bytes | None], ...],
    value: bytes | None,
    ids: ProviderIds | None = None,
) -> Incoming:
    """Read a record from its parts; also those of a parked one, after a fix."""
    key = ""
    envelope: Envelope | None = None
    event: Event | None = None
    cause: str | None = None
    try:
        if raw_key is None:
            raise UnreadableEventError("no-key", "the record has no key")
        key = _text(raw_key)
        envelope = decode(headers)
        if envelope.key != key:
            raise UnreadableEventError("key-mismatch", "ce_subject is not the record key")
        event = read(envelope, value, ids)
        if event is not None and event.key != key:
            raise UnreadableEventError("key-mismatch", "the body belongs to another key")
        if event is not None and event.TOPIC.name != topic.rpartition(".")[2]:
            raise UnreadableEventError("wrong-topic", f"this type belongs to {event.TOPIC.name}")
    except UnreadableEventError as error:
        event, cause = None, str(error)
        key = key or f"unreadable-key-{partition}-{offset}"
    return Incoming(topic, partition, offset, key, envelope, event, cause, headers, value, raw_key)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableEventError("key-not-utf8", "the record key is not UTF-8") from None
