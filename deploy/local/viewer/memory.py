"""The newest events, kept for pages that open later, and the pages that wait for more."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.stream import Seen

KEPT = 20_000
"""Events held at most: a sample district's three months, with room."""


class Memory:
    """Numbered events, newest last; the numbers let a page say what it has.

    Attributes:
        closing: no page gets any more.
        reading: somebody reads Kafka and would add what comes.
    """

    def __init__(self) -> None:
        self._events: deque[tuple[int, Seen]] = deque(maxlen=KEPT)
        self._count = 0
        self._listeners: set[asyncio.Event] = set()
        self.closing = False
        self.reading = False

    def add(self, events: list[Seen]) -> None:
        """Take events in the order they happened, and wake every page."""
        epoch = "0001"
        for event in sorted(events, key=lambda each: each.time.isoformat() if each.time else epoch):
            self._count += 1
            self._events.append((self._count, event))
        self._wake()

    def after(self, number: int, referral: str | None, most: int) -> list[tuple[int, Seen]]:
        """Return the newest `most` events behind a number, oldest first.

        Args:
            number: of the last event that the page has; 0 for none.
            referral: only this referral's; None for all.
            most: how many at the most.
        """
        found: list[tuple[int, Seen]] = []
        for place, event in reversed(self._events):
            if place <= number or len(found) == most:
                break
            if referral is None or event.referral == referral:
                found.append((place, event))
        return found[::-1]

    def close(self) -> None:
        """End every page's stream."""
        self.closing = True
        self._wake()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever there is more."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    def _wake(self) -> None:
        for event in self._listeners:
            event.set()
