"""Waits until nothing moves in a local system: no event unpublished, unread or due."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topic import PARTITIONS, TOPICS
from deploy.local.client import Client
from deploy.local.servers.errors import ServerError
from deploy.local.system.places import CELL

OPERATOR = "operator"
_SERVICES = ("referral", "partner", "notify", "reporting")
_QUIET = 0.15  # seconds without a new event before the services are asked
_LOOK_EVERY = 0.05
_PATIENCE = 120.0


class NoRestError(ServerError):
    """The system did not come to rest; the text says what still moves."""


class Rest:
    """Looks at what waits in every service, in the topics and at the carrier."""

    def __init__(self, client: Client, ends: AIOKafkaConsumer) -> None:
        self._client = client
        self._ends = ends
        self._places = [
            TopicPartition(f"{CELL}.{topic.name}", number)
            for topic in TOPICS
            for number in range(PARTITIONS)
        ]

    async def reached(self) -> None:
        """Return once nothing moves.

        Raises:
            NoRestError: something still does after two minutes.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            await self._quiet(deadline)
            moving = await self._moving()
            if not moving:
                return
            if time.monotonic() > deadline:
                raise NoRestError(f"The system does not come to rest: {', '.join(moving)}.")
            await asyncio.sleep(_LOOK_EVERY)

    async def none_parked(self) -> None:
        """Make sure that no key has stopped anywhere: at rest it would look like done.

        Raises:
            NoRestError: some have; the text says where, and why the first one did.
        """
        for service in _SERVICES:
            stopped = await self._client.get(service, "/v1/operations/parked", who=OPERATOR)
            if stopped:
                raise NoRestError(
                    f"{service} has parked {len(stopped)} keys, the first because of: "
                    f"{stopped[0]['cause']}. See them: enlace parked list"
                )

    async def _quiet(self, deadline: float) -> None:
        """Wait until no event has come for a while: asking for this costs the services nothing."""
        ends, since = await self._ends.end_offsets(self._places), time.monotonic()
        while (now := time.monotonic()) < min(since + _QUIET, deadline):
            await asyncio.sleep(_LOOK_EVERY)
            fresh = await self._ends.end_offsets(self._places)
            if fresh != ends:
                ends, since = fresh, now

    async def _moving(self) -> list[str]:
        """Return what moves, as words; what is asked first could have moved on meanwhile."""
        before = await self._ends.end_offsets(self._places)
        waiting, carrier = await asyncio.gather(
            asyncio.gather(*[self._waiting(name) for name in _SERVICES]),
            self._client.get("carrier", "/health"),
        )
        moving = [
            what
            for name, found in zip(_SERVICES, waiting, strict=True)
            for what in _moves(name, found, before)
        ]
        if carrier["deliveries"].get("waiting", 0):
            moving.append("the carrier has webhooks to deliver")
        if not moving and await self._ends.end_offsets(self._places) != before:
            moving.append("new events")
        return moving

    async def _waiting(self, service: str) -> dict[str, Any]:
        return dict(await self._client.get(service, "/v1/operations/waiting", who=OPERATOR))


def _moves(service: str, found: dict[str, Any], ends: dict[TopicPartition, int]) -> Sequence[str]:
    moves = []
    if found["pending"]:
        moves.append(f"{service} has {found['pending']} events to publish")
    if found["due"]:
        moves.append(f"{service} has {found['due']} things due")
    at = {(row["group"], row["topic"], row["partition"]): row["next"] for row in found["progress"]}
    behind = sum(
        max(0, ends.get(TopicPartition(topic, number), 0) - at.get((group, topic, number), 0))
        for group, topics in found["reads"].items()
        for topic in topics
        for number in range(PARTITIONS)
    )
    if behind:
        moves.append(f"{service} has {behind} events to read")
    return moves


@asynccontextmanager
async def watching(client: Client, kafka: str) -> AsyncIterator[Rest]:
    """Open what is needed to see the rest.

    Raises:
        KafkaError: the broker does not answer.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        yield Rest(client, consumer)
    finally:
        await consumer.stop()
