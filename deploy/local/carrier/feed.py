"""Tells open pages that a phone has changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Feed:
    """Listeners of one phone, or of all, each woken by an event that it clears itself.

    A listener that is slow sees one change instead of several; it reads the state, not the change.
    """

    def __init__(self) -> None:
        self._listeners: set[tuple[str | None, asyncio.Event]] = set()
        self.closing = asyncio.Event()

    def publish(self, phone: str | None = None) -> None:
        """Wake the listeners of this phone (of every phone when none is named)."""
        for wanted, event in self._listeners:
            if phone is None or wanted is None or wanted == phone:
                event.set()

    @contextmanager
    def listen(self, phone: str | None = None) -> Iterator[asyncio.Event]:
        """An event that is set whenever the phone changes, or any phone when none is named."""
        entry = (phone, asyncio.Event())
        self._listeners.add(entry)
        try:
            yield entry[1]
        finally:
            self._listeners.discard(entry)

    def close(self) -> None:
        """End every open page's stream, so that the server can stop at once."""
        self.closing.set()
        self.publish()
