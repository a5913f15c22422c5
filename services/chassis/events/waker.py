"""Wakes the relay when the event log grows, in whichever process that happened."""

import asyncio
import contextlib

import structlog
from pymongo.errors import PyMongoError

from services.chassis.database import Database, Document

log = structlog.get_logger()


class LogWaker:
    """Watches the event log with a change stream.

    Change streams die (the oplog rolled over, a token is refused): then this one starts afresh, and
    the relay looks once a second meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Return when the log grew, or after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    async def run(self) -> None:
        """Watch until cancelled."""
        only_inserts: list[Document] = [
            {"$match": {"operationType": "insert"}},
            {"$project": {"_id": 1}},
        ]
        while True:
            try:
                rows = self._database["event_log"]
                async with await rows.watch(only_inserts, max_await_time_ms=1_000) as stream:
                    async for _ in stream:
                        self._woken.set()
            except PyMongoError as error:
                log.info("relay.watch_restarted", error=type(error).__name__)
                await asyncio.sleep(1)
