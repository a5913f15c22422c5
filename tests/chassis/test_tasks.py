"""A task that is told to end ends."""

import asyncio

import pytest

from services.chassis.tasks import end, together


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


async def test_one_of_several_that_loses_its_cancellation_is_ended_too() -> None:
    lost = False

    async def forgetful() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost = True

    task = asyncio.create_task(together(forgetful(), asyncio.sleep(60), patience=0.01))
    await asyncio.sleep(0.01)

    async with asyncio.timeout(20):
        await end([task], patience=30)

    assert lost
    assert task.cancelled()


async def test_where_one_fails_the_others_are_ended() -> None:
    ended = False

    async def other() -> None:
        nonlocal ended
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    async def failing() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("found at the end")

    with pytest.raises(RuntimeError, match="found"):
        await together(other(), failing())

    assert ended
