"""Seats: never below zero, never twice, and no report erases what was held since."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.codes import CapacityStatus, CapacityUnit
from services.chassis.errors import EnlaceError
from services.partner.model.capacity import Capacity
from services.partner.model.waitlist import Waiting, WaitlistPolicy
from tests.partner.build import NOW, capacity


def saved(after: Capacity) -> Capacity:
    return after.having(version=after.version + 1)


def test_a_held_seat_is_no_longer_available() -> None:
    after = capacity(2).reserve("c1", NOW)
    assert (after.available, len(after.holds), after.event().held) == (1, 1, 1)


def test_no_seat_is_held_where_none_is_free() -> None:
    full = saved(capacity(1).reserve("c1", NOW))
    with pytest.raises(EnlaceError, match="no-seat"):
        full.reserve("c2", NOW)


def test_the_same_claim_holds_one_seat_however_often_it_asks() -> None:
    once = saved(capacity(2).reserve("c1", NOW))
    assert once.reserve("c1", NOW) == once


def test_a_confirmed_claim_stays_taken() -> None:
    after = saved(capacity(2).reserve("c1", NOW)).confirm("c1")
    assert (after.available, len(after.holds), len(after.used)) == (1, 0, 1)


def test_a_release_counts_once_per_claim() -> None:
    held = saved(saved(capacity(2).reserve("c1", NOW)).reserve("c2", NOW))
    once = saved(held.release("c1"))
    assert once.available == 1
    assert once.release("c1") == once
    assert once.release("never-made") == once


def test_a_report_does_not_erase_holds_made_since_it_was_seen() -> None:
    # The agency sees version 7: five free. Two claims come in, then its report of four arrives.
    seen = capacity(5, version=7)
    now = saved(saved(seen.reserve("c1", NOW)).reserve("c2", NOW))
    assert now.version == 9
    assert now.report(available=4, seen=7, now=NOW).available == 2


def test_a_report_does_not_lose_seats_freed_since_it_was_seen() -> None:
    held = saved(capacity(2).reserve("c1", NOW))
    freed = saved(held.release("c1"))
    assert freed.report(available=1, seen=held.version, now=NOW).available == 2


def test_a_report_below_the_holds_made_since_leaves_none_and_frees_none_it_lacks() -> None:
    seen = capacity(3)
    now = saved(saved(seen.reserve("c1", NOW)).reserve("c2", NOW))
    told = saved(now.report(available=1, seen=1, now=NOW))
    assert told.available == 0
    assert len(told.holds) == 2
    assert told.release("c1").available == 0


def test_a_report_that_did_not_see_the_last_report_is_told_to_read_again() -> None:
    told = saved(capacity(3).report(available=2, seen=1, now=NOW))
    for seen in (0, 1):
        with pytest.raises(EnlaceError, match="stale-version"):
            told.report(available=3, seen=seen, now=NOW)


def test_a_version_that_never_was_is_refused() -> None:
    with pytest.raises(EnlaceError, match="stale-version"):
        capacity(3).report(available=3, seen=2, now=NOW)


def test_more_free_seats_than_the_stated_total_leaves_are_refused() -> None:
    used = saved(saved(capacity(2).reserve("c1", NOW)).confirm("c1"))
    with pytest.raises(EnlaceError, match="more-than-maximum"):
        used.report(available=2, maximum=2, seen=used.version, now=NOW)


def test_without_a_total_it_grows_to_what_the_figure_needs() -> None:
    used = saved(saved(capacity(2).reserve("c1", NOW)).confirm("c1"))
    told = used.report(available=4, seen=used.version, now=NOW)
    assert (told.available, told.maximum) == (4, 5)


def test_only_a_report_makes_the_figure_fresher() -> None:
    later = NOW + timedelta(days=3)
    held = saved(capacity(2).reserve("c1", later))
    assert held.as_of == NOW
    assert held.report(available=1, seen=held.version, now=later).as_of == later


@pytest.mark.parametrize(
    ("unit", "available"),
    [
        (CapacityUnit.SEATS, 2),
        (CapacityUnit.ONE_TIME, 1),
        (CapacityUnit.APPOINTMENTS_PER_WEEK, 1),
    ],
)
def test_a_seat_is_free_when_help_ends_and_a_single_thing_is_spent(
    unit: CapacityUnit, available: int
) -> None:
    held = saved(capacity(2, unit=unit).reserve("c1", NOW))
    done = saved(saved(held.confirm("c1")).finish("c1"))
    assert done.available == available
    assert done.finish("c1") == done
    assert done.release("c1") == done


def test_a_new_week_starts_with_its_own_appointments() -> None:
    week = capacity(2, unit=CapacityUnit.APPOINTMENTS_PER_WEEK)
    used = saved(saved(week.reserve("c1", NOW)).confirm("c1"))
    told = used.report(available=2, maximum=2, seen=used.version, now=NOW)
    assert (told.available, told.maximum) == (2, 2)


def test_who_takes_nobody_gives_no_seat() -> None:
    closed = capacity(2, stated=CapacityStatus.NO_CAPACITY)
    assert closed.status is CapacityStatus.NO_CAPACITY
    with pytest.raises(EnlaceError, match="no-seat"):
        closed.reserve("c1", NOW)


def test_urgent_ones_wait_less_and_equals_by_the_hour() -> None:
    first = Waiting(referral="r1", offer="o1", priority=3, since=NOW)
    longer = Waiting(referral="r2", offer="o2", priority=3, since=NOW - timedelta(hours=1))
    urgent = Waiting(referral="r3", offer="o3", priority=1, since=NOW)
    full = capacity(0).wait(first).wait(longer)
    policy = WaitlistPolicy.URGENCY
    assert full.line(policy) == (longer, first)
    assert full.wait(urgent).line(policy) == (urgent, longer, first)
    assert full.status is CapacityStatus.WAITLIST


class Seats(RuleBasedStateMachine):
    """Claims and reports in any order, beside a count kept by hand.

    `truth` is how many seats the agency really has free for claims not yet made: reports are made
    from what an agency saw some versions ago, as people do who leave a page open.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seats = capacity(3)
        self.free = 3
        self.free_at: dict[int, int] = {1: 3}
        self.held: set[str] = set()
        self.made = 0
        self.reported = 1

    def _keep(self, after: Capacity, free: int) -> None:
        if after != self.seats:
            self.seats = saved(after)
        self.free = free
        self.free_at[self.seats.version] = free

    @rule()
    def claim(self) -> None:
        self.made += 1
        claim = f"c{self.made}"
        if self.free > 0:
            self._keep(self.seats.reserve(claim, NOW), self.free - 1)
            self.held.add(claim)
        else:
            with pytest.raises(EnlaceError, match="no-seat"):
                self.seats.reserve(claim, NOW)

    @precondition(lambda self: bool(self.held))
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        self._keep(self.seats.confirm(data.draw(st.sampled_from(sorted(self.held)))), self.free)

    @precondition(lambda self: bool(self.held))
    @rule(data=st.data(), ends=st.booleans())
    def let_go(self, data: st.DataObject, ends: bool) -> None:  # noqa: FBT001 - drawn
        claim = data.draw(st.sampled_from(sorted(self.held)))
        self.held.discard(claim)
        self._keep(self.seats.finish(claim) if ends else self.seats.release(claim), self.free + 1)

    @rule(number=st.integers(1, 20))
    def let_go_again(self, number: int) -> None:
        if f"c{number}" not in self.held:
            assert self.seats.release(f"c{number}") == self.seats

    @rule(available=st.integers(0, 6), data=st.data())
    def report(self, available: int, data: st.DataObject) -> None:
        seen = data.draw(st.integers(self.reported, self.seats.version))
        drift = self.free - self._free_at(seen)
        after = self.seats.report(available=available, seen=seen, now=NOW)
        self.seats = saved(after)
        self.reported = self.seats.version
        self.free = available + drift
        self.free_at = {self.seats.version: self.free}

    def _free_at(self, seen: int) -> int:
        return self.free_at[max(version for version in self.free_at if version <= seen)]

    @invariant()
    def counts_agree(self) -> None:
        assert self.seats.available == max(0, self.free)
        assert self.seats.available >= 0
        assert set(self.seats.holds) | set(self.seats.used) == self.held
        assert not set(self.seats.holds) & set(self.seats.used)


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
