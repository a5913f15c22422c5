"""Tells a consumer that only a restart mends from one that is busy, or waits for a server."""

import time
from collections.abc import Callable
from typing import Any

from aiokafka import TopicPartition

from services.chassis.consumer.reading import Found, GetMany

STUCK_SECONDS = 180.0
"""After so long on one slice, or without a look at the topics, only a restart helps.

More than twice the time that a failure is waited out: a busy consumer never takes that long.
"""


class Pulse:
    """What a consumer has begun and when it last looked at its topics, by a clock that never moves.

    A handler that never ends is cut off and tried again: the count goes on over these tries, and
    begins anew where one came to an end of its own, for then it waits for something else.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: dict[TopicPartition, float] = {}
        self._looked_at: float | None = None
        self._busy = False

    def begin(self, partition: TopicPartition) -> None:
        """Note that a slice is tried; a repeat is the same slice."""
        self._begun.setdefault(partition, self._clock())

    def wait(self, partition: TopicPartition) -> None:
        """Note that a try came to an end, and why lies elsewhere: no restart would help."""
        self._begun[partition] = self._clock()

    def end(self, partition: TopicPartition) -> None:
        """Note that a slice is done, or somebody else's."""
        self._begun.pop(partition, None)

    def handle(self, *, busy: bool) -> None:
        """Note that a batch is in hand, or is no more: meanwhile nobody need look."""
        self._busy = busy
        self._looked_at = self._clock()

    def watch(self, read: GetMany) -> GetMany:
        """Note each look at the topics: a loop that has died looks no more, and tells nobody."""

        async def look(*partitions: TopicPartition, **limits: Any) -> Found:
            self._looked_at = self._clock()
            return await read(*partitions, **limits)

        return look

    def stuck(self) -> bool:
        """Tell whether a handler never ends, or nobody looks at the topics any more."""
        long_ago = self._clock() - STUCK_SECONDS
        if any(begun < long_ago for begun in self._begun.values()):
            return True
        return not self._busy and self._looked_at is not None and self._looked_at < long_ago
