"""Reading a record never raises, and what cannot be read says why."""

import pytest

from contracts import cloudevents
from services.chassis.consumer.incoming import Incoming, read_parts
from tests.chassis.build import completed, envelope

GOOD = tuple(cloudevents.encode(envelope(completed("a"), 1)))
VALUE = completed("a").model_dump_json().encode()


def read(
    raw_key: bytes | None = b"a",
    headers: tuple[tuple[str, bytes], ...] = GOOD,
    value: bytes | None = VALUE,
    topic: str = "t.referrals",
) -> Incoming:
    return read_parts(
        topic=topic, partition=3, offset=7, raw_key=raw_key, headers=headers, value=value
    )


def changed(name: str, value: bytes | None) -> tuple[tuple[str, bytes], ...]:
    kept = [(each, old) for each, old in GOOD if each != name]
    return tuple(kept if value is None else [*kept, (name, value)])


def test_a_good_record_is_read() -> None:
    record = read()
    assert (record.event, record.cause, record.key) == (completed("a"), None, "a")


CAUSES = {
    "no key": (read(raw_key=None), "no-key"),
    "a key that is not UTF-8": (read(raw_key=b"\xff"), "key-not-utf8"),
    "another key than the subject": (read(raw_key=b"b"), "key-mismatch"),
    "no headers": (read(headers=()), "header-missing"),
    "a header that is not UTF-8": (read(headers=changed("ce_type", b"\xff")), "header-not-utf8"),
    "no id": (read(headers=changed("ce_id", None)), "header-missing"),
    "sequence 0": (read(headers=changed("ce_sequence", b"0")), "header-malformed"),
    "sequence many": (read(headers=changed("ce_sequence", b"many")), "header-malformed"),
    "no time": (read(headers=changed("ce_time", b"yesterday")), "header-malformed"),
    "an old standard": (read(headers=changed("ce_specversion", b"0.3")), "specversion"),
    "no value": (read(value=None), "no-value"),
    "an empty value": (read(value=b""), "body-invalid"),
    "half of JSON": (read(value=b"[1, 2"), "body-invalid"),
    "no text": (read(value=b"\xff\xfe"), "body-invalid"),
    "another key in the body": (
        read(value=completed("b").model_dump_json().encode()),
        "key-mismatch",
    ),
    "a type of another topic": (read(topic="t.follow-ups"), "wrong-topic"),
    "JSON without a bottom": (read(value=b"[" * 100_000), "body-invalid"),
}


@pytest.mark.parametrize("what", CAUSES)
def test_what_cannot_be_read_says_why(what: str) -> None:
    record, cause = CAUSES[what]
    assert record.event is None
    assert (record.cause or "").startswith(cause)


def test_records_without_a_readable_key_stop_nobody_but_themselves() -> None:
    first = read(raw_key=None)
    second = read_parts(
        topic="t.referrals", partition=3, offset=8, raw_key=None, headers=GOOD, value=VALUE
    )
    assert first.key != second.key


def test_a_cause_never_repeats_what_was_sent() -> None:
    record = read(value=b'{"referral": ["Ana Maria Quintanilla"], "claim": "Ana Maria"}')
    assert "Ana" not in (record.cause or "")


def test_a_newer_release_s_type_is_no_fault() -> None:
    record = read(headers=changed("ce_type", b"org.enlace.referral.new.v3"), value=b"\xff")
    assert (record.event, record.cause) == (None, None)
