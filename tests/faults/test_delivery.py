"""The auditor finds what was lost, invented or disordered on the way, and what was miscounted."""

from dataclasses import replace

from services.chassis.consumer.plan import Watermark
from tests.faults.audit import audit
from tests.faults.audit.delivery import redelivered
from tests.faults.build import district, faults
from tests.faults.load import longest_pause
from tests.faults.seen import Fault, ReadModel, Record


def test_an_event_that_never_reached_its_topic_is_lost() -> None:
    seen = district()
    found = faults(replace(seen, records=seen.records[:-1]))
    assert found == [(Fault.LOST, "an event is not in its topic", seen.rows[-1].envelope.id)]


def test_an_event_that_waits_for_the_relay_at_rest_is_lost() -> None:
    seen = district()
    rows = [replace(seen.rows[0], published=False), *seen.rows[1:]]
    expected = (Fault.LOST, "an event is still not published at rest", "referrals-1")
    assert expected in faults(replace(seen, rows=rows))


def test_a_record_that_no_log_has_committed_is_found() -> None:
    seen = district()
    ghost = Record("referrals", 0, 999, "ghost", "ref-9", 1)
    found = faults(replace(seen, records=[*seen.records, ghost]))
    assert (Fault.DUPLICATED, "a topic holds what no log has committed", "ghost") in found


def test_a_gap_and_a_repeat_in_a_log_are_found() -> None:
    seen = district()
    gap = faults(replace(seen, rows=[seen.rows[0], *seen.rows[2:]]))
    assert (Fault.LOST, "an event log has a gap", "referrals ref-1") in gap
    twice = faults(replace(seen, rows=[*seen.rows, seen.rows[0]]))
    assert (
        Fault.DUPLICATED,
        "a sequence is used twice in an event log",
        "referrals ref-1",
    ) in twice


def test_a_first_publication_out_of_order_is_found_and_a_late_copy_is_not() -> None:
    seen = district()
    first, second = [record for record in seen.records if record.topic == "referrals"][:2]
    others = [record for record in seen.records if record not in (first, second)]
    swapped = [
        replace(first, offset=second.offset),
        replace(second, offset=first.offset),
        *others,
    ]
    what = "an event was published before the one that it follows"
    assert (Fault.OUT_OF_ORDER, what, "ref-1") in faults(replace(seen, records=swapped))

    late = replace(seen, records=[*seen.records, replace(first, offset=1_000)])
    assert audit(late) == []
    assert redelivered(late) == 1


def test_a_key_on_two_partitions_is_out_of_order() -> None:
    seen = district()
    moved = [replace(seen.records[0], partition=7), *seen.records[1:]]
    what = (Fault.OUT_OF_ORDER, "a key is on two partitions", "ref-1")
    assert what in faults(replace(seen, records=moved))


def test_a_reader_that_is_behind_ahead_or_parked_is_found() -> None:
    seen = district()
    group = seen.readers[0]
    place = ("referrals", "ref-1")

    def after(**changes: object) -> list[tuple[Fault, str, str]]:
        return faults(replace(seen, readers=[replace(group, **changes)]))  # type: ignore[arg-type] # fields by name

    behind = after(watermarks={**group.watermarks, place: Watermark(2)})
    assert behind == [(Fault.LOST, "reporting/all has not applied all", "referrals ref-1")]
    ahead = after(watermarks={**group.watermarks, place: Watermark(99)})
    assert ahead == [(Fault.DUPLICATED, "reporting/all is ahead of the log", "referrals ref-1")]
    parked = after(parked={place: "gap: expected 2, got 3"})
    assert parked == [(Fault.LOST, "reporting/all has parked a key", "referrals ref-1")]


def test_read_models_that_differ_from_their_rebuild_are_found() -> None:
    right = {"ref-1": {"a": 1}}

    def found(model: ReadModel) -> list[tuple[Fault, str, str]]:
        return faults(district(read_models=[model]))

    lacking = found(ReadModel("facts", {}, right, {}, {}))
    assert lacking == [(Fault.LOST, "facts lacks a document", "ref-1")]
    invented = found(ReadModel("facts", right, {}, {}, {}))
    assert invented == [(Fault.DUPLICATED, "facts has a document that no event made", "ref-1")]
    changed = found(ReadModel("facts", {"ref-1": {"a": 2}}, right, {}, {}))
    assert changed == [(Fault.LOST, "facts differs from its rebuild", "ref-1")]
    little = found(ReadModel("facts", right, right, {"n": 1}, {"n": 2}))
    assert little == [(Fault.LOST, "facts counts too little", "n")]
    much = found(ReadModel("facts", right, right, {"n": 3}, {"n": 2}))
    assert much == [(Fault.DUPLICATED, "facts counts too much", "n")]


def test_a_pause_counts_the_time_before_the_first_and_after_the_last() -> None:
    assert longest_pause([], 10.0, 25.0) == 15.0
    assert longest_pause([12.0, 13.0, 21.0, 99.0], 10.0, 25.0) == 8.0
