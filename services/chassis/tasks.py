"""Ending tasks, so that a service that is told to stop does stop."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

PATIENCE_SECONDS = 15.0
"""How long a task may take to put its things away before it is cancelled again."""


async def end(tasks: Iterable["asyncio.Task[Any]"], *, patience: float = PATIENCE_SECONDS) -> None:
    """Cancel tasks and wait until each has ended; what they raised stays with them.

    A cancellation can get lost: in Python 3.11 `asyncio.wait_for` returns its result instead where
    both come at once, and a library may use it. A loop that goes on for that reason is cancelled
    again, so that nobody waits for it for ever.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=patience)


async def together(
    *works: Coroutine[Any, Any, None], patience: float = PATIENCE_SECONDS / 3
) -> None:
    """Run what goes on until it is cancelled, side by side; where one fails the others are ended.

    A task group would cancel its tasks once, and wait for ever for one that has lost it.

    Args:
        works: each goes on until it is cancelled.
        patience: in seconds; shorter than that of whoever ends this, who would else cut off the
            ending of the others.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        await end(tasks, patience=patience)
