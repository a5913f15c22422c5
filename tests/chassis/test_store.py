"""The store: one transaction for aggregates and events, and nothing is lost between writers."""

import asyncio
from typing import Any, ClassVar

import pytest
from pymongo.errors import DuplicateKeyError

from services.chassis.errors import EnlaceError, Kind
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from tests.chassis.build import Tally, bump, completed, store
from tests.servers import Cell


class Seats(Aggregate):
    """A thing that many want at once."""

    COLLECTION: ClassVar[str] = "seats"
    HOT: ClassVar[bool] = True

    taken: int = 0


def _nothing(_: Found) -> Change[None]:
    return Change(None)


def make_once(key: str, value: int) -> tuple[list[Ref[Any]], Any]:
    """Return a create: makes what is missing, and answers a repeat with what is there."""
    ref = Ref(Tally, key)

    def decide(found: Found) -> Change[int]:
        tally = found.get(ref)
        if tally is not None:
            return Change(tally.n)
        return Change(value, [Tally(id=key, n=value)], [completed(key)])

    return [ref], decide


async def test_concurrent_updates_of_one_aggregate_lose_nothing(cell: Cell) -> None:
    async with store(cell) as one, store(cell) as other:
        await bump(one, "a")
        await asyncio.gather(*(bump(each, "a") for each in (one, other) for _ in range(20)))
        tally = await one.get(Tally, "a")
        assert tally is not None
        assert (tally.n, tally.version) == (41, 41)


async def test_those_of_one_process_who_want_a_hot_one_take_turns(cell: Cell) -> None:
    async with store(cell) as service:
        await service.update([], lambda _: Change(None, [Seats(id="a")]))
        decided = 0

        def take(found: Found) -> Change[None]:
            nonlocal decided
            decided += 1
            seats = found.get(Ref(Seats, "a"))
            assert seats is not None
            return Change(None, [seats.having(taken=seats.taken + 1)])

        await asyncio.gather(*(service.update([Ref(Seats, "a")], take) for _ in range(32)))
        kept = await service.get(Seats, "a")
        assert kept is not None
        assert kept.taken == 32
        assert decided == 32, "nobody was thrown back to decide again"


async def test_a_turn_at_several_is_waited_for_in_one_order(cell: Cell) -> None:
    async with store(cell) as service:
        both = [Ref(Seats, "a"), Ref(Seats, "b")]
        await service.update([], lambda _: Change(None, [Seats(id="a"), Seats(id="b")]))
        async with asyncio.timeout(60):
            await asyncio.gather(
                *(service.update(refs, _nothing) for refs in (both, both[::-1]) for _ in range(16))
            )


async def test_inside_a_transaction_no_turn_is_waited_for(cell: Cell) -> None:
    async with store(cell) as service, asyncio.timeout(60):
        ref = Ref(Seats, "a")

        async def work() -> None:
            await service.update([ref], lambda _: Change(None, [Seats(id="a")]))
            await service.update([ref], _nothing)

        await service.database.transact(work)


async def test_two_who_make_the_same_thing_at_once_get_the_same_answer(cell: Cell) -> None:
    async with store(cell) as one, store(cell) as other:
        answers = await asyncio.gather(
            *(
                each.update(*make_once("a", number))
                for number, each in enumerate([one, other, one, other])
            )
        )
        assert len(set(answers)) == 1
        assert await one.log.pending_count() == 1


async def test_a_stale_version_is_refused_and_told(cell: Cell) -> None:
    async with store(cell) as service:
        await bump(service, "a")
        old = await service.get(Tally, "a")
        assert old is not None
        await bump(service, "a")

        def save_the_old_one(_: Found) -> Change[None]:
            return Change(None, [old.having(n=99)], [completed("a")])

        with pytest.raises(EnlaceError) as refused:
            await service.update([], save_the_old_one)
        assert refused.value.kind is Kind.STALE
        assert "version 1, it is now 2" in refused.value.detail
        assert await service.log.pending_count() == 2


async def test_a_rule_that_says_no_leaves_nothing(cell: Cell) -> None:
    async with store(cell) as service:

        def refuse(_: Found) -> Change[None]:
            raise EnlaceError("no", Kind.RULE, "No.", es="No.")

        with pytest.raises(EnlaceError):
            await service.update([], refuse)
        assert await service.log.pending_count() == 0


async def test_updates_inside_a_transaction_join_it(cell: Cell) -> None:
    async with store(cell) as service:

        async def both_or_none() -> None:
            await bump(service, "a")
            await bump(service, "b")
            await bump(service, "a")
            raise RuntimeError("given up")

        with pytest.raises(RuntimeError):
            await service.database.transact(both_or_none)
        assert await service.get(Tally, "a") is None
        assert await service.log.pending_count() == 0


async def test_a_unique_index_is_told_after_a_few_tries(cell: Cell) -> None:
    async with store(cell) as service:
        await service.collection(Tally).create_index("n", unique=True)
        await service.update(*make_once("a", 7))
        with pytest.raises(DuplicateKeyError):
            await service.update(*make_once("b", 7))


class LaterTally(Tally):
    """The same, of a later release."""

    COLLECTION = "tallies"

    colour: str = "green"


async def test_what_a_later_release_wrote_survives_a_change_by_the_older_one(cell: Cell) -> None:
    async with store(cell) as service:
        await service.update([], lambda _: Change(None, [LaterTally(id="a", colour="red")]))
        await bump(service, "a")  # the older release knows no colour
        found = await service.get(LaterTally, "a")
        assert found is not None
        assert (found.colour, found.n, found.version) == ("red", 1, 2)


async def test_an_aggregate_comes_back_as_it_was_saved(cell: Cell) -> None:
    async with store(cell) as service:
        saved = Tally(id="a", n=3)
        await service.update([], lambda _: Change(None, [saved]))
        assert await service.get(Tally, "a") == saved.having(version=1)
        assert [each.id async for each in service.find(Tally, {"n": 3})] == ["a"]


def test_a_change_of_an_aggregate_is_checked_like_the_original() -> None:
    with pytest.raises(ValueError, match="n"):
        Tally(id="a").having(n="many")


def test_an_aggregate_of_another_kind_is_not_taken_for_it() -> None:
    class Other(Aggregate):
        COLLECTION = "others"

    ref: Ref[Any] = Ref(Tally, "a")
    with pytest.raises(TypeError):
        Found({ref: Other(id="a")}).get(ref)


async def test_a_store_of_another_database_on_the_same_server_joins_too(cell: Cell) -> None:
    async with store(cell) as service:
        other = Store(
            type(service.database)(service.database.client, f"{cell.name}_b"), service.log
        )

        async def both() -> None:
            await bump(service, "a")
            await other.update(*make_once("b", 1))
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await service.database.transact(both)
        assert await other.get(Tally, "b") is None


async def test_of_several_saved_together_one_stale_version_leaves_nothing(cell: Cell) -> None:
    async with store(cell) as service:
        for key in ("a", "b", "c"):
            await bump(service, key)
        old = [await service.get(Tally, key) for key in ("a", "b", "c")]
        await bump(service, "b")

        def save_the_old_ones(_: Found) -> Change[None]:
            return Change(None, [each.having(n=99) for each in old if each is not None])

        with pytest.raises(EnlaceError) as refused:
            await service.update([], save_the_old_ones)
        assert refused.value.kind is Kind.STALE
        assert [each.n async for each in service.find(Tally, {})] == [1, 2, 1]


async def test_several_are_saved_together(cell: Cell) -> None:
    async with store(cell) as service:
        for key in ("a", "b"):
            await bump(service, key)
        refs = [Ref(Tally, "a"), Ref(Tally, "b")]

        def raise_both(found: Found) -> Change[None]:
            both = [found.get(ref) for ref in refs]
            return Change(None, [each.having(n=each.n + 6) for each in both if each is not None])

        await service.update(refs, raise_both)
        assert [(each.n, each.version) async for each in service.find(Tally, {})] == [
            (7, 2),
            (7, 2),
        ]
