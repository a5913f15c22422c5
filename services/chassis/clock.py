"""Time, passed in. Leases and time limits of tokens never use a movable clock."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the product's time."""

    def now(self) -> datetime:
        """Return the present moment, with zone UTC."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the present moment, with zone UTC."""
        return datetime.now(UTC)


class FixedClock:
    """Stands still until it is told to move; for tests."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs a zone: give an aware datetime")
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment that was set."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._now += by


class FileClock:
    """The machine's time plus an offset kept in a file, shared by the processes of a local system.

    The file holds `{"offset_seconds": number}`. It is read again at most every 50 ms, so that
    moving the clock is seen by every process at once.
    """

    _READ_EVERY = 0.05

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = timedelta()
        self._read_at = float("-inf")

    def now(self) -> datetime:
        """Return the machine's time moved by the file's offset; no file means no offset."""
        if time.monotonic() - self._read_at > self._READ_EVERY:
            self._offset = timedelta(seconds=read_offset(self._path))
            self._read_at = time.monotonic()
        return datetime.now(UTC) + self._offset


def read_offset(path: Path) -> float:
    """Return the offset in seconds that a clock file holds; 0 where there is none."""
    try:
        return float(json.loads(path.read_text())["offset_seconds"])
    except FileNotFoundError:
        return 0.0


def write_offset(path: Path, seconds: float) -> None:
    """Set a clock file, in one step, so that no reader meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"offset_seconds": seconds}))
    fresh.replace(path)


def clock_for(path: Path | None) -> Clock:
    """Return the movable clock of a local system, or the machine's own."""
    return SystemClock() if path is None else FileClock(path)
