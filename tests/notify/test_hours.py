"""Quiet hours and the week, at the recipient's place."""

from datetime import UTC, datetime, time

import pytest

from services.notify.model.hours import limited_until, quiet_until, window

PACIFIC = "America/Los_Angeles"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24T07:59:59-08:00", "2026-11-24T08:00:00-08:00"),
        ("2026-11-24T08:00:00-08:00", None),
        ("2026-11-24T19:59:59-08:00", None),
        ("2026-11-24T20:00:00-08:00", "2026-11-25T08:00:00-08:00"),
        ("2026-11-24T00:00:00-08:00", "2026-11-24T08:00:00-08:00"),
        # The clocks go forward at two: eight o'clock is one hour nearer.
        ("2026-03-07T21:00:00-08:00", "2026-03-08T08:00:00-07:00"),
    ],
)
def test_texts_wait_from_eight_to_eight(now: str, until: str | None) -> None:
    assert quiet_until(at(now), PACIFIC) == (until and at(until))


@pytest.mark.parametrize(
    ("reach_from", "reach_until", "now", "until"),
    [
        (time(17, 30), None, "2026-11-24T10:00:00-08:00", "2026-11-24T17:30:00-08:00"),
        (time(17, 30), None, "2026-11-24T17:30:00-08:00", None),
        (time(17, 30), None, "2026-11-24T20:00:00-08:00", "2026-11-25T17:30:00-08:00"),
        (None, time(9, 0), "2026-11-24T09:00:00-08:00", "2026-11-25T08:00:00-08:00"),
        (time(12), time(13), "2026-11-24T12:30:00-08:00", None),
        # Nobody is texted at night, whatever they asked for.
        (time(6), time(22), "2026-11-24T07:00:00-08:00", "2026-11-24T08:00:00-08:00"),
        (time(6), time(22), "2026-11-24T21:00:00-08:00", "2026-11-25T08:00:00-08:00"),
        (time(17, 30), None, "2026-03-07T21:00:00-08:00", "2026-03-08T17:30:00-07:00"),
    ],
)
def test_a_contacts_own_hours_hold_within_those_of_all(
    reach_from: time | None, reach_until: time | None, now: str, until: str | None
) -> None:
    assert quiet_until(at(now), PACIFIC, reach_from, reach_until) == (until and at(until))


@pytest.mark.parametrize("own", [(time(21), time(23)), (time(18), time(9)), (time(9), time(9))])
def test_hours_that_leave_nothing_of_the_day_silence_nobody(own: tuple[time, time]) -> None:
    assert window(*own) == (time(8), time(20))


def test_the_recipients_zone_counts() -> None:
    now = at("2026-11-24T17:30:00-08:00")
    assert quiet_until(now, PACIFIC) is None
    assert quiet_until(now, "America/New_York") == at("2026-11-25T08:00:00-05:00")


def test_a_zone_that_nobody_knows_is_taken_as_the_districts() -> None:
    assert quiet_until(at("2026-11-24T21:00:00-08:00"), "Nowhere/Else") == at(
        "2026-11-25T08:00:00-08:00"
    )


def test_the_third_text_of_a_week_waits_until_the_first_is_seven_days_old() -> None:
    now = at("2026-11-24T10:00:00-08:00")
    sent = [at("2026-11-19T15:00:00-08:00"), at("2026-11-23T09:00:00-08:00")]
    assert limited_until(sent[:1], 2, now, PACIFIC) is None
    assert limited_until(sent, 2, now, PACIFIC) == at("2026-11-26T00:00:00-08:00")
    assert limited_until(sent, 2, at("2026-11-26T09:00:00-08:00"), PACIFIC) is None
