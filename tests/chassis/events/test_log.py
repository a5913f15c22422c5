"""The event log: what is committed is in it, in order per key."""

import asyncio
from datetime import timedelta

import pytest

from contracts.cloudevents import Envelope
from services.chassis.clock import FixedClock
from services.chassis.errors import EnlaceError, Kind
from services.chassis.events import log as event_log
from services.chassis.events.log import LoggedEvent
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Store
from tests.chassis.build import NOON, Tally, bump, completed, store
from tests.servers import Cell


async def archive(service: Store) -> list[LoggedEvent]:
    return [event async for event in service.log.all()]


async def test_a_row_exists_if_and_only_if_its_change_was_committed(cell: Cell) -> None:
    async with store(cell) as service:
        await bump(service, "kept")

        def fails_late(_: Found) -> Change[None]:
            # The second tally is refused by the server after the first one was written.
            return Change(
                None, [Tally(id="lost"), Tally(id="lost"), Tally(id="lost")], [completed("lost")]
            )

        with pytest.raises(Exception, match="E11000"):
            await service.update([], fails_late)

        assert [event.envelope.key for event in await archive(service)] == ["kept"]
        assert await service.get(Tally, "lost") is None


async def test_an_aborted_transaction_leaves_no_hole_in_the_sequence(cell: Cell) -> None:
    async with store(cell) as service:
        await bump(service, "a")

        async def aborted() -> None:
            await service.log.append([completed("a"), completed("a")], site=None)
            raise RuntimeError("given up after the append")

        with pytest.raises(RuntimeError):
            await service.database.transact(aborted)
        await bump(service, "a")

        assert [event.envelope.sequence for event in await archive(service)] == [1, 2]


async def test_sequence_is_1_2_3_per_topic_and_key_under_concurrent_writers(cell: Cell) -> None:
    async with store(cell) as service:
        keys = [new_id() for _ in range(3)]
        await asyncio.gather(*(bump(service, key) for key in keys for _ in range(15)))

        seen: dict[str, list[int]] = {}
        for event in await archive(service):
            seen.setdefault(event.envelope.key, []).append(event.envelope.sequence)
        assert seen == {key: list(range(1, 16)) for key in keys}


async def test_several_events_of_one_change_keep_the_order_they_were_given_in(cell: Cell) -> None:
    async with store(cell) as service:
        await bump(
            service,
            "a",
            completed("b", "first"),
            completed("a", "second"),
            completed("b", "third"),
        )
        told = {
            (event.envelope.key, event.envelope.sequence): event.data
            for event in await archive(service)
        }
        assert set(told) == {("a", 1), ("b", 1), ("b", 2)}
        assert b"first" in told["b", 1]
        assert b"third" in told["b", 2]


async def test_order_grows_with_sequence_though_the_writer_s_clock_goes_back(cell: Cell) -> None:
    clock = FixedClock(NOON)
    async with store(cell, clock=clock) as service:
        for step in (0, 60, -3600, 1):
            clock.advance(timedelta(seconds=step))
            await bump(service, "a", completed("a"), completed("a"))

        rows = await archive(service)
        assert [row.envelope.sequence for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8]
        orders = [row.order for row in rows]
        assert orders == sorted(set(orders))


async def test_published_rows_stay_and_can_be_offered_again(cell: Cell) -> None:
    async with store(cell) as service:
        for _ in range(3):
            await bump(service, "a")
        await service.log.mark_published([row["_id"] for row in await service.log.pending(10)])

        assert await service.log.pending_count() == 0
        assert len(await archive(service)) == 3

        assert await service.log.unpublish_all() == 3
        assert [row["sequence"] for row in await service.log.pending(10)] == [1, 2, 3]


async def test_the_pages_of_a_backlog_show_one_moment(cell: Cell) -> None:
    """Read on page by page instead, a late row would come without the one before it."""
    clock = FixedClock(NOON)
    async with store(cell, clock=clock) as service:
        await bump(service, "a")
        clock.advance(timedelta(hours=1))
        for _ in range(4):
            await bump(service, "b")
        async with service.log.backlog(2) as backlog:
            seen = [(row["key"], row["sequence"]) for row in await backlog.page()]
            # Another writer's clock is behind, then right: its first place lies among those read.
            clock.advance(timedelta(minutes=-30))
            await bump(service, "late")
            clock.advance(timedelta(hours=2))
            await bump(service, "late")
            while page := await backlog.page():
                seen += [(row["key"], row["sequence"]) for row in page]
        assert seen == [("a", 1), ("b", 1), ("b", 2), ("b", 3), ("b", 4)]


async def test_an_event_that_kafka_would_refuse_is_refused_before_it_is_committed(
    cell: Cell,
) -> None:
    async with store(cell) as service:
        with pytest.raises(EnlaceError) as refused:
            await bump(service, "a", completed("a", "x" * 600_000))

        assert refused.value.kind is Kind.TOO_LARGE
        assert await archive(service) == []
        assert await service.get(Tally, "a") is None


async def test_a_page_of_large_rows_ends_early_and_loses_none(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "PAGE_BYTES", 25_000)
    async with store(cell) as service:
        for _ in range(5):
            await bump(service, "a", completed("a", "x" * 10_000))

        first = await service.log.pending(2_000)
        await service.log.mark_published([row["_id"] for row in first])
        second = await service.log.pending(2_000)

        assert [row["sequence"] for row in first + second] == [1, 2, 3, 4, 5]
        assert len(first) == 3


async def test_a_row_reads_back_as_the_event_s_envelope(cell: Cell) -> None:
    async with store(cell, clock=FixedClock(NOON)) as service:
        await bump(service, "a")
        (event,) = await archive(service)
        assert event.topic == "referrals"
        assert event.envelope == Envelope(
            id=event.envelope.id,
            source="enlace/referral",
            type="org.enlace.referral.completed.v1",
            key="a",
            time=NOON,
            sequence=1,
            site="site-01",
            traceparent=None,
        )
