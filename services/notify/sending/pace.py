"""Holds our number to its rate, and keeps a part of it free for what is in haste."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from services.notify.model.pace import Bucket
from services.notify.model.rules import Priority

_KEPT = {Priority.HASTE: 0.0, Priority.USUAL: 0.2, Priority.BULK: 0.5}
"""Parts of the bucket that must be left for what goes before."""


class Pace:
    """The leave of one sending number.

    Args:
        rate: texts a second; None: as fast as they come.
        now: a steady clock, in seconds.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._now = now or time.monotonic
        self._sleep = sleep
        size = max(rate or 1.0, 1.0)
        self._bucket = Bucket(rate=rate or 1.0, size=size, left=size, at=self._now())

    async def turn(self, priority: Priority) -> None:
        """Wait until one more text may leave."""
        while self._rate is not None:
            kept = self._bucket.size * _KEPT[priority]
            self._bucket, wait = self._bucket.take(self._now(), kept)
            if not wait:
                return
            await self._sleep(wait)
