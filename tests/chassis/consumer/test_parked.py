"""Parked keys: nothing lost, replayed in order, given up only by a person."""

import asyncio
from collections.abc import Sequence

from services.chassis.consumer.applier import RefusedError
from services.chassis.consumer.incoming import Incoming, read_parts
from services.chassis.consumer.plan import Watermark
from services.chassis.database import Database
from tests.chassis.build import STREAM, Effects, Group, database, group, incoming
from tests.servers import Cell


def refusing(data: Database, *keys: str) -> tuple[Group, Effects]:
    """Return a group whose handler refuses these keys until `before` is taken away."""
    effects = Effects(data)

    async def refuse(records: Sequence[Incoming]) -> None:
        for record in records:
            if record.key in keys:
                raise RefusedError(record.offset, "bug: the handler is wrong")

    effects.before = refuse
    return group(data, effects), effects


async def test_a_parked_event_is_kept_byte_for_byte_with_its_place_and_cause(cell: Cell) -> None:
    async with database(cell) as data:
        members, _ = refusing(data)
        value = b'{"referral": "a", \xff\xfe'
        await members.slices.apply(STREAM, [incoming("a", 1, value=value)], expected=0)

        (row,) = [row async for row in data["parked"].find()]
        assert bytes(row["value"]) == value
        assert (row["topic"], row["partition"], row["position"]) == ("t.referrals", 0, 0)
        (line,) = await members.parked.line(STREAM, "a")
        assert (line.value, line.key, line.sequence) == (value, "a", 1)
        assert await members.ledger.watermarks(STREAM, ["a"]) == {"a": Watermark(0, parked=True)}
        assert await members.ledger.next_offset("t.referrals", 0) == 1


async def test_the_list_tells_ids_and_causes_and_never_values(cell: Cell) -> None:
    async with database(cell) as data:
        members, _ = refusing(data, "a")
        records = [incoming("a", n) for n in (1, 2, 3)]
        await members.slices.apply(STREAM, records, expected=0)

        (key,) = await members.parked.keys()
        assert (key.key, key.waiting, key.cause, key.sequence) == (
            "a",
            3,
            "bug: the handler is wrong",
            1,
        )
        shown = await members.parked.show(STREAM, "a")
        assert [set(row) for row in shown] == 3 * [
            {"position", "type", "sequence", "cause", "bytes", "parked_at"}
        ]


async def test_retry_after_a_fix_replays_the_key_in_order_and_lets_it_go_on(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data, "a")
        await members.slices.apply(STREAM, [incoming("a", n) for n in (1, 2, 3)], expected=0)
        await members.slices.apply(STREAM, [incoming("a", 4)], expected=3)
        assert await effects.by_key() == {}

        effects.before = None  # the fix
        planned = await members.slices.retry(STREAM, "a")

        assert len(planned.apply) == 4
        assert await effects.by_key() == {"a": [1, 2, 3, 4]}
        assert await members.parked.count() == 0
        await members.slices.apply(STREAM, [incoming("a", 5)], expected=4)
        assert await effects.by_key() == {"a": [1, 2, 3, 4, 5]}


async def test_retry_without_a_fix_changes_nothing(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data, "a")
        await members.slices.apply(STREAM, [incoming("a", n) for n in (1, 2)], expected=0)
        planned = await members.slices.retry(STREAM, "a")
        assert planned.park[0].cause == "bug: the handler is wrong"
        assert await members.parked.count() == 2
        assert await effects.by_key() == {}


async def test_retry_goes_as_far_as_it_can(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data, "a")
        records = [incoming("a", 1), incoming("a", 2), incoming("a", 3, value=b"?")]
        await members.slices.apply(STREAM, records, expected=0)
        effects.before = None
        planned = await members.slices.retry(STREAM, "a")
        assert [len(planned.apply), len(planned.park)] == [2, 1]
        assert await effects.by_key() == {"a": [1, 2]}
        assert (await members.waiting("a"))[0].startswith("body-invalid")


async def test_what_was_missing_and_came_late_is_replayed_before_what_waited(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data)
        records = [
            incoming("a", n, offset=offset) for offset, n in enumerate([1, 3, 4, 2])
        ]  # 2 was lost, and sent again
        await members.slices.apply(STREAM, records, expected=0)
        assert await effects.by_key() == {"a": [1]}
        await members.slices.retry(STREAM, "a")
        assert await effects.by_key() == {"a": [1, 2, 3, 4]}
        assert await members.parked.count() == 0


async def test_discard_drops_the_first_event_of_one_key_and_nothing_else(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data)
        records = [
            incoming("a", 1, offset=0, value=b"?"),
            incoming("b", 1, offset=1, value=b"?"),
            incoming("a", 2, offset=2),
            incoming("a", 3, offset=3),
        ]
        await members.slices.apply(STREAM, records, expected=0)
        await members.slices.discard(STREAM, "a")
        assert await effects.by_key() == {"a": [2, 3]}
        assert [key.key for key in await members.parked.keys()] == ["b"]


async def test_discard_of_a_spoilt_record_lets_the_whole_one_of_its_place_through(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)
        again = incoming("a", 2, offset=3)
        records = [
            incoming("a", 1, offset=0),
            incoming("a", 2, offset=1, value=b"?"),
            incoming("a", 2, offset=2),
            again,
            incoming("a", 3, offset=4),
        ]
        await members.slices.apply(STREAM, records, expected=0)
        await members.slices.discard(STREAM, "a")

        assert await effects.by_key() == {"a": [1, 2, 3]}
        assert await members.parked.count() == 0


async def test_discard_gives_an_event_up_with_its_second_copies(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data, "a")
        first = incoming("a", 1)
        copy = first._replace(offset=1)
        await members.slices.apply(STREAM, [first, copy, incoming("a", 2, offset=2)], expected=0)
        effects.before = None
        await members.slices.discard(STREAM, "a")

        assert await effects.by_key() == {"a": [2]}


async def test_discard_of_a_gap_gives_up_the_missing_ones_alone(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data)
        records = [incoming("a", n, offset=offset) for offset, n in enumerate([1, 4, 5, 8])]
        await members.slices.apply(STREAM, records, expected=0)
        planned = await members.slices.discard(STREAM, "a")
        assert planned is not None
        assert await effects.by_key() == {"a": [1, 4, 5]}
        assert await members.waiting("a") == ["gap: expected 6, got 8"]


async def test_a_record_without_a_key_can_be_discarded(cell: Cell) -> None:
    async with database(cell) as data:
        members, _ = refusing(data)
        record = read_parts(
            topic="t.referrals", partition=0, offset=0, raw_key=None, headers=(), value=b"?"
        )
        await members.slices.apply(STREAM, [record], expected=0)
        await members.slices.discard(STREAM, record.key)
        assert await members.parked.count() == 0
        assert await members.slices.discard(STREAM, record.key) is None


async def test_an_event_that_comes_while_its_key_is_retried_is_not_left_waiting(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        members, effects = refusing(data, "a")
        # The first effect makes the collection, which two transactions cannot do at once.
        first = [incoming("other", 1, offset=0), incoming("a", 1, offset=1)]
        await members.slices.apply(STREAM, first, expected=0)
        inside, go_on = asyncio.Event(), asyncio.Event()

        async def stop_once(records: Sequence[Incoming]) -> None:
            if any(record.key == "b" for record in records) and not inside.is_set():
                inside.set()  # the slice has seen that `a` is parked
                await go_on.wait()

        effects.before = stop_once
        records = [incoming("a", 2, offset=2), incoming("b", 1, offset=3)]
        slice_ = asyncio.create_task(members.slices.apply(STREAM, records, expected=2))
        await inside.wait()
        await members.slices.retry(STREAM, "a")
        go_on.set()
        await slice_

        assert await effects.by_key() == {"other": [1], "a": [1, 2], "b": [1]}
        assert await members.parked.count() == 0


async def test_two_operators_who_retry_at_once_apply_it_once(cell: Cell) -> None:
    async with database(cell) as data:
        members, effects = refusing(data, "a")
        await members.slices.apply(STREAM, [incoming("a", n) for n in (1, 2)], expected=0)
        effects.before = None
        await asyncio.gather(*(members.slices.retry(STREAM, "a") for _ in range(3)))
        assert await effects.by_key() == {"a": [1, 2]}
