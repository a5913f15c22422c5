"""Leases: one holder at a time, by the server's own clock."""

import asyncio
from datetime import UTC

from services.chassis.lease import Lease
from tests.chassis.build import database
from tests.servers import Cell


async def test_one_holder_at_a_time_who_may_renew(cell: Cell) -> None:
    async with database(cell) as data:
        holders = [Lease(data, "work") for _ in range(5)]
        held = await asyncio.gather(*(each.hold() for each in holders))
        assert sum(held) == 1
        assert [await each.hold() for each in holders] == held


async def test_it_is_taken_over_when_its_time_has_run_out_and_not_before(cell: Cell) -> None:
    async with database(cell) as data:
        gone, next_one = Lease(data, "work", seconds=1), Lease(data, "work", seconds=1)
        assert await gone.hold()
        assert not await next_one.hold()
        await asyncio.sleep(1.2)
        assert await next_one.hold()
        assert not await gone.hold()


async def test_the_time_is_the_server_s_so_that_no_machine_s_clock_matters(cell: Cell) -> None:
    async with database(cell) as data:
        assert await Lease(data, "work", seconds=60).hold()
        row = await data["leases"].find_one({"_id": "work"})
        assert row is not None
        hello = await data.client.admin.command("hello")
        left = (row["until"] - hello["localTime"].replace(tzinfo=UTC)).total_seconds()
        assert 50 < left <= 60


async def test_giving_it_up_lets_the_next_in_at_once_and_harms_no_other_holder(cell: Cell) -> None:
    async with database(cell) as data:
        first, second = Lease(data, "work"), Lease(data, "work")
        assert await first.hold()
        await second.release()  # not its own
        assert not await second.hold()
        await first.release()
        assert await second.hold()


async def test_leases_of_other_names_are_apart(cell: Cell) -> None:
    async with database(cell) as data:
        assert await Lease(data, "relay").hold()
        assert await Lease(data, "sweeps").hold()
