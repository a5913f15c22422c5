"""The relay: what was committed is published at least once, in order per key."""

import asyncio
import itertools
import random
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from contracts import cloudevents
from contracts.follow_ups import FollowUpDone
from deploy.local.servers import ports
from deploy.local.servers.infra import kafka_server
from services.chassis.events.relay import Relay
from services.chassis.events.waker import LogWaker
from services.chassis.ids import new_id
from services.chassis.lease import Lease
from services.chassis.store import Store
from services.chassis.tasks import end
from tests.chassis.build import (
    Effects,
    bump,
    completed,
    create_topics,
    eventually,
    group,
    read_topic,
    relay,
    running,
    sequences_by_key,
    store,
    worker,
)
from tests.servers import Cell


async def is_published(service: Store) -> bool:
    return await service.log.pending_count() == 0


def first_times(sequences: list[int]) -> list[int]:
    """Leave out repeats: the order in which each was first there."""
    return list(dict.fromkeys(sequences))


async def test_an_uncommitted_event_is_never_published(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:

        async def aborted() -> None:
            await service.log.append([completed("a")], site=None)
            await service.log.append([completed("b")], site=None)
            raise RuntimeError("given up")

        async with running(relay(cell, service.log, service.database).run):
            with pytest.raises(RuntimeError):
                await service.database.transact(aborted)
            await bump(service, "b")
            await eventually(lambda: is_published(service), "published")

        assert sequences_by_key(await read_topic(cell)) == {"b": [1]}


async def test_unpublished_rows_are_found_without_a_change_stream(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:
        for _ in range(3):
            await bump(service, "a")  # before anybody listens

        # Its waker is never run: nothing but the rows themselves tells of them.
        async with running(relay(cell, service.log, service.database).run):
            await eventually(lambda: is_published(service), "the backlog")
            await bump(service, "a")
            await eventually(lambda: is_published(service), "what came later")

        assert sequences_by_key(await read_topic(cell)) == {"a": [1, 2, 3, 4]}


async def test_a_wake_that_meets_a_cancellation_does_not_swallow_it(cell: Cell) -> None:
    """Whatever lies between the two: the relay would run on, and its service never stop."""
    async with store(cell) as service:
        for steps in range(8):
            waker = LogWaker(service.database)
            task = asyncio.create_task(_waiting_for_ever(waker))
            await asyncio.sleep(0.01)
            waker._woken.set()
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()

            done, _ = await asyncio.wait([task], timeout=5)

            await end([task], patience=1)
            assert done, f"it went on, {steps} steps after it was woken"


async def _waiting_for_ever(waker: LogWaker) -> None:
    while True:
        await waker.wait(30)


async def test_the_change_stream_wakes_the_relay_at_once(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:
        waker = LogWaker(service.database)
        async with running(waker.run):
            await asyncio.sleep(0.5)  # until it watches
            waiting = asyncio.create_task(waker.wait(20))
            await bump(service, "a")
            async with asyncio.timeout(5):
                await waiting


async def test_order_per_key_holds_with_concurrent_writers_and_a_backlog_of_many_pages(
    cell: Cell,
) -> None:
    await create_topics(cell)
    keys = [new_id() for _ in range(8)]
    chance = random.Random(7)
    async with store(cell) as service, store(cell) as other:
        await asyncio.gather(*(bump(service, key) for key in keys for _ in range(5)))

        async def write(writer: Store) -> None:
            for _ in range(60):
                await bump(writer, chance.choice(keys))

        async with running(relay(cell, service.log, service.database, batch=7).run):
            await asyncio.gather(write(service), write(other), write(service), write(other))
            await eventually(lambda: is_published(service), "published")

        written: dict[str, int] = {}
        async for row in service.log.all():
            written[row.envelope.key] = row.envelope.sequence
        seen = sequences_by_key(await read_topic(cell))
        assert {key: list(range(1, last + 1)) for key, last in written.items()} == seen


async def test_order_per_key_does_not_rest_on_ids_which_other_machines_clocks_make(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_topics(cell)
    backwards = itertools.count(10_000, -1)
    monkeypatch.setattr(
        "services.chassis.events.log.new_id", lambda: f"{next(backwards):08}"
    )  # each later row sorts before the earlier ones
    async with store(cell) as service:
        for _ in range(30):
            await bump(service, "a")
        async with running(relay(cell, service.log, service.database, batch=7).run):
            await eventually(lambda: is_published(service), "published")
        assert sequences_by_key(await read_topic(cell)) == {"a": list(range(1, 31))}


async def test_a_row_is_marked_only_after_the_broker_has_confirmed_it(cell: Cell) -> None:
    async with store(cell) as service:
        await bump(service, "a")  # there is no topic
        nowhere = relay(cell, service.log, service.database)
        task = asyncio.create_task(nowhere.run())
        await asyncio.sleep(0.5)
        assert await service.log.pending_count() == 1

        await create_topics(cell)
        await eventually(lambda: is_published(service), "published", seconds=25)
        await end([task])
        assert first_times(sequences_by_key(await read_topic(cell))["a"]) == [1]


async def test_a_topic_that_is_missing_holds_up_no_other(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:
        await bump(service, "a", FollowUpDone(follow_up="f", referral="a"), completed("a"))
        unhappy = relay(cell, service.log, service.database, patience=2)
        with pytest.raises((KafkaError, TimeoutError)):
            await unhappy.publish(await service.log.pending(10))
        await unhappy._drop_producer()

        assert [row["topic"] for row in await service.log.pending(10)] == ["follow-ups"]
        assert sequences_by_key(await read_topic(cell)) == {"a": [1]}


async def limit_records(cell: Cell, size: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    topic = f"{cell.topic_prefix}referrals"
    configs = {"max.message.bytes": str(size)}
    await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)],
    )
    await admin.close()


async def test_a_refused_record_lets_nothing_of_its_key_overtake_and_goes_out_once_it_fits(
    cell: Cell,
) -> None:
    await create_topics(cell, **{"max.message.bytes": "100000"})
    async with store(cell) as service:
        # Larger than a batch: what comes after it stands in a batch of its own.
        await bump(service, "a", completed("a", "x" * 300_000))
        for _ in range(5):
            await bump(service, "a")
            await bump(service, "neighbour")

        mover = relay(cell, service.log, service.database)
        with pytest.raises(MessageSizeTooLargeError):
            await mover.publish(await service.log.pending(100))
        await mover._drop_producer()
        assert sequences_by_key(await read_topic(cell)) == {"neighbour": [1, 2, 3, 4, 5]}
        assert await service.log.pending_count() == 6

        await limit_records(cell, 1_000_000)
        async with running(mover.run):
            await eventually(lambda: is_published(service), "published")
        assert mover.healthy
        assert sequences_by_key(await read_topic(cell)) == {
            "neighbour": [1, 2, 3, 4, 5],
            "a": [1, 2, 3, 4, 5, 6],
        }


async def test_a_relay_paused_past_its_lease_makes_late_duplicates_only(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service, store(cell, "reader") as reader:
        for _ in range(20):
            await bump(service, "a")
        paused = relay(cell, service.log, service.database)
        assert await paused._lease.hold()
        stale = await service.log.pending(20)  # read, and then it stands still

        async with running(relay(cell, service.log, service.database, batch=5).run):
            await eventually(lambda: is_published(service), "the other took over", seconds=10)
            for _ in range(10):
                await bump(service, "a")
            await eventually(lambda: is_published(service), "the other went on")
            await paused.publish(stale)  # it wakes
            await paused._drop_producer()

        on_topic = sequences_by_key(await read_topic(cell))["a"]
        assert on_topic == [*range(1, 31), *range(1, 21)]

        effects = Effects(reader.database)
        members = group(reader.database, effects)
        async with worker(cell, members):

            async def all_read() -> bool:
                done: int = sum(row["next"] for row in await members.ledger.offsets())
                return done == 50

            await eventually(all_read, "read to the end")
        assert await effects.by_key() == {"a": list(range(1, 31))}


async def test_two_relays_at_once_never_publish_a_key_out_of_order(cell: Cell) -> None:
    await create_topics(cell)
    keys = [new_id() for _ in range(5)]
    async with store(cell) as service:
        # Leases of different names: both believe that they are alone, all the time.
        both = [
            Relay(
                service.log,
                Lease(service.database, name),
                LogWaker(service.database),
                bootstrap=cell.kafka,
                cell=cell.name,
                batch=9,
            )
            for name in ("relay", "another")
        ]
        async with running(*(each.run for each in both)):
            await asyncio.gather(*(bump(service, key) for key in keys for _ in range(30)))
            await eventually(lambda: is_published(service), "published")

        seen = sequences_by_key(await read_topic(cell))
        assert {key: first_times(found) for key, found in seen.items()} == {
            key: list(range(1, 31)) for key in keys
        }


async def test_one_relay_at_a_time_is_busy(cell: Cell) -> None:
    async with store(cell) as service:
        first, second = (Lease(service.database, "relay") for _ in range(2))
        assert [await first.hold(), await second.hold(), await first.hold()] == [True, False, True]


async def test_a_relay_that_stops_gives_up_its_lease_at_once(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:
        async with running(relay(cell, service.log, service.database).run):
            await bump(service, "a")
            await eventually(lambda: is_published(service), "published")
        assert await Lease(service.database, "relay").hold()


async def test_a_record_reads_back_as_the_cloud_event_that_was_committed(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:
        await bump(service, "a")
        async with running(relay(cell, service.log, service.database).run):
            await eventually(lambda: is_published(service), "published")
        (row,) = [row async for row in service.log.all()]
        (record,) = await read_topic(cell)
        assert cloudevents.decode(record.headers) == row.envelope
        assert record.value == row.data


async def test_nothing_is_lost_while_kafka_is_away_and_no_producer_is_left_behind(
    cell: Cell, tmp_path: Path
) -> None:
    kafka = kafka_server(tmp_path, ports.free_port())
    await asyncio.to_thread(kafka.start)
    alone = Cell(cell.name, kafka.bootstrap, cell.mongo_uri)
    try:
        await create_topics(alone)
        async with store(alone) as service:
            mover = relay(alone, service.log, service.database, patience=3)
            async with running(mover.run):
                await bump(service, "a")
                await eventually(lambda: is_published(service), "published")
                tasks = len(asyncio.all_tasks())

                await asyncio.to_thread(kafka.kill)
                for _ in range(5):
                    await bump(service, "a")
                await eventually(lambda: not mover.healthy, "it tells that it fails", seconds=60)
                assert await service.log.pending_count() == 5

                await asyncio.to_thread(kafka.start)
                await eventually(lambda: is_published(service), "published", seconds=60)
                await eventually(lambda: mover.healthy, "it is well again")
                await eventually(
                    lambda: len(asyncio.all_tasks()) <= tasks + 2, "nothing is left behind"
                )
            seen = sequences_by_key(await read_topic(alone))["a"]
            assert first_times(seen) == [1, 2, 3, 4, 5, 6]
    finally:
        await asyncio.to_thread(kafka.stop)
