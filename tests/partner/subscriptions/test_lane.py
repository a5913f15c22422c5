"""What waits, in which order, and how often it is tried."""

from datetime import timedelta

from services.partner.subscriptions.model.lane import Lane
from tests.partner.build import NOW

LANE = Lane(id="end-1:ref-1", endpoint="end-1", agency="agy-1", referral="ref-1")


def test_the_first_one_is_due_at_once_and_the_next_when_it_has_arrived() -> None:
    lane = LANE.put([4, 9], NOW)
    assert (lane.head, lane.next_due) == (4, NOW)
    lane = lane.hold(NOW)
    assert lane.next_due == NOW + timedelta(seconds=60)
    later = NOW + timedelta(seconds=2)
    lane = lane.delivered(4, later)
    assert (lane.head, lane.next_due) == (9, later)
    lane = lane.delivered(9, later)
    assert (lane.head, lane.next_due) == (None, None)


def test_what_waits_already_waits_once() -> None:
    assert LANE.put([4, 9], NOW).put([9, 4, 11, 11], NOW).queue == (4, 9, 11)


def test_what_is_replayed_goes_before_what_waits_and_happened_later() -> None:
    waits = LANE.put([7, 8], NOW).failed(7, NOW, chance=0.0)
    replayed = waits.put([5, 6, 7], NOW)
    assert replayed.queue == (5, 6, 7, 8)
    assert (replayed.failures, replayed.next_due) == (0, NOW + timedelta(seconds=5))
    # What was under way meanwhile is no longer the first: it is sent once more, under its id.
    assert replayed.delivered(7, NOW) == replayed


def test_a_report_of_what_is_no_longer_first_changes_nothing() -> None:
    lane = LANE.put([4], NOW)
    assert lane.delivered(3, NOW) == lane
    assert lane.failed(3, NOW, chance=0.0) == lane


def test_the_waits_are_those_of_the_standard_and_after_the_last_it_is_given_up() -> None:
    lane, at, waits = LANE.put([4, 9], NOW), NOW, []
    while lane.head == 4:
        lane = lane.failed(4, at, chance=0.0)
        assert lane.next_due is not None
        waits.append(lane.next_due - at)
        at = lane.next_due
    hours = [2, 5, 10, 14, 20, 24]
    assert waits == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *[timedelta(hours=each) for each in hours],
        timedelta(),
    ]
    assert (lane.head, lane.failures) == (9, 0)


def test_a_wait_is_made_longer_by_chance_by_a_fifth_at_most() -> None:
    lane = LANE.put([4], NOW).failed(4, NOW, chance=0.999)
    assert lane.next_due is not None
    assert timedelta(seconds=5.9) < lane.next_due - NOW < timedelta(seconds=6)


def test_who_asks_to_be_left_alone_is_up_to_a_day() -> None:
    lane = LANE.put([4], NOW)
    asked = lane.failed(4, NOW, chance=0.0, asked=timedelta(hours=1))
    assert asked.next_due == NOW + timedelta(hours=1)
    longer = lane.failed(4, NOW, chance=0.0, asked=timedelta(days=400))
    assert longer.next_due == NOW + timedelta(days=1)
    shorter = lane.failed(4, NOW, chance=0.0, asked=timedelta(seconds=1))
    assert shorter.next_due == NOW + timedelta(seconds=5)


def test_what_is_asked_for_by_hand_is_tried_now() -> None:
    lane = LANE.put([4], NOW).failed(4, NOW, chance=0.0)
    assert lane.put([9], NOW).next_due == NOW + timedelta(seconds=5)
    assert lane.put([4], NOW, at_once=True).next_due == NOW


def test_what_was_held_and_not_tried_is_due_at_once() -> None:
    lane = LANE.put([4], NOW).hold(NOW)
    assert lane.let_go(NOW).next_due == NOW
    assert LANE.let_go(NOW) == LANE
