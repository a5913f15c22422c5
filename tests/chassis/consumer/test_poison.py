"""Hostile records on real topics: parked or absorbed; the partition and its neighbours go on."""

import struct
from dataclasses import dataclass

import pytest
from aiokafka.record._crc32c import crc

from contracts import cloudevents
from services.chassis.consumer.plan import Watermark
from tests.chassis.build import (
    STREAM,
    Effects,
    completed,
    create_topics,
    database,
    envelope,
    eventually,
    group,
    producer,
    send,
    worker,
)
from tests.servers import Cell

Headers = list[tuple[str, bytes]]


def headers(key: str, sequence: int, **changes: str) -> Headers:
    return cloudevents.encode(envelope(completed(key), sequence, **changes))


def with_header(key: str, sequence: int, name: str, value: bytes) -> Headers:
    return [pair for pair in headers(key, sequence) if pair[0] != name] + [(name, value)]


def body(key: str) -> bytes:
    return completed(key).model_dump_json().encode()


@dataclass(frozen=True)
class Poison:
    """One bad record of key `bad`, which has seen sequence 1.

    Attributes:
        cause: what it is parked with; None for one that is absorbed.
        parks: the key that is then parked; None for one made for the record alone.
    """

    headers: Headers
    value: bytes | None = b""
    key: bytes | None = b"bad"
    cause: str | None = None
    parks: str | None = "bad"


POISONS = {
    "a header that is not UTF-8": Poison(
        with_header("bad", 2, "ce_source", b"\xff\xfe"), body("bad"), cause="header-not-utf8"
    ),
    "no headers": Poison([], body("bad"), cause="header-missing"),
    "not JSON": Poison(headers("bad", 2), b"{not json", cause="body-invalid"),
    "not text": Poison(headers("bad", 2), b"\x00\xff\xfe", cause="body-invalid"),
    "a known type with a bad body": Poison(
        headers("bad", 2), b'{"referral": "bad", "claim": 7}', cause="body-invalid"
    ),
    "no value": Poison(headers("bad", 2), None, cause="no-value"),
    "2 MiB of value": Poison(headers("bad", 2), b"x" * 2 * 1024 * 1024, cause="body-invalid"),
    "a gap": Poison(headers("bad", 9), body("bad"), cause="gap: expected 2, got 9"),
    "another key than its subject": Poison(
        headers("other", 2), body("other"), cause="key-mismatch"
    ),
    "no key": Poison(headers("bad", 2), body("bad"), None, cause="no-key", parks=None),
    "a key that is not UTF-8": Poison(
        headers("bad", 2), body("bad"), b"\xff", cause="key-not-utf8", parks=None
    ),
    "a duplicate": Poison(headers("bad", 1), body("bad")),
    "a duplicate that cannot be read": Poison(headers("bad", 1), b"?"),
    "a type that is not known": Poison(headers("bad", 2, type="org.enlace.new.v1"), b"\xff"),
}


@pytest.mark.parametrize("what", POISONS)
async def test_one_bad_record_stops_its_own_key_only(cell: Cell, what: str) -> None:
    poison = POISONS[what]
    topic = f"{cell.topic_prefix}{STREAM}"
    await create_topics(cell, **{"max.message.bytes": str(3 * 1024 * 1024)})
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        members = group(data, effects)
        # All on one partition: what stands behind the bad one is behind it indeed.
        for key in ("bad", "neighbour"):
            await sender.send_and_wait(
                topic, body(key), key=key.encode(), headers=headers(key, 1), partition=0
            )
        await sender.send_and_wait(
            topic, poison.value, key=poison.key, headers=poison.headers, partition=0
        )
        await sender.send_and_wait(
            topic, body("neighbour"), key=b"neighbour", headers=headers("neighbour", 2), partition=0
        )

        async with worker(cell, members) as runner:

            async def moved_on() -> bool:
                return await members.ledger.next_offset(topic, 0) == 4

            await eventually(moved_on, "the partition moves on")
            assert runner.health()["stalled"] is False

        assert (await effects.by_key())["neighbour"] == [1, 2]
        keys = await members.parked.keys()
        if poison.cause is None:
            assert keys == []
        else:
            (parked,) = keys
            assert parked.cause.startswith(poison.cause)
            assert parked.key == (poison.parks or "unreadable-key-0-2")
            (row,) = [row async for row in data["parked"].find()]
            assert row["value"] == poison.value


async def test_a_key_goes_on_after_what_was_late_came_and_was_retried(cell: Cell) -> None:
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        effects = Effects(data)
        members = group(data, effects)
        async with worker(cell, members):
            await send(sender, cell, completed("a"), 1, 3, 2, 4)

            async def all_waiting() -> bool:
                return await members.parked.count() == 3

            await eventually(all_waiting, "3, then 2 and 4 behind it")
            await members.slices.retry(STREAM, "a")
            await send(sender, cell, completed("a"), 5)
            await eventually(lambda: is_done(effects, 5), "all five")
        assert await effects.by_key() == {"a": [1, 2, 3, 4, 5]}
        assert await members.ledger.watermarks(STREAM, ["a"]) == {"a": Watermark(5)}


async def is_done(effects: Effects, many: int) -> bool:
    return await effects.count() == many


async def test_a_header_name_that_no_client_can_read_does_not_stop_the_partition(
    cell: Cell,
) -> None:
    topic = f"{cell.topic_prefix}{STREAM}"
    await create_topics(cell)
    async with database(cell) as data, producer(cell) as sender:
        await sender.send_and_wait(topic, body("a"), key=b"a", headers=headers("a", 1), partition=0)
        batch = sender.create_batch()
        marked = [*headers("bad", 1), ("ce_marked", b"x")]
        batch.append(timestamp=None, key=b"bad", value=body("bad"), headers=marked)
        batch._buffer = mangled(batch._build(), b"ce_marked", b"\xff\xfe_marked")
        await (await sender.send_batch(batch, topic, partition=0))
        await sender.send_and_wait(topic, body("a"), key=b"a", headers=headers("a", 2), partition=0)

        effects = Effects(data)
        members = group(data, effects)
        async with worker(cell, members):
            await eventually(lambda: is_done(effects, 2), "what stands behind it")
        (key,) = await members.parked.keys()
        assert (key.key, key.cause) == ("unreadable-key-0-1", "no-key: the record has no key")


def mangled(batch: bytes, name: bytes, other: bytes) -> bytearray:
    """Write other bytes into a record batch, as another language's client could."""
    raw = bytearray(batch)
    at = raw.index(name)
    raw[at : at + len(name)] = other
    # Record batch v2: the checksum of what follows it stands at byte 17.
    struct.pack_into(">I", raw, 17, crc(bytes(raw[21:])))
    return raw
