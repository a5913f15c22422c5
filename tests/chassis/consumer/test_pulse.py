"""A consumer that only a restart mends, told from one that is busy or waits."""

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition

from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.pulse import STUCK_SECONDS, Pulse
from services.chassis.consumer.reading import Found
from tests.chassis.build import (
    Effects,
    completed,
    create_topics,
    database,
    eventually,
    group,
    producer,
    send,
    worker,
)
from tests.servers import Cell

_STUCK = "services.chassis.consumer.pulse.STUCK_SECONDS"


async def test_a_handler_that_never_ends_makes_its_consumer_stuck(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_STUCK, 1.0)
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        waits = asyncio.Event()

        async def hang(_: Sequence[Incoming]) -> None:
            await waits.wait()

        effects.before = hang
        limits = {"retry_seconds": 0.3, "pause_seconds": 0.1}
        async with worker(cell, group(data, effects), **limits) as runner:
            assert runner.stuck() is False
            await send(sender, cell, completed("a"), 1)
            await eventually(runner.stuck, "the tries together take too long")
            waits.set()
            await eventually(lambda: applied(effects), "it went on after all")
            # What it wrote is seen a moment before its consumer hears that it was written.
            await eventually(lambda: not runner.stuck(), "it is over")


async def test_a_loop_that_has_died_makes_its_consumer_stuck_though_the_broker_answers(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_STUCK, 1.0)
    await create_topics(cell)
    async with database(cell) as data, worker(cell, group(data, Effects(data))) as runner:
        consumer = runner.consumer
        assert consumer is not None
        await eventually(lambda: len(consumer.assignment()) == 12, "it is a member")
        await asyncio.sleep(1.5)
        await eventually(lambda: not runner.stuck(), "it has nothing to do, and looks")
        for task in runner._subscriber.tasks:
            task.cancel()
        await eventually(runner.stuck, "nobody looks any more")
        assert runner.health()["stalled"] is False, "what readiness sees: the broker answers"


def test_a_batch_of_many_slices_is_busy_however_long_it_takes() -> None:
    clock = Hand()
    pulse = Pulse(clock)
    pulse.handle(busy=True)
    for _ in range(20):
        pulse.begin(PLACE)
        clock.at += STUCK_SECONDS - 1
        assert pulse.stuck() is False
        pulse.end(PLACE)


def test_a_slice_that_waits_for_its_database_is_not_stuck() -> None:
    clock = Hand()
    pulse = Pulse(clock)
    pulse.handle(busy=True)
    for _ in range(20):
        pulse.begin(PLACE)
        clock.at += STUCK_SECONDS - 1
        pulse.wait(PLACE)  # the driver gave up, and said so
        assert pulse.stuck() is False


def test_a_slice_that_is_cut_off_again_and_again_is_stuck() -> None:
    clock = Hand()
    pulse = Pulse(clock)
    pulse.begin(PLACE)
    clock.at += STUCK_SECONDS - 1
    pulse.begin(PLACE)
    assert pulse.stuck() is False
    clock.at += 2
    assert pulse.stuck() is True
    pulse.end(PLACE)
    assert pulse.stuck() is False


async def test_whoever_looks_has_time_again_and_whoever_looks_no_more_is_stuck() -> None:
    clock = Hand()
    pulse = Pulse(clock)
    clock.at += 10 * STUCK_SECONDS
    assert pulse.stuck() is False, "it has not begun"

    async def nothing(*_: TopicPartition, **__: object) -> Found:
        return {}

    look = pulse.watch(nothing)
    for _ in range(3):
        await look()
        clock.at += STUCK_SECONDS - 1
        assert pulse.stuck() is False
    clock.at += 2
    assert pulse.stuck() is True


class Hand:
    """A clock that is moved by hand."""

    at = 1_000.0

    def __call__(self) -> float:
        return self.at


PLACE = TopicPartition("rivera.referrals", 0)


async def applied(effects: Effects) -> bool:
    return await effects.count() == 1
