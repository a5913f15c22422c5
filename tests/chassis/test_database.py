"""Transactions, and what counts as a failure that passes."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    EncryptionError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from deploy.local.servers import ports
from deploy.local.servers.infra import mongo_server
from services.chassis.database import Database, connect, in_transaction, is_duplicate, is_passing
from tests.chassis.build import database
from tests.chassis.proxy import proxied
from tests.servers import Cell


def bulk(*codes: int) -> BulkWriteError:
    return BulkWriteError({"writeErrors": [{"code": code, "index": 0} for code in codes]})


PASSING: list[PyMongoError] = [
    AutoReconnect("connection closed"),
    NetworkTimeout("timed out"),
    NotPrimaryError("not primary"),
    ServerSelectionTimeoutError("none"),
    WaitQueueTimeoutError("pool"),
    ExecutionTimeout("slow", 50),
    WTimeoutError("replicas", 64),
    OperationFailure("shutting down", 91),
    OperationFailure("interrupted", 11600),
    OperationFailure("write conflict", 112),
    OperationFailure("cursor not found", 43),
    OperationFailure("no disk", 14031),
    OperationFailure("password was changed", 18),
    OperationFailure("labelled", 1, {"errorLabels": ["TransientTransactionError"]}),
    bulk(112, 262),
    EncryptionError(AutoReconnect("vault")),
]
LASTING: list[Exception] = [
    DuplicateKeyError("E11000", 11000),
    OperationFailure("bad query", 2),
    OperationFailure("document is invalid", 121),
    bulk(112, 121),
    bulk(11000),
    EncryptionError(ValueError("no key")),
    ValueError("no database error at all"),
]


def test_waiting_cures_what_the_server_or_the_network_caused() -> None:
    assert [error for error in PASSING if not is_passing(error)] == []


def test_waiting_does_not_cure_what_was_sent() -> None:
    assert [error for error in LASTING if is_passing(error)] == []


def test_an_insert_that_came_second_is_told_apart() -> None:
    assert is_duplicate(DuplicateKeyError("E11000", 11000))
    assert is_duplicate(bulk(11000))
    assert not is_duplicate(bulk(11000, 121))
    assert not is_duplicate(OperationFailure("no", 2))


async def test_a_failure_leaves_nothing_of_a_transaction(cell: Cell) -> None:
    async with database(cell) as data:

        async def half() -> None:
            await data["things"].insert_one({"_id": 1})
            assert in_transaction()
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await data.transact(half)
        assert not in_transaction()
        assert await data["things"].count_documents({}) == 0


async def test_work_on_another_client_cannot_be_mistaken_for_part_of_it(cell: Cell) -> None:
    async with database(cell) as one, database(cell) as other:

        async def outer() -> None:
            await other.transact(other.ping)

        with pytest.raises(RuntimeError, match="another client"):
            await one.transact(outer)


async def test_two_transactions_on_one_document_both_take_effect(cell: Cell) -> None:
    async with database(cell) as data:
        await data["things"].insert_one({"_id": 1, "n": 0})

        async def more() -> None:
            found = await data["things"].find_one({"_id": 1})
            assert found is not None
            await data["things"].update_one({"_id": 1}, {"$set": {"n": found["n"] + 1}})

        await asyncio.gather(*(data.transact(more) for _ in range(12)))
        assert await data["things"].find_one({"_id": 1}) == {"_id": 1, "n": 12}


async def test_a_cancelled_transaction_is_undone_and_lets_others_through(cell: Cell) -> None:
    async with database(cell) as data:
        await data["things"].insert_one({"_id": 1, "n": 0})
        inside = asyncio.Event()

        async def slow() -> None:
            await data["things"].update_one({"_id": 1}, {"$set": {"n": 1}})
            inside.set()
            await asyncio.sleep(60)

        task = asyncio.create_task(data.transact(slow))
        await inside.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        async def other() -> None:
            await data["things"].update_one({"_id": 1}, {"$inc": {"n": 10}})

        async with asyncio.timeout(3):
            await data.transact(other)
        assert await data["things"].find_one({"_id": 1}) == {"_id": 1, "n": 10}


async def test_a_server_that_falls_silent_becomes_an_error_that_passes(cell: Cell) -> None:
    async with (
        proxied(cell.mongo_uri) as (proxy, uri),
        database(cell, uri=uri, silence_seconds=1) as data,
    ):
        await data.ping()
        proxy.speaks.clear()
        since = time.monotonic()
        with pytest.raises(PyMongoError) as failed:
            await data["things"].insert_one({"_id": 1})
        assert time.monotonic() - since < 10
        assert is_passing(failed.value)


async def test_whatever_a_killed_server_does_to_a_transaction_passes(tmp_path: Path) -> None:
    server = mongo_server(tmp_path, ports.free_port())
    await asyncio.to_thread(server.start)
    client = connect(server.admin_uri, app="test")
    data = Database(client, "killed")
    try:
        await data["things"].insert_many([{"_id": n, "n": 0} for n in range(300)])
        failures: list[BaseException] = []
        tries: dict[str, int] = {}

        async def write(name: str, kind: str) -> None:
            async def work() -> None:
                tries[name] = tries.get(name, 0) + 1
                async for row in data["things"].find({}, batch_size=50):
                    if kind == "write" and row["_id"] % 50 == 0:
                        await data["done"].insert_one({"by": name, "try": tries[name]})
                    await asyncio.sleep(0.005)

            try:
                await data.transact(work)
            except Exception as error:  # noqa: BLE001 - all of them are looked at
                failures.append(error)

        work: list[Any] = [
            asyncio.create_task(write(f"{kind}{n}", kind))
            for n in range(4)
            for kind in ("read", "write")
        ]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server.kill)
        with pytest.raises(PyMongoError) as away:
            await data["done"].count_documents({})
        assert is_passing(away.value)
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(60):
            await asyncio.gather(*work)

        assert [error for error in failures if not is_passing(error)] == []
        # A transaction is there as a whole, of its last try, or not at all.
        for name in {row["by"] async for row in data["done"].find()}:
            rows = [row["try"] async for row in data["done"].find({"by": name})]
            assert rows == 6 * [tries[name]]
        async with asyncio.timeout(30):
            await write("after", "write")
        assert await data["done"].count_documents({"by": "after"}) == 6
    finally:
        await client.close()
        await asyncio.to_thread(server.stop)
