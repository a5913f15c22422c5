"""Progress and watermarks: two workers on one slice cannot both commit."""

import asyncio
from collections.abc import Sequence

import pytest

from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.ledger import FencedError
from services.chassis.consumer.plan import Watermark
from tests.chassis.build import STREAM, Effects, database, group, incoming
from tests.servers import Cell

TOPIC = "t.referrals"


@pytest.mark.parametrize("already", [0, 3])
async def test_of_two_workers_that_apply_one_slice_only_one_commits(
    cell: Cell, already: int
) -> None:
    async with database(cell) as one, database(cell) as other:
        effects = [Effects(one), Effects(other)]
        members = [group(one, effects[0]), group(other, effects[1])]
        if already:
            records = [incoming("a", n) for n in range(1, already + 1)]
            await members[0].slices.apply(STREAM, records, expected=0)
        records = [incoming("a", n) for n in range(already + 1, already + 11)]

        async def linger(_: Sequence[Incoming]) -> None:
            await asyncio.sleep(0.3)  # so that the other is under way too

        for each in effects:
            each.before = linger
        outcomes = await asyncio.gather(
            *(each.slices.apply(STREAM, records, expected=already) for each in members),
            return_exceptions=True,
        )

        assert already + 10 in outcomes
        assert [type(each) for each in outcomes if each != already + 10] == [FencedError]
        assert await effects[0].by_key() == {"a": list(range(1, already + 11))}


async def test_a_worker_that_comes_late_with_the_first_slice_is_fenced_at_once(cell: Cell) -> None:
    async with database(cell) as data:
        members = group(data, Effects(data))
        await members.slices.apply(STREAM, [incoming("a", 1)], expected=0)
        with pytest.raises(FencedError):
            await members.slices.apply(STREAM, [incoming("a", 1)], expected=0)


async def test_progress_that_was_set_back_is_followed(cell: Cell) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)
        records = [incoming("a", n) for n in (1, 2, 3)]
        await members.slices.apply(STREAM, records, expected=0)
        await data["progress"].update_many({}, {"$set": {"next": 1}})  # as after a restore
        with pytest.raises(FencedError):
            await members.slices.apply(STREAM, [incoming("a", 4)], expected=3)
        assert await members.ledger.next_offset(TOPIC, 0) == 1
        await members.slices.apply(STREAM, records[1:], expected=1)
        assert await effects.by_key() == {"a": [1, 2, 3]}


async def test_under_a_new_prefix_reading_starts_at_0_and_drops_what_is_known(cell: Cell) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)
        await members.slices.apply(STREAM, [incoming("a", n) for n in (1, 2, 3)], expected=0)

        # Kafka was filled again: another topic, another partition perhaps, the same events.
        assert await members.ledger.next_offset("t2.referrals", 5) == 0
        again = [
            incoming("a", n, topic="t2.referrals", partition=5, offset=n - 1) for n in (1, 2, 3, 4)
        ]
        await members.slices.apply(STREAM, again, expected=0)

        assert await effects.by_key() == {"a": [1, 2, 3, 4]}
        assert await members.ledger.watermarks(STREAM, ["a"]) == {"a": Watermark(4)}


async def test_topics_that_were_made_anew_are_read_from_0_and_what_is_known_drops(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)
        records = [incoming("a", n) for n in (1, 2, 3)]
        await members.slices.apply(STREAM, records, expected=0)

        assert await members.slices.read_anew() == 1
        with pytest.raises(FencedError):
            await members.slices.apply(STREAM, [incoming("a", 4)], expected=3)
        assert await members.ledger.next_offset(TOPIC, 0) == 0
        again = [incoming("a", n) for n in (1, 2, 3, 4)]
        assert await members.slices.apply(STREAM, again, expected=0) == 4

        assert await effects.by_key() == {"a": [1, 2, 3, 4]}


async def test_groups_of_one_database_do_not_see_each_other_s_progress(cell: Cell) -> None:
    async with database(cell) as data:
        first, second = group(data, Effects(data), "one"), group(data, Effects(data), "two")
        await first.slices.apply(STREAM, [incoming("a", 1)], expected=0)
        assert await second.ledger.next_offset(TOPIC, 0) == 0
        await first.ledger.forget()
        assert await first.ledger.offsets() == []
        assert await first.ledger.watermarks(STREAM, ["a"]) == {}
