"""What to do with each record of a slice, given its key's watermark. Pure.

Contract, with the tests named after it in `docs/consumer.md`:
1. `sequence` at or below the watermark: already known, dropped.
2. Watermark + 1: applied, and the watermark moves.
3. Above that: a gap; the key is parked from here on.
4. A type that this release does not know: counted, and the watermark moves.
5. Unreadable, or refused for good by its handler: the key is parked from here on.
6. A parked key collects every later record, in order; duplicates are still dropped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from services.chassis.consumer.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a key was applied, and whether it is parked."""

    sequence: int = 0
    parked: bool = False


@dataclass(frozen=True, slots=True)
class Parking:
    """A record that is set aside, and why. `follows` marks one that only waits behind another."""

    record: Incoming
    cause: str
    follows: bool = False


class Verdict(Enum):
    """Why a record is neither applied nor parked."""

    DUPLICATE = "duplicate"
    UNKNOWN_TYPE = "unknown-type"


@dataclass(slots=True)
class Plan:
    """The outcome for a slice.

    Attributes:
        apply: records to hand to the handlers, in order.
        park: records to set aside, in order.
        passed_over: how many records were absorbed, by verdict.
        watermarks: what to write: the watermark of every key that moved or has an event set aside.
    """

    apply: list[Incoming] = field(default_factory=list)
    park: list[Parking] = field(default_factory=list)
    passed_over: dict[Verdict, int] = field(default_factory=dict)
    watermarks: dict[str, Watermark] = field(default_factory=dict)

    def pass_over(self, verdict: Verdict) -> None:
        """Count a record that needs nothing."""
        self.passed_over[verdict] = self.passed_over.get(verdict, 0) + 1


def plan(
    records: Iterable[Incoming],
    known: Mapping[str, Watermark],
    refused: Mapping[int, str] | None = None,
) -> Plan:
    """Decide for each record of one partition slice.

    Args:
        records: in offset order.
        known: watermarks by key; absent means nothing was applied yet.
        refused: causes by offset, of records that a handler has refused for good in an earlier try.
    """
    result = Plan()
    refused = refused or {}
    for record in records:
        mark = result.watermarks.get(record.key) or known.get(record.key) or Watermark()
        sequence = record.sequence
        if sequence is not None and sequence <= mark.sequence:
            result.pass_over(Verdict.DUPLICATE)
            continue
        if mark.parked:
            result.park.append(Parking(record, "waits behind a parked event of its key", True))
            result.watermarks[record.key] = mark
            continue
        cause = _cause_to_park(record, mark, refused)
        if cause is not None:
            result.park.append(Parking(record, cause))
            result.watermarks[record.key] = Watermark(mark.sequence, parked=True)
            continue
        if record.event is None:
            result.pass_over(Verdict.UNKNOWN_TYPE)
        else:
            result.apply.append(record)
        result.watermarks[record.key] = Watermark(mark.sequence + 1)
    return result


def _cause_to_park(record: Incoming, mark: Watermark, refused: Mapping[int, str]) -> str | None:
    """Return why the record's key must stop here, or None."""
    if record.cause is not None:
        return record.cause
    if record.sequence is None:
        return "no-sequence: the record has no ce_sequence"
    if record.sequence > mark.sequence + 1:
        return f"gap: expected {mark.sequence + 1}, got {record.sequence}"
    return refused.get(record.offset)
