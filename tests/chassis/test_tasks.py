"""A task that is told to end ends."""

import asyncio

from services.chassis.tasks import end


async def test_a_cancellation_that_a_library_swallows_is_repeated() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed > 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)

    await end([task], patience=0.01)

    assert task.cancelled()
    assert swallowed == 3


async def test_what_a_task_puts_away_at_its_end_is_not_disturbed() -> None:
    tidy = False

    async def careful() -> None:
        nonlocal tidy
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            tidy = True

    task = asyncio.create_task(careful())
    await asyncio.sleep(0)

    await end([task], patience=60)

    assert tidy


async def test_a_task_that_has_failed_keeps_its_error() -> None:
    async def failing() -> None:
        raise RuntimeError("found at the end")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)

    await end([task])

    assert isinstance(task.exception(), RuntimeError)
