"""Reads a small topic of full states from its beginning, for a process without an event log.

Nothing is acknowledged and no progress is kept: whoever takes the newest state of each part is told
everything at each start, and again whenever the broker was lost and filled anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from contracts.event import Event
from services.chassis.consumer.incoming import incoming
from services.chassis.consumer.reading import unbreakable

log = structlog.get_logger()

AGAIN_SECONDS = 5.0
"""How long to wait where the broker does not answer."""

_WAIT_MS = 500


class StateReader:
    """Follows a topic of full states.

    Args:
        kafka: bootstrap servers.
        topic: full name, with the cell's prefix.
        told: is called with each event that can be read, in the order of its key; one that cannot
            be read is passed over: the next one of its part says all that it said.
        security: how to prove itself, as `services.chassis.kafka.client_security` gives it.
    """

    def __init__(
        self,
        kafka: str,
        topic: str,
        told: Callable[[Event], Awaitable[None]],
        security: Mapping[str, Any] | None = None,
    ) -> None:
        self._kafka = kafka
        self._security = security or {}
        self._topic = topic
        self._told = told

    async def run(self) -> None:
        """Follow until cancelled; what is known stays known while the broker is away."""
        while True:
            try:
                await self._follow()
            except KafkaError as error:
                log.warning(
                    "states.waiting",
                    topic=self._topic,
                    error=type(error).__name__,
                    next=f"what was told before holds; trying again in {AGAIN_SECONDS:g} s",
                )
            await asyncio.sleep(AGAIN_SECONDS)

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._kafka,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            metadata_max_age_ms=30_000,
            **self._security,
        )
        try:
            await consumer.start()
            read = unbreakable(consumer)
            while True:
                found = await read(timeout_ms=_WAIT_MS)
                for records in found.values():
                    for record in records:
                        event = incoming(record).event
                        if event is not None:
                            await self._told(event)
        finally:
            await consumer.stop()
