"""Members that come, go and are handed each other's partitions: every effect once, in order."""

import asyncio
import contextlib
from collections.abc import Sequence

from services.chassis.consumer.incoming import Incoming, incoming
from services.chassis.ids import new_id
from tests.chassis.build import (
    Effects,
    completed,
    create_topics,
    database,
    eventually,
    group,
    producer,
    read_topic,
    send,
    worker,
)
from tests.servers import Cell


async def fill(cell: Cell, keys: list[str], each: int) -> None:
    async with producer(cell) as sender:
        await asyncio.gather(
            *(send(sender, cell, completed(key), *range(1, each + 1)) for key in keys)
        )


async def test_a_rebalance_while_batches_are_handled_applies_everything_once_and_in_order(
    cell: Cell,
) -> None:
    await create_topics(cell)
    keys = [new_id() for _ in range(40)]
    await fill(cell, keys, 10)
    async with database(cell) as one, database(cell) as other, contextlib.AsyncExitStack() as stay:
        seen = Effects(one)

        async def dawdle(_: Sequence[Incoming]) -> None:
            await asyncio.sleep(0.8)  # inside the transaction, so that a rebalance meets many

        members = []
        for data in (one, other):
            effects = Effects(data)
            effects.before = dawdle
            members.append(group(data, effects))

        async with worker(cell, members[0]):
            await eventually(lambda: some(seen, 1), "the first is at work")
            await stay.enter_async_context(worker(cell, members[1]))  # joins in the middle
            await eventually(lambda: some(seen, 120), "both are at work")
        # The first has left, also in the middle.
        await stay.enter_async_context(worker(cell, members[0]))  # and comes back
        await eventually(lambda: some(seen, 400), "everything", seconds=40)
        await asyncio.sleep(0.5)

        assert await seen.by_key() == {key: list(range(1, 11)) for key in keys}
        assert await members[0].parked.count() == 0


async def test_a_member_that_lost_its_partition_in_the_middle_of_a_slice_does_no_harm(
    cell: Cell,
) -> None:
    await create_topics(cell)
    await fill(cell, ["a"], 5)
    async with database(cell) as one, database(cell) as other:
        inside, go_on = asyncio.Event(), asyncio.Event()

        async def stand_still(_: Sequence[Incoming]) -> None:
            inside.set()
            await go_on.wait()

        slow = Effects(one)
        slow.before = stand_still
        first = group(one, slow)
        seen = Effects(other)
        async with worker(cell, first) as standing:
            await inside.wait()
            # All is taken away from it, as by a session that ran out, and given to another.
            consumer = standing.consumer
            assert consumer is not None
            await standing.on_partitions_revoked(consumer.assignment())
            members = group(other, seen)
            records = [incoming(record) for record in await read_topic(cell)]
            taken = asyncio.create_task(members.slices.apply("referrals", records, expected=0))
            await asyncio.sleep(0.3)
            go_on.set()
            await asyncio.gather(taken, return_exceptions=True)
            await eventually(lambda: some(seen, 5), "applied by either")
            await asyncio.sleep(0.3)
        assert await seen.by_key() == {"a": [1, 2, 3, 4, 5]}


async def some(effects: Effects, many: int) -> bool:
    return await effects.count() >= many
