"""A consumer group's member: where it reads from, what it waits out, and that it never gives up."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from services.chassis.consumer.incoming import Incoming
from tests.chassis.build import (
    STREAM,
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
from tests.chassis.proxy import proxied
from tests.servers import Cell


async def test_reading_starts_at_the_progress_in_mongodb_whatever_kafka_remembers(
    cell: Cell,
) -> None:
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        members = group(data, effects)
        await send(sender, cell, completed("a"), 1, 2, 3, 4)
        async with worker(cell, members) as runner:
            await eventually(lambda: is_applied(effects, {"a": [1, 2, 3, 4]}), "all four")
            consumer = runner.consumer
            assert consumer is not None
            ours = {place: await consumer.position(place) for place in consumer.assignment()}
            await consumer.commit(ours)

        # As after a restore: MongoDB is behind what was committed to Kafka.
        await data["effects"].delete_many({"sequence": {"$gt": 1}})
        await data["watermarks"].update_many({}, {"$set": {"sequence": 1}})
        await data["progress"].update_many({"next": 4}, {"$set": {"next": 1}})
        async with worker(cell, members):
            await eventually(lambda: is_applied(effects, {"a": [1, 2, 3, 4]}), "the rest again")


async def test_kafka_is_told_the_progress_for_its_lag_metrics(cell: Cell) -> None:
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        async with worker(cell, group(data, effects)) as runner:
            await send(sender, cell, completed("a"), 1, 2)

            async def is_told() -> bool:
                consumer = runner.consumer
                assert consumer is not None
                told = [await consumer.committed(place) for place in consumer.assignment()]
                return 2 in told

            await eventually(is_told, "the offset in Kafka")


async def test_a_passing_failure_is_waited_out_and_nothing_is_lost(cell: Cell) -> None:
    await create_topics(cell)
    async with (
        proxied(cell.mongo_uri) as (proxy, uri),
        database(cell, uri=uri) as data,
        database(cell) as straight,
        producer(cell) as sender,
    ):
        effects = Effects(straight)
        members = group(data, Effects(data))
        async with worker(cell, members) as runner:
            await send(sender, cell, completed("a"), 1)
            await eventually(lambda: is_applied(effects, {"a": [1]}), "the first")

            proxy.cut()
            await send(sender, cell, completed("a"), 2, 3)
            cpu, since = time.process_time(), time.monotonic()
            await asyncio.sleep(3)
            busy = (time.process_time() - cpu) / (time.monotonic() - since)
            assert busy < 0.5, f"it spins: {busy:.0%} of a core"
            assert await effects.by_key() == {"a": [1]}

            proxy.mend()
            await eventually(lambda: is_applied(effects, {"a": [1, 2, 3]}), "the rest")
            assert runner.health()["stalled"] is False
        assert await members.parked.count() == 0


async def test_after_the_time_to_retry_the_partition_is_paused_and_the_worker_unready(
    cell: Cell,
) -> None:
    await create_topics(cell)
    async with (
        proxied(cell.mongo_uri) as (proxy, uri),
        database(cell, uri=uri) as data,
        database(cell) as straight,
        producer(cell) as sender,
    ):
        effects = Effects(straight)
        members = group(data, Effects(data))
        async with worker(cell, members, retry_seconds=1, pause_seconds=0.5) as runner:
            await send(sender, cell, completed("a"), 1)
            await eventually(lambda: is_applied(effects, {"a": [1]}), "the first")

            proxy.cut()
            await send(sender, cell, completed("a"), 2)
            await eventually(lambda: runner.health()["paused"] >= 1, "it pauses")
            assert runner.health()["stalled"] is True
            consumer = runner.consumer
            assert consumer is not None
            assert len(consumer.assignment()) == 12  # it is still a member, and polls

            proxy.mend()
            await eventually(lambda: is_applied(effects, {"a": [1, 2]}), "it goes on by itself")
            assert runner.health()["stalled"] is False


async def test_a_server_that_has_fallen_silent_is_waited_out_in_time(cell: Cell) -> None:
    await create_topics(cell)
    async with (
        proxied(cell.mongo_uri) as (proxy, uri),
        database(cell, uri=uri, silence_seconds=1) as data,
        database(cell) as straight,
        producer(cell) as sender,
    ):
        effects = Effects(straight)
        members = group(data, Effects(data))
        async with worker(cell, members, retry_seconds=1, pause_seconds=0.5) as runner:
            await send(sender, cell, completed("a"), 1)
            await eventually(lambda: is_applied(effects, {"a": [1]}), "the first")
            proxy.speaks.clear()
            await send(sender, cell, completed("a"), 2)
            await eventually(lambda: runner.health()["paused"] >= 1, "it does not wait for ever")
            proxy.cut()  # what was on its way is lost
            proxy.speaks.set()
            proxy.mend()
            await eventually(lambda: is_applied(effects, {"a": [1, 2]}), "the rest")


async def test_a_member_that_starts_while_the_database_is_away_begins_when_it_is_back(
    cell: Cell,
) -> None:
    await create_topics(cell)
    async with (
        proxied(cell.mongo_uri) as (proxy, uri),
        database(cell, uri=uri) as data,
        database(cell) as straight,
        producer(cell) as sender,
    ):
        await send(sender, cell, completed("a"), 1, 2)
        proxy.cut()
        async with worker(cell, group(data, Effects(data)), pause_seconds=0.5) as runner:
            await eventually(lambda: runner.health()["paused"] > 0, "it pauses")
            proxy.mend()
            effects = Effects(straight)
            await eventually(lambda: is_applied(effects, {"a": [1, 2]}), "both", seconds=90)
            await eventually(lambda: runner.health()["paused"] == 0, "all go on", seconds=90)


async def test_whatever_an_applier_raises_nothing_is_acknowledged_away(cell: Cell) -> None:
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        failures: list[BaseException] = [OSError("disk"), RuntimeError("who knows"), KeyError("x")]

        async def fail(_: Sequence[Incoming]) -> None:
            if failures:
                raise failures.pop()

        effects.before = fail
        members = group(data, effects)
        async with worker(cell, members):
            await send(sender, cell, completed("a"), 1, 2, 3)

            async def all_there() -> bool:
                done = await effects.count() + await members.parked.count()
                return done == 3

            await eventually(all_there, "applied or parked")


async def test_a_topic_that_is_shorter_than_what_was_read_is_told_and_not_passed_over(
    cell: Cell,
) -> None:
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        members = group(data, effects)
        await send(sender, cell, completed("a"), 1)
        await data["progress"].insert_many(
            [
                {
                    "_id": f"work|{cell.topic_prefix}{STREAM}|{n}",
                    "next": 1_000,
                    "group": "work",
                    "topic": f"{cell.topic_prefix}{STREAM}",
                    "partition": n,
                }
                for n in range(12)
            ]
        )
        async with worker(cell, members, pause_seconds=5) as runner:
            await eventually(lambda: runner.health()["stalled"] is True, "it tells")
            assert await effects.count() == 0


async def test_a_fenced_member_is_not_taken_for_a_stalled_one(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.consumer.runner.STALLED_SECONDS", 0.5)
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        members = group(data, effects)
        async with worker(cell, members) as runner:
            await send(sender, cell, completed("a"), 1)
            await eventually(lambda: is_applied(effects, {"a": [1]}), "the first")
            place = next(iter(await members.ledger.offsets()))
            await members.ledger.move(place["topic"], place["partition"], expected=1, next_offset=2)
            await send(sender, cell, completed("a"), 2)  # fenced: somebody has applied it
            await asyncio.sleep(1.5)
            assert runner.health()["stalled"] is False


async def test_stopping_does_not_wait_for_a_database_that_is_away(cell: Cell) -> None:
    await create_topics(cell)
    async with (
        proxied(cell.mongo_uri) as (proxy, uri),
        database(cell, uri=uri) as data,
        database(cell) as straight,
        producer(cell) as sender,
    ):
        effects = Effects(straight)
        async with worker(cell, group(data, Effects(data))):
            await send(sender, cell, completed("a"), 1)
            await eventually(lambda: is_applied(effects, {"a": [1]}), "the first")
            proxy.cut()
            await send(sender, cell, completed("a"), 2)
            await asyncio.sleep(0.5)
            since = time.monotonic()
        assert time.monotonic() - since < 9
        async with worker(cell, group(straight, effects)):
            await eventually(lambda: is_applied(effects, {"a": [1, 2]}), "nothing was lost")


async def is_applied(effects: Effects, wanted: dict[str, list[int]]) -> bool:
    return await effects.by_key() == wanted
