"""Due times: each fires once, however long everything was down, and only while it applies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from opentelemetry.sdk.trace import TracerProvider

from contracts.follow_ups import FollowUpOverdue
from services.chassis.clock import FixedClock
from services.chassis.lease import Lease
from services.chassis.store import Change, Ref, Store
from services.chassis.tasks import end
from services.chassis.timers import Sweep, run_sweeps
from tests.chassis.build import NOON, Tally, eventually, store
from tests.servers import Cell

HOUR = timedelta(hours=1)


def fire(tally: Tally, _: datetime) -> Change[None]:
    """Count, tell it, and set no other time."""
    told = FollowUpOverdue(follow_up="f", referral=tally.id)
    return Change(None, [tally.having(n=tally.n + 1, next_due=None)], [told])


@asynccontextmanager
async def due(
    cell: Cell,
    *keys: str,
    at: datetime = NOON,
    decide: Callable[[Tally, datetime], Change[None]] = fire,
) -> AsyncIterator[tuple[Store, FixedClock, Sweep[Tally]]]:
    """Set these tallies due at a time, an hour ahead of the clock."""
    clock = FixedClock(at - HOUR)
    async with store(cell, clock=clock) as service:
        sweep = Sweep(service, clock, Tally, decide)
        await sweep.create_indexes()
        tallies = [Tally(id=key, next_due=at) for key in keys]
        await service.update([], lambda _: Change(None, tallies))
        yield service, clock, sweep


async def counts(service: Store) -> dict[str, int]:
    return {each.id: each.n async for each in service.find(Tally, {})}


async def test_nothing_fires_before_its_time(cell: Cell) -> None:
    async with due(cell, "a") as (service, clock, sweep):
        clock.advance(HOUR - timedelta(milliseconds=1))
        assert await sweep.once() == 0
        clock.advance(timedelta(milliseconds=1))
        assert await sweep.once() == 1
        assert await counts(service) == {"a": 1}


async def test_a_due_time_that_passed_while_everything_was_down_fires_once(cell: Cell) -> None:
    async with due(cell, "a", "b") as (service, clock, sweep):
        clock.advance(timedelta(days=90))
        assert await sweep.once() == 2
        assert await sweep.once() == 0
        assert await counts(service) == {"a": 1, "b": 1}
        assert await service.log.pending_count() == 2


async def test_one_that_no_longer_applies_never_fires(cell: Cell) -> None:
    async with due(cell, "a", "b") as (service, clock, sweep):
        clock.advance(HOUR)
        ref = Ref(Tally, "a")
        await service.update([ref], lambda found: _cleared(found.get(ref)))
        assert await sweep.once() == 1
        assert await counts(service) == {"a": 0, "b": 1}


def _cleared(tally: Tally | None) -> Change[None]:
    assert tally is not None
    return Change(None, [tally.having(next_due=None)])


async def test_one_that_was_done_after_the_sweep_had_seen_it_does_not_fire(cell: Cell) -> None:
    async with due(cell, "a") as (service, clock, sweep):
        clock.advance(HOUR)
        ref = Ref(Tally, "a")
        await service.update([ref], lambda found: _cleared(found.get(ref)))
        now = clock.now()
        await sweep._fire(["a"], now)
        assert await counts(service) == {"a": 0}
        assert await service.log.pending_count() == 0


async def test_one_that_fails_does_not_hold_up_the_others_and_is_tried_again(cell: Cell) -> None:
    broken = True

    def fragile(tally: Tally, now: datetime) -> Change[None]:
        if tally.id == "bad" and broken:
            raise ValueError("Ana Maria")
        return fire(tally, now)

    async with due(cell, "bad", "a", "b", decide=fragile) as (service, clock, sweep):
        clock.advance(HOUR)
        assert await sweep.once() == 2
        assert await counts(service) == {"a": 1, "b": 1, "bad": 0}

        broken = False
        assert await sweep.once() == 0  # not at once
        sweep._penalties["bad"] = (0.0, 30.0)  # half a minute later
        assert await sweep.once() == 1
        assert await counts(service) == {"a": 1, "b": 1, "bad": 1}


async def test_many_that_fail_do_not_hide_the_others(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.timers.BATCH", 5)

    def fragile(tally: Tally, now: datetime) -> Change[None]:
        if tally.id.startswith("bad"):
            raise ValueError
        return fire(tally, now)

    keys = [*(f"bad{n}" for n in range(8)), "z"]
    async with due(cell, *keys, decide=fragile) as (service, clock, sweep):
        clock.advance(HOUR)
        for _ in range(4):
            await sweep.once()
        assert (await counts(service))["z"] == 1


async def test_those_whose_time_does_not_move_on_do_not_hide_the_others(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.timers.BATCH", 2)

    def forgetful(tally: Tally, now: datetime) -> Change[None]:
        return Change(None) if tally.id.startswith("stuck") else fire(tally, now)

    stuck = [f"stuck-{n}" for n in range(5)]
    async with due(cell, *stuck, "z", decide=forgetful) as (service, clock, sweep):
        clock.advance(HOUR)
        fired = [await sweep.once() for _ in range(5)]
        assert sum(fired) == 1
        assert (await counts(service))["z"] == 1


async def test_those_that_cannot_be_saved_together_are_saved_alone(cell: Cell) -> None:
    def onto_one(tally: Tally, _: datetime) -> Change[None]:
        if tally.id == "bad":
            return Change(None, [tally.having(version=9, next_due=None)])  # as if somebody had been
        return fire(tally, NOON)

    async with due(cell, "a", "bad", "b", decide=onto_one) as (service, clock, sweep):
        clock.advance(HOUR)
        assert await sweep.once() == 2
        assert await counts(service) == {"a": 1, "b": 1, "bad": 0}
        assert await service.log.pending_count() == 2


async def test_each_keeps_its_school_and_begins_a_trace_of_its_own(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = TracerProvider().get_tracer("test")
    monkeypatch.setattr("services.chassis.telemetry.tracer", tracer)

    def at_its_school(tally: Tally, now: datetime) -> Change[None]:
        change = fire(tally, now)
        return Change(None, change.save, change.events, f"site-{tally.id}")

    async with due(cell, "a", "b", decide=at_its_school) as (service, clock, sweep):
        clock.advance(HOUR)
        await sweep.once()
        rows = await service.log.pending(10)
        assert {row["key"]: row["site"] for row in rows} == {"a": "site-a", "b": "site-b"}
        assert len({row["traceparent"].split("-")[1] for row in rows}) == 2


async def test_sweepers_at_once_fire_each_once(cell: Cell) -> None:
    keys = [f"k{n:03}" for n in range(250)]
    async with (
        due(cell, *keys) as (service, clock, sweep),
        store(cell, clock=clock) as second,
        store(cell, clock=clock) as third,
        store(cell, clock=clock) as fourth,
    ):
        clock.advance(HOUR)
        others = [Sweep(each, clock, Tally, fire) for each in (second, third, fourth)]
        await asyncio.gather(*(each.once() for each in (sweep, *others)))
        assert await counts(service) == dict.fromkeys(keys, 1)
        assert await service.log.pending_count() == 250


async def test_the_worker_sweeps_by_itself_and_one_worker_is_enough(cell: Cell) -> None:
    async with due(cell, "a") as (service, clock, sweep):
        clock.advance(HOUR)
        lease = Lease(service.database, "sweeps")
        idle = Lease(service.database, "sweeps")
        assert await lease.hold()
        assert not await idle.hold()
        task = asyncio.create_task(run_sweeps([sweep], lease, every=0.05))  # type: ignore[list-item] # of any kind

        async def fired() -> bool:
            return await counts(service) == {"a": 1}

        await eventually(fired, "it fires")
        await end([task])
