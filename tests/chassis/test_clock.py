"""Time that is passed in."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from services.chassis.clock import FileClock, FixedClock, SystemClock, clock_for, write_offset

A_MOMENT = timedelta(seconds=2)


def test_a_clock_file_moves_the_time_for_every_process_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "local" / "clock.json"
    clock = FileClock(path)
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT

    write_offset(path, 7 * 86_400)
    clock._read_at = float("-inf")  # as after 50 ms
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=7)) < A_MOMENT
    assert abs(FileClock(path).now() - clock.now()) < A_MOMENT


def test_every_clock_tells_utc(tmp_path: Path) -> None:
    fixed = FixedClock(datetime(2026, 9, 1, 5, tzinfo=timezone(-timedelta(hours=7))))
    for clock in (SystemClock(), FileClock(tmp_path / "none"), fixed):
        assert clock.now().tzinfo is UTC
    assert fixed.now() == datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_fixed_clock_moves_when_it_is_told() -> None:
    clock = FixedClock(datetime(2026, 9, 1, tzinfo=UTC))
    clock.advance(timedelta(days=1))
    assert clock.now() == datetime(2026, 9, 2, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        FixedClock(datetime(2026, 9, 1))  # noqa: DTZ001 - what is refused


def test_only_a_local_system_has_a_movable_clock(tmp_path: Path) -> None:
    assert isinstance(clock_for(None), SystemClock)
    assert isinstance(clock_for(tmp_path / "clock.json"), FileClock)
