"""What happens to each record of a slice, given its key's watermark."""

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.plan import Plan, Verdict, Watermark, plan
from tests.chassis.build import incoming

UNKNOWN = "org.enlace.referral.invented-later.v9"


def applied(planned: Plan) -> list[tuple[str, int | None]]:
    return [(record.key, record.sequence) for record in planned.apply]


def parked(planned: Plan) -> list[tuple[str, int | None]]:
    return [(parking.record.key, parking.record.sequence) for parking in planned.park]


def test_what_is_at_or_below_the_watermark_is_dropped() -> None:
    records = [incoming("a", 3, offset=7), incoming("a", 4, offset=8)]
    planned = plan(records, {"a": Watermark(4)})
    assert applied(planned) == []
    assert planned.passed_over == {Verdict.DUPLICATE: 2}
    assert planned.watermarks == {}


def test_the_next_one_is_applied_and_moves_the_watermark() -> None:
    planned = plan([incoming("a", 5), incoming("a", 6), incoming("b", 1)], {"a": Watermark(4)})
    assert applied(planned) == [("a", 5), ("a", 6), ("b", 1)]
    assert planned.watermarks == {"a": Watermark(6), "b": Watermark(1)}


def test_a_gap_parks_the_key_from_there_on_and_no_other() -> None:
    planned = plan([incoming("a", 1), incoming("a", 3), incoming("b", 1)], {})
    assert applied(planned) == [("a", 1), ("b", 1)]
    assert parked(planned) == [("a", 3)]
    assert planned.park[0].cause == "gap: expected 2, got 3"
    assert planned.watermarks["a"] == Watermark(1, parked=True)


def test_a_type_that_is_not_known_is_counted_and_moves_the_watermark() -> None:
    planned = plan([incoming("a", 1, type=UNKNOWN, value=b"\xff"), incoming("a", 2)], {})
    assert applied(planned) == [("a", 2)]
    assert planned.passed_over == {Verdict.UNKNOWN_TYPE: 1}
    assert planned.watermarks == {"a": Watermark(2)}


def test_an_unreadable_event_parks_its_key() -> None:
    planned = plan([incoming("a", 1, value=b"{}"), incoming("a", 2)], {})
    assert applied(planned) == []
    assert planned.park[0].cause.startswith("body-invalid: ")
    assert planned.watermarks["a"] == Watermark(0, parked=True)


def test_an_event_that_its_handler_has_refused_parks_its_key() -> None:
    records = [incoming("a", 1, offset=10), incoming("a", 2, offset=11)]
    planned = plan(records, {}, {10: "ValueError at handlers.py:7"})
    assert [parking.cause for parking in planned.park] == [
        "ValueError at handlers.py:7",
        "waits behind a parked event of its key",
    ]


def test_a_parked_key_collects_what_follows_and_still_drops_duplicates() -> None:
    records = [incoming("a", 2), incoming("a", 5), incoming("a", 4, offset=9)]
    planned = plan(records, {"a": Watermark(2, parked=True)})
    assert parked(planned) == [("a", 5), ("a", 4)]
    assert all(parking.follows for parking in planned.park)
    assert planned.passed_over == {Verdict.DUPLICATE: 1}
    # Written though it did not move: a retry under way must see that something was added.
    assert planned.watermarks == {"a": Watermark(2, parked=True)}


KEYS = st.sampled_from(["a", "b", "c"])
DELIVERIES = st.lists(
    st.tuples(KEYS, st.integers(1, 9), st.sampled_from(["good", "good", "bad", "unknown"])),
    max_size=40,
)


def record(key: str, sequence: int, sort: str, offset: int) -> Incoming:
    if sort == "bad":
        return incoming(key, sequence, offset=offset, value=b"not JSON")
    if sort == "unknown":
        return incoming(key, sequence, offset=offset, type=UNKNOWN)
    return incoming(key, sequence, offset=offset)


@given(deliveries=DELIVERIES, cut=st.integers(0, 40))
def test_whatever_is_delivered_each_key_is_applied_once_in_order_and_nothing_is_lost(
    deliveries: list[tuple[str, int, str]], cut: int
) -> None:
    records = [record(*one, offset) for offset, one in enumerate(deliveries)]
    # Two slices must come to the same as one.
    first = plan(records[:cut], {})
    second = plan(records[cut:], first.watermarks)
    whole = plan(records, {})
    assert applied(first) + applied(second) == applied(whole)
    assert parked(first) + parked(second) == parked(whole)

    for key in {record.key for record in records}:
        sequences = [record.sequence or 0 for record in whole.apply if record.key == key]
        assert sequences == sorted(set(sequences))
    counted = len(whole.apply) + len(whole.park) + sum(whole.passed_over.values())
    assert counted == len(records)


@given(deliveries=DELIVERIES)
def test_delivering_everything_again_changes_nothing_but_what_is_parked(
    deliveries: list[tuple[str, int, str]],
) -> None:
    records = [record(*one, offset) for offset, one in enumerate(deliveries)]
    once = plan(records, {})
    again = plan(records, once.watermarks)
    assert again.apply == []
    assert {parking.record.key for parking in again.park} <= {
        parking.record.key for parking in once.park
    }
