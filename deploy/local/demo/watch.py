"""Sees each step happen: on Kafka, from before the first one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from deploy.local.stream import Seen, Stream

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds to wait for a step. On two busy cores each takes well under one."""


class NotSeenError(Exception):
    """A step did not happen in time.

    Attributes:
        step: which one.
        wanted: what was waited for.
    """

    def __init__(self, step: str, wanted: str) -> None:
        super().__init__(f"{step}: {wanted} was not seen within {PATIENCE:.0f} s")
        self.step = step
        self.wanted = wanted


class Watch:
    """Keeps what has come since it began; each event can be waited for, also afterwards."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._seen: list[Seen] = []
        self._more = asyncio.Condition()

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            found = await self._stream.read(0.1)
            if found:
                async with self._more:
                    self._seen += found
                    self._more.notify_all()

    async def see(
        self, step: str, type_: str, matches: Callable[[Seen], bool], *, count: int = 1
    ) -> list[Seen]:
        """Return the first `count` events of a type that match, waiting for them.

        Args:
            step: for the error.
            type_: short, as `referral.created`.
            matches: tells whether it is one of those.
            count: how many must have come.

        Raises:
            NotSeenError: they did not come in time.
        """

        def found() -> list[Seen]:
            return [event for event in self._seen if event.type == type_ and matches(event)]

        try:
            async with asyncio.timeout(PATIENCE), self._more:
                await self._more.wait_for(lambda: len(found()) >= count)
        except TimeoutError:
            raise NotSeenError(step, f"{count} x {type_}") from None
        return found()[:count]


async def until(step: str, what: str, ask: Callable[[], Awaitable[T | None]]) -> T:
    """Ask again and again until there is an answer.

    Raises:
        NotSeenError: there was none in time.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = await ask()
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise NotSeenError(step, what)
