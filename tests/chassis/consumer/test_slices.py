"""A slice is applied as a whole or not at all, and one bad record stops its own key only."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo.errors import DuplicateKeyError

from contracts.cloudevents import Envelope
from contracts.referrals import ReferralCompleted
from services.chassis.consumer.applier import PassingError, RefusedError
from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.reactions import Reactions
from services.chassis.database import Document
from services.chassis.errors import rule
from services.chassis.tasks import end
from tests.chassis.build import STREAM, Effects, database, group, incoming
from tests.servers import Cell

TOPIC = "t.referrals"


async def test_a_passing_failure_leaves_nothing_behind(cell: Cell) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)

        async def away(_: Sequence[Incoming]) -> None:
            await data["effects"].insert_one({"key": "half", "sequence": 1})
            raise PassingError

        effects.before = away
        records = [incoming("a", 1, value=b"bad"), incoming("b", 1, offset=1)]
        with pytest.raises(PassingError):
            await members.slices.apply(STREAM, records, expected=0)

        assert await effects.count() == 0
        assert await members.parked.count() == 0
        assert await members.ledger.next_offset(TOPIC, 0) == 0
        assert await members.ledger.watermarks(STREAM, ["a", "b"]) == {}


async def test_a_refused_record_parks_its_key_and_the_rest_of_the_slice_is_applied(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)

        async def refuse(records: Sequence[Incoming]) -> None:
            for record in records:
                if record.key == "bad":
                    raise RefusedError(record.offset, "no-such-family: it was never made")

        effects.before = refuse
        keys = ["a", "bad", "b", "bad", "a"]
        sequences = [1, 1, 1, 2, 2]
        records = [
            incoming(key, n, offset=offset)
            for offset, (key, n) in enumerate(zip(keys, sequences, strict=True))
        ]
        assert await members.slices.apply(STREAM, records, expected=0) == 5

        assert await effects.by_key() == {"a": [1, 2], "b": [1]}
        assert await members.waiting("bad") == [
            "no-such-family: it was never made",
            "waits behind a parked event of its key",
        ]


async def test_many_refusals_in_one_slice_are_parked_each_with_its_cause(cell: Cell) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)

        async def refuse(records: Sequence[Incoming]) -> None:
            for record in records:
                if record.offset % 2:
                    raise RefusedError(record.offset, f"odd: {record.offset}")

        effects.before = refuse
        records = [incoming(f"k{offset}", 1, offset=offset) for offset in range(20)]
        assert await members.slices.apply(STREAM, records, expected=0) == 20
        assert await effects.count() == 10
        assert await members.parked.count() == 10
        assert await members.waiting("k7") == ["odd: 7"]


async def test_a_failure_that_names_no_record_is_found_out_and_parks_that_key_alone(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)

        async def overflow(records: Sequence[Incoming]) -> None:
            if any(record.key == "bad" for record in records):
                await data["effects"].insert_one({"n": 2**70})  # more than BSON holds

        effects.before = overflow
        records = [incoming(key, 1, offset=n) for n, key in enumerate(["a", "bad", "b"])]
        assert await members.slices.apply(STREAM, records, expected=0) == 3
        assert await effects.by_key() == {"a": [1], "b": [1]}
        (cause,) = await members.waiting("bad")
        assert cause.startswith("OverflowError at ")


async def test_two_bad_ones_of_two_kinds_in_one_slice_stop_nobody_else(cell: Cell) -> None:
    """The first names itself, a later one does not: alone each shows what it is."""
    async with database(cell) as data:
        effects = Effects(data)

        async def fail(records: Sequence[Incoming]) -> None:
            for record in records:
                if record.key == "refused":
                    raise RefusedError(record.offset, "bug: no")
            if any(record.key == "huge" for record in records):
                await data["effects"].insert_one({"n": 2**70})  # more than BSON's eight bytes

        effects.before = fail
        members = group(data, effects)
        keys = ["refused", "a", "huge", "b"]
        records = [incoming(key, 1, offset=n) for n, key in enumerate(keys)]

        assert await members.slices.apply(STREAM, records, expected=0) == 4
        assert await effects.by_key() == {"a": [1], "b": [1]}
        assert {each.key for each in await members.parked.keys()} == {"refused", "huge"}


async def test_a_document_that_somebody_has_just_made_is_met_by_a_fresh_start(cell: Cell) -> None:
    async with database(cell) as data:
        tries = 0
        reactions = Reactions()

        async def make_once(event: ReferralCompleted, _: Envelope) -> None:
            nonlocal tries
            tries += 1
            if tries == 1:  # as if another's insert came in between
                raise DuplicateKeyError("E11000")
            await data["made"].insert_one({"_id": event.referral})

        reactions.on(ReferralCompleted, make_once)
        members = group(data, reactions)
        await members.slices.apply(STREAM, [incoming("a", 1)], expected=0)
        assert await data["made"].count_documents({}) == 1
        assert await members.parked.count() == 0


async def test_a_unique_index_that_never_lets_it_through_parks_the_key(cell: Cell) -> None:
    async with database(cell) as data:
        await data["made"].insert_one({"_id": "taken"})
        reactions = Reactions()

        async def make(event: ReferralCompleted, _: Envelope) -> None:
            await data["made"].insert_one(
                {"_id": "taken" if event.referral == "a" else event.referral}
            )

        reactions.on(ReferralCompleted, make)
        members = group(data, reactions)
        records = [incoming("a", 1, offset=0), incoming("b", 1, offset=1)]
        assert await members.slices.apply(STREAM, records, expected=0) == 2
        assert (await members.waiting("a"))[0].startswith("DuplicateKeyError at ")
        assert await data["made"].count_documents({}) == 2


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (rule("no-seat", "There is no seat.", es="No hay."), "no-seat: There is no seat."),
        (ValueError("Ana Maria Quintanilla, born 2014"), "ValueError at test_slices.py:"),
    ],
    ids=["a rule of the domain", "a mistake in the code"],
)
async def test_what_a_handler_raises_becomes_a_cause_without_what_was_sent(
    cell: Cell, error: Exception, cause: str
) -> None:
    async with database(cell) as data:
        reactions = Reactions()

        async def refuse(_: ReferralCompleted, __: Envelope) -> None:
            raise error

        reactions.on(ReferralCompleted, refuse)
        members = group(data, reactions)
        await members.slices.apply(STREAM, [incoming("a", 1)], expected=0)
        (told,) = await members.waiting("a")
        assert told.startswith(cause)
        assert "Ana" not in told


async def test_a_cancelled_slice_leaves_nothing_and_holds_no_lock(cell: Cell) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)
        inside = asyncio.Event()

        async def hang(_: Sequence[Incoming]) -> None:
            await data["effects"].insert_one({"key": "half", "sequence": 1})
            inside.set()
            await asyncio.sleep(60)

        effects.before = hang
        task = asyncio.create_task(members.slices.apply(STREAM, [incoming("a", 1)], expected=0))
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await effects.count() == 0

        effects.before = None
        again = members.slices.apply(STREAM, [incoming("a", 1)], expected=0)
        async with asyncio.timeout(3):
            assert await again == 1
        assert await effects.by_key() == {"a": [1]}


async def test_two_handlers_of_one_event_stand_or_fall_together(cell: Cell) -> None:
    async with database(cell) as data:
        reactions = Reactions()

        async def write(event: ReferralCompleted, _: Envelope) -> None:
            await data["written"].insert_one({"referral": event.referral})

        async def fail(event: ReferralCompleted, _: Envelope) -> None:
            if event.referral == "bad":
                raise ValueError

        reactions.on(ReferralCompleted, write)
        reactions.on(ReferralCompleted, fail)
        members = group(data, reactions)
        records = [incoming("bad", 1, offset=0), incoming("good", 1, offset=1)]
        await members.slices.apply(STREAM, records, expected=0)
        found = [row["referral"] async for row in data["written"].find()]
        assert found == ["good"]


async def test_a_slice_that_others_always_overtake_is_applied_in_parts(cell: Cell) -> None:
    async with database(cell) as data:
        effects = Effects(data)
        members = group(data, effects)
        hot: Document = {"_id": "seats"}
        await data["hot"].insert_one({**hot, "taken": 0})

        async def slowly(records: Sequence[Incoming]) -> None:
            await asyncio.sleep(0.02 * len(records))
            await data["hot"].update_one(hot, {"$inc": {"taken": len(records)}})

        async def requests() -> None:
            while True:  # more often than twenty records take
                await data["hot"].update_one(hot, {"$inc": {"asked": 1}})
                await asyncio.sleep(0.1)

        effects.before = slowly
        asking = asyncio.create_task(requests())
        try:
            records = [incoming(f"k{offset}", 1, offset=offset) for offset in range(20)]
            async with asyncio.timeout(20):
                assert await members.slices.apply(STREAM, records, expected=0) == 20
        finally:
            await end([asking])

        seats = await data["hot"].find_one(hot)
        assert seats is not None
        assert seats["taken"] == 20
        assert await effects.count() == 20
