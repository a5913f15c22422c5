"""A worker that is told to stop: it finishes what it has in hand, and leaves its group at once."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.consumer.incoming import Incoming
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


async def test_a_slice_in_hand_is_finished_and_what_follows_is_left_to_the_next(
    cell: Cell,
) -> None:
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        members = group(data, effects)
        in_hand, go_on = asyncio.Event(), asyncio.Event()

        async def wait(_: Sequence[Incoming]) -> None:
            in_hand.set()
            await go_on.wait()

        effects.before = wait
        async with worker(cell, members, slice_size=2) as runner:
            await send(sender, cell, completed("a"), 1, 2, 3, 4, 5)
            await in_hand.wait()
            stopping = asyncio.create_task(runner.close())
            await asyncio.sleep(0)  # it has begun to stop
            go_on.set()
            await stopping
        done = (await effects.by_key())["a"]
        assert done == [1, 2], "the one in hand, whole, and none after it"
        effects.before = None
        async with worker(cell, members):
            await eventually(lambda: is_applied(effects, [1, 2, 3, 4, 5]), "the rest, once")


async def test_a_member_that_stops_leaves_its_group_without_waiting_for_its_session(
    cell: Cell,
) -> None:
    await create_topics(cell)
    async with database(cell) as data:
        async with worker(cell, group(data, Effects(data))) as runner:
            await eventually(lambda: runner.health()["assigned"] == 12, "it is a member")
            assert await members_of(cell) == 1
        assert await members_of(cell) == 0


async def members_of(cell: Cell) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    try:
        answers = await admin.describe_consumer_groups([f"{cell.topic_prefix}work"])
        return sum(len(found[5]) for answer in answers for found in answer.groups)
    finally:
        await admin.close()


async def is_applied(effects: Effects, wanted: list[int]) -> bool:
    return (await effects.by_key()).get("a") == wanted
