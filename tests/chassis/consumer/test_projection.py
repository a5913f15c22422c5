"""Read models: a function of the log, whatever slices and repeats it came in."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.codes import CancelReason, Outcome
from contracts.event import Event
from contracts.referrals import ReferralCancelled, ReferralCompleted, ReferralEnteredInError
from services.chassis.consumer.incoming import Incoming, read_parts
from services.chassis.consumer.projection import Projection, ProjectionApplier, read_counts
from services.chassis.database import Database, Document
from services.chassis.ids import new_id
from tests.chassis.build import STREAM, Group, database, envelope, group
from tests.servers import Cell


def evolve(document: Document | None, event: Event, envelope: Envelope) -> Document | None:
    """Keep how a referral ended and how often it was said; an error removes it."""
    before = document or {"told": 0, "site": envelope.site}
    match event:
        case ReferralCompleted():
            return {**before, "end": str(event.outcome), "told": before["told"] + 1}
        case ReferralCancelled():
            return {**before, "end": f"cancelled-{event.reason}", "told": before["told"] + 1}
        case ReferralEnteredInError():
            return None
        case _:
            return document


ENDINGS = Projection(
    name="endings",
    version=3,
    topics=(STREAM,),
    document_id=lambda event, _: event.key,
    evolve=evolve,
    contributions=lambda document: {f"end:{document['end']}": 1, "all": 1},
    indexes=(("end",),),
)


def completed(key: str, outcome: Outcome = Outcome.NEED_MET) -> Event:
    return ReferralCompleted(referral=key, claim="c", outcome=outcome)


def record(event: Event, sequence: int, offset: int, partition: int = 0) -> Incoming:
    return read_parts(
        topic="t.referrals",
        partition=partition,
        offset=offset,
        raw_key=event.key.encode(),
        headers=tuple(cloudevents.encode(envelope(event, sequence, site="site-01"))),
        value=event.model_dump_json().encode(),
    )


def fed(data: Database, projection: Projection = ENDINGS, generation: int = 1) -> Group:
    applier = ProjectionApplier(data, projection, generation)
    return group(data, applier, projection.group(generation))


async def feed(members: Group, records: Sequence[Incoming], start: int = 0) -> None:
    await members.slices.apply(STREAM, records, expected=start)


async def documents(data: Database, generation: int = 1) -> dict[str, Document]:
    rows = data[ENDINGS.documents(generation)].find()
    return {row.pop("_id"): row async for row in rows}


async def test_events_of_one_document_are_folded_in_order(cell: Cell) -> None:
    async with database(cell) as data:
        cancelled = ReferralCancelled(referral="a", reason=CancelReason.MOVED_AWAY)
        await feed(fed(data), [record(completed("a"), 1, 0), record(cancelled, 2, 1)])
        assert await documents(data) == {
            "a": {"told": 2, "site": "site-01", "end": "cancelled-moved-away"}
        }


async def test_counts_are_sums_of_contributions_the_old_one_out_and_the_new_one_in(
    cell: Cell,
) -> None:
    async with database(cell) as data:
        members = fed(data)
        await feed(members, [record(completed("a"), 1, 0), record(completed("b"), 1, 1)])
        assert await read_counts(data, ENDINGS, 1) == {"end:need-met": 2, "all": 2}

        change_of_mind = completed("a", Outcome.PARTLY_MET)
        await feed(members, [record(change_of_mind, 2, 2)], 2)
        assert await read_counts(data, ENDINGS, 1) == {
            "end:need-met": 1,
            "end:partly-met": 1,
            "all": 2,
        }

        gone = ReferralEnteredInError(referral="b")
        await feed(members, [record(gone, 2, 3)], 3)
        assert await read_counts(data, ENDINGS, 1, "end:") == {"end:partly-met": 1}
        assert set(await documents(data)) == {"a"}


async def test_partitions_count_into_slots_of_their_own(cell: Cell) -> None:
    async with database(cell) as data:
        members = fed(data)
        await feed(members, [record(completed("a"), 1, 0, partition=0)])
        await feed(members, [record(completed("b"), 1, 0, partition=1)])
        slots = [row["_id"] async for row in data[ENDINGS.counts(1)].find({"count": "all"})]
        assert sorted(slots) == ["all|t.referrals-0", "all|t.referrals-1"]
        assert await read_counts(data, ENDINGS, 1, "all") == {"all": 2}


async def test_a_read_model_rebuilt_from_the_log_equals_the_one_that_was_kept(cell: Cell) -> None:
    chance = random.Random(11)
    keys = [new_id() for _ in range(12)]
    sequences: Counter[str] = Counter()
    log: list[Incoming] = []
    while len(log) < 250:
        key = chance.choice(keys)
        event: Event = chance.choice(
            [
                completed(key),
                completed(key, Outcome.NO_SHOW),
                ReferralCancelled(referral=key, reason=CancelReason.OTHER),
                ReferralEnteredInError(referral=key),
            ]
        )
        sequences[key] += 1
        log.append(record(event, sequences[key], len(log)))
        if chance.random() < 0.2:  # a late duplicate
            log.append(record(event, chance.randint(1, sequences[key]), len(log)))

    async with database(cell) as data:
        kept = fed(data, generation=1)
        start = 0
        while start < len(log):
            end = start + chance.randint(1, 30)
            await feed(kept, log[start:end], start)
            start = min(end, len(log))
        await feed(fed(data, generation=2), log)  # from offset 0, at once

        assert await documents(data, 1) == await documents(data, 2)
        assert await read_counts(data, ENDINGS, 1) == await read_counts(data, ENDINGS, 2)
        # Against figures made by hand, from the last word on each referral.
        last = {each.key: each.event for each in log if each.event is not None}
        alive = [e for e in last.values() if not isinstance(e, ReferralEnteredInError)]
        assert (await read_counts(data, ENDINGS, 1)).get("all", 0) == len(alive)


async def test_versions_and_generations_do_not_see_each_other(cell: Cell) -> None:
    newer = Projection(
        name="endings",
        version=4,
        topics=(STREAM,),
        document_id=lambda event, _: event.key,
        evolve=lambda _, __, ___: {"new": True},
    )
    async with database(cell) as data:
        await feed(fed(data), [record(completed("a"), 1, 0)])
        await feed(fed(data, newer), [record(completed("a"), 1, 0)])
        assert ENDINGS.group(1) == "endings.v3.g1"
        assert (await documents(data))["a"]["end"] == "need-met"
        assert await data[newer.documents(1)].find_one() == {"_id": "a", "new": True}


async def test_an_event_that_cannot_be_folded_parks_its_key_and_the_others_go_on(
    cell: Cell,
) -> None:
    def fails(document: Document | None, event: Event, envelope: Envelope) -> Document | None:
        if event.key == "bad":
            raise KeyError("Ana Maria")
        return evolve(document, event, envelope)

    async with database(cell) as data:
        fragile = Projection("endings", 3, (STREAM,), lambda event, _: event.key, fails)
        members = fed(data, fragile)
        await feed(members, [record(completed("bad"), 1, 0), record(completed("a"), 1, 1)])
        assert set(await documents(data)) == {"a"}
        (cause,) = await members.waiting("bad")
        assert cause.startswith("KeyError at test_projection.py:")


def break_id(event: Event, _: Envelope) -> str | None:
    if event.key == "bad":
        raise ZeroDivisionError
    return event.key


def break_counts(document: Document) -> dict[str, int]:
    if document["n"] == "bad":
        raise ZeroDivisionError
    return {"all": 1}


def own_key(event: Event, _: Envelope) -> str | None:
    return event.key


def holding(bad: object) -> Callable[[Document | None, Event, Envelope], Document | None]:
    """Return a fold that writes this for the bad key."""
    return lambda _, event, __: {"n": bad if event.key == "bad" else event.key}


FRAGILE = {
    "more than BSON holds": Projection("endings", 3, (STREAM,), own_key, holding(2**80)),
    "too large": Projection("endings", 3, (STREAM,), own_key, holding("x" * 17 * 1024 * 1024)),
    "no id can be told": Projection("endings", 3, (STREAM,), break_id, evolve),
    "no count can be told": Projection(
        "endings", 3, (STREAM,), own_key, holding("bad"), break_counts
    ),
}


@pytest.mark.parametrize("what", FRAGILE)
async def test_whatever_an_event_breaks_in_a_projection_stops_its_own_key_only(
    cell: Cell, what: str
) -> None:
    async with database(cell) as data:
        members = fed(data, FRAGILE[what])
        log = [record(completed(key), 1, n) for n, key in enumerate(["a", "bad", "b"])]
        await feed(members, log)
        assert set(await documents(data)) == {"a", "b"}
        assert [key.key for key in await members.parked.keys()] == ["bad"]
