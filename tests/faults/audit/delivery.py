"""From the event logs to the topics to the readers: nothing missing, invented or out of order."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.seen import Finding, Reader, Record, Row, Seen, duplicated, lost, out_of_order


def check_logs(seen: Seen) -> Iterator[Finding]:
    """Hold every log to its contract: published, and 1, 2, 3 … per (topic, key)."""
    streams: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in seen.rows:
        streams[row.topic, row.envelope.key].append(row)
        if not row.published:
            yield lost("an event is still not published at rest", row.envelope.id, _place(row))
    for (topic, key), rows in streams.items():
        sequences = sorted(row.envelope.sequence for row in rows)
        for before, after in pairwise([0, *sequences]):
            if after == before:
                yield duplicated("a sequence is used twice in an event log", f"{topic} {key}")
            elif after != before + 1:
                yield lost("an event log has a gap", f"{topic} {key}", f"{after} follows {before}")


def check_topics(seen: Seen) -> Iterator[Finding]:
    """Hold the topics to the logs: all that was committed, nothing else, first copies in order."""
    logged = {row.envelope.id: row for row in seen.rows}
    published = {record.id for record in seen.records}
    for identifier, row in logged.items():
        if row.published and identifier not in published:
            yield lost("an event is not in its topic", identifier, _place(row))
    for record in seen.records:
        if record.id not in logged:
            yield duplicated("a topic holds what no log has committed", record.id, _at(record))
    yield from _check_order(seen)


def _check_order(seen: Seen) -> Iterator[Finding]:
    """First publications of a key ascend one by one; copies that come later are allowed."""
    last: dict[tuple[str, str], Record] = {}
    for record in sorted(seen.records, key=lambda each: (each.topic, each.partition, each.offset)):
        key = (record.topic, record.key)
        before = last.get(key)
        if before is not None and before.partition != record.partition:
            yield out_of_order("a key is on two partitions", record.key, _at(record))
        expected = 1 if before is None else before.sequence + 1
        if record.sequence > expected:
            yield out_of_order(
                "an event was published before the one that it follows",
                record.key,
                f"{_at(record)} is {record.sequence}, expected {expected}",
            )
        if before is None or record.sequence > before.sequence:
            last[key] = record


def redelivered(seen: Seen) -> int:
    """Return how many records are copies of earlier ones, which readers have to drop."""
    return len(seen.records) - len({record.id for record in seen.records})


def check_readers(seen: Seen) -> Iterator[Finding]:
    """Hold every group to having applied every event of its topics, none of them set aside."""
    ends: dict[tuple[str, str], int] = defaultdict(int)
    for row in seen.rows:
        stream = (row.topic, row.envelope.key)
        ends[stream] = max(ends[stream], row.envelope.sequence)
    for reader in seen.readers:
        yield from _check_reader(reader, ends)


def _check_reader(reader: Reader, ends: dict[tuple[str, str], int]) -> Iterator[Finding]:
    name = f"{reader.service}/{reader.group}"
    for stream, cause in reader.parked.items():
        yield lost(f"{name} has parked a key", " ".join(stream), cause)
    for stream, end in ends.items():
        topic, key = stream
        if topic not in reader.topics or stream in reader.parked:
            continue
        mark = reader.watermarks.get(stream)
        applied = 0 if mark is None else mark.sequence
        if applied < end:
            yield lost(f"{name} has not applied all", f"{topic} {key}", f"{applied} of {end}")
        elif applied > end:
            yield duplicated(f"{name} is ahead of the log", f"{topic} {key}", f"{applied} of {end}")


def _place(row: Row) -> str:
    return f"{row.envelope.type} {row.envelope.sequence} of {row.envelope.key}"


def _at(record: Record) -> str:
    return f"{record.topic}/{record.partition} at {record.offset}"
