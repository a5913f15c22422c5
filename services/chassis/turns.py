"""Turns: who wants to change the same thing in one process waits in line.

The database would let them collide: all but one is thrown back, waits by chance and does its work
again. Those of other processes still do, and lose nothing by it but time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Hashable, Iterable
from weakref import WeakValueDictionary


class Turns:
    """A line for each thing that somebody wants now."""

    def __init__(self) -> None:
        # Only those who hold or wait for one keep it: a line that nobody stands in is forgotten.
        self._lines: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def of(self, things: Iterable[tuple[str, str]]) -> AsyncIterator[None]:
        """Wait for one's turn at all of these, and keep it until the block ends.

        They are waited for in one order, so that no two wait for each other.
        """
        async with contextlib.AsyncExitStack() as stack:
            for thing in sorted(set(things)):
                line = self._lines.setdefault(thing, asyncio.Lock())
                await stack.enter_async_context(line)
            yield
