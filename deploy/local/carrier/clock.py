"""Two clocks: the real one drives callbacks, the product's movable one stamps messages."""

import json
import time
from pathlib import Path


class Clock:
    """Real time, and real time moved by the offset that the local system keeps in a file.

    Args:
        file: JSON ``{"offset_seconds": float}``, read again when it changes. While it is absent or
            unreadable (another process may be writing it) the last known offset holds.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._offset = 0.0

    def real(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def now(self) -> float:
        """Seconds since the epoch on the product's clock."""
        return time.time() + self.offset()

    def offset(self) -> float:
        """How far the product's clock is ahead, in seconds; negative when it is behind."""
        if self._file is None:
            return 0.0
        try:
            found = self._file.stat()
            seen = (found.st_mtime_ns, found.st_size)
            if seen != self._seen:
                self._offset = float(json.loads(self._file.read_text())["offset_seconds"])
                self._seen = seen
        except (OSError, ValueError, KeyError, TypeError):
            return self._offset
        return self._offset
