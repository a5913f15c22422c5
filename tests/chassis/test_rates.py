"""How often somebody may call: counted together by all replicas, on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.errors import EnlaceError
from services.chassis.rates import Rates
from tests.chassis.build import database
from tests.servers import Cell

NOW = datetime(2026, 10, 13, 17, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def passed(rates: Rates, caller: str, now: datetime, calls: int) -> int:
    """Call so often at one instant; returns how often it went through."""
    answers = await asyncio.gather(
        *(rates.count(caller, now) for _ in range(calls)), return_exceptions=True
    )
    others = [each for each in answers if each and not isinstance(each, EnlaceError)]
    assert not others
    return sum(each is None for each in answers)


async def test_a_minutes_worth_may_come_at_once_and_then_so_many_as_the_pace_allows(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        rates = Rates(data, "calls", per_minute=6)
        assert await passed(rates, "a", NOW, 6) == 6
        with pytest.raises(EnlaceError) as refused:
            await rates.count("a", NOW)
        assert (refused.value.slug, refused.value.retry_after) == ("too-many-calls", 10)
        assert "10 seconds" in refused.value.detail
        assert "10 segundos" in refused.value.es
        assert await passed(rates, "a", NOW + 9 * SECOND, 3) == 0
        assert await passed(rates, "a", NOW + 10 * SECOND, 3) == 1
        assert await passed(rates, "a", NOW + 70 * SECOND, 9) == 6


async def test_replicas_count_together_and_a_callers_first_calls_too(cell: Cell) -> None:
    async with database(cell) as data:
        here, there = (Rates(data, "calls", per_minute=20) for _ in range(2))
        await here.count("before", NOW)  # a service that has started has its collection
        both = await asyncio.gather(passed(here, "a", NOW, 20), passed(there, "a", NOW, 20))
        assert sum(both) == 20


async def test_nobody_uses_up_what_is_anothers(cell: Cell) -> None:
    async with database(cell) as data:
        rates = Rates(data, "calls", per_minute=2)
        await rates.count("before", NOW)  # a service that has started has its collection
        assert await passed(rates, "a", NOW, 5) == 2
        assert await passed(rates, "b", NOW, 5) == 2


async def test_a_clock_that_was_put_back_locks_nobody_out_for_longer_than_a_minute(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        rates = Rates(data, "calls", per_minute=2)
        assert await passed(rates, "a", NOW + timedelta(days=30), 2) == 2
        assert await passed(rates, "a", NOW, 2) == 0
        assert await passed(rates, "a", NOW + timedelta(minutes=1), 2) == 2


async def test_without_a_limit_nothing_is_counted(cell: Cell) -> None:
    async with database(cell) as data:
        assert await passed(Rates(data, "calls", per_minute=0), "a", NOW, 50) == 50
        assert await data["calls"].count_documents({}) == 0


async def test_callers_that_have_gone_are_forgotten(cell: Cell) -> None:
    async with database(cell) as data:
        rates = Rates(data, "calls", per_minute=2)
        await rates.create_indexes()
        await rates.count("a", NOW)
        (row,) = [each async for each in data["calls"].find({})]
        assert row["seen_at"].replace(tzinfo=UTC) == NOW
        indexes = await data["calls"].index_information()
        assert indexes["seen_at_1"]["expireAfterSeconds"] == 3_600
