"""How fast, how often and through whom: the rules of sending, without a clock."""

from datetime import timedelta

import pytest

from services.notify.model.breaker import OPENS_AFTER, RESTS_FOR, Breaker
from services.notify.model.pace import Bucket
from services.notify.model.retry import SCHEDULES, Refusal, pause


def drained(bucket: Bucket, now: float, kept: float = 0.0) -> tuple[Bucket, int]:
    """Return how many texts leave at one moment."""
    for count in range(1_000):
        bucket, wait = bucket.take(now, kept)
        if wait:
            return bucket, count
    raise AssertionError("no end")


def test_a_number_texts_no_faster_than_its_rate() -> None:
    bucket = Bucket(rate=10, size=10, left=10, at=0)
    bucket, at_once = drained(bucket, 0)
    assert at_once == 10
    bucket, later = drained(bucket, 0.5)
    assert later == 5
    _, long_after = drained(bucket, 3_600)
    assert long_after == 10, "what was not used in the night does not leave at once"


def test_the_wait_that_is_told_is_long_enough_and_no_longer() -> None:
    bucket, _ = drained(Bucket(rate=4, size=4, left=4, at=0), 0)
    bucket, wait = bucket.take(0)
    assert wait == pytest.approx(0.25)
    assert bucket.take(wait - 0.001)[1] > 0
    assert bucket.take(wait + 1e-9)[1] == 0


def test_digests_leave_room_for_what_is_in_haste() -> None:
    bucket = Bucket(rate=10, size=10, left=10, at=0)
    bucket, digests = drained(bucket, 0, kept=5)
    assert digests == 5
    _, in_haste = drained(bucket, 0)
    assert in_haste == 5


def test_of_a_number_that_may_send_one_at_a_time_digests_leave_too() -> None:
    bucket, wait = Bucket(rate=1, size=1, left=1, at=0).take(0, kept=5)
    assert wait == 0
    assert bucket.left == 0


def test_a_clock_that_is_set_back_lets_nothing_more_out() -> None:
    bucket, _ = drained(Bucket(rate=10, size=10, left=10, at=100), 100)
    bucket, wait = bucket.take(50)
    assert wait > 0
    assert bucket.at == 100


def after(failures: int) -> Breaker:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.heard(0, well=False)
    return breaker


def test_a_provider_that_fails_again_and_again_is_left_alone_and_then_tried_by_one() -> None:
    assert after(OPENS_AFTER - 1).ask(0)[1]
    resting = after(OPENS_AFTER)
    assert not resting.ask(RESTS_FOR - 1)[1]
    trying, may = resting.ask(RESTS_FOR)
    assert may
    assert not trying.ask(RESTS_FOR)[1], "one message tries it, not a thousand"
    assert trying.heard(RESTS_FOR, well=True) == Breaker()
    again = trying.heard(RESTS_FOR, well=False)
    assert not again.ask(RESTS_FOR + 1)[1]
    assert again.ask(2 * RESTS_FOR)[1]


def test_failures_count_in_a_row() -> None:
    breaker = after(OPENS_AFTER - 1).heard(0, well=True).heard(0, well=False)
    assert breaker.ask(0)[1]


@pytest.mark.parametrize("refusal", Refusal)
def test_pauses_grow_to_their_longest_and_spread(refusal: Refusal) -> None:
    schedule = SCHEDULES[refusal]
    tries = range(1, schedule.most or 40)
    pauses = [found for each in tries if (found := pause(refusal, each, "m-1")) is not None]
    assert pauses == sorted(pauses)
    assert schedule.first <= pauses[0] <= schedule.first * 1.25
    assert pauses[-1] <= schedule.longest * 1.25
    assert len({pause(refusal, 1, f"m-{each}") for each in range(100)}) > 20, "not all at once"


@pytest.mark.parametrize("refusal", Refusal)
def test_a_message_is_given_up_after_so_many_tries_but_not_for_our_account(
    refusal: Refusal,
) -> None:
    most = SCHEDULES[refusal].most
    if refusal is Refusal.ACCOUNT:
        assert pause(refusal, 1_000, "m-1") is not None
    else:
        assert most is not None
        assert pause(refusal, most - 1, "m-1") is not None
        assert pause(refusal, most, "m-1") is None


def test_a_provider_that_asks_to_be_left_alone_is() -> None:
    asked = timedelta(minutes=90)
    found = pause(Refusal.BUSY, 1, "m-1", asked)
    assert found is not None
    assert asked <= found <= asked + timedelta(seconds=8)
