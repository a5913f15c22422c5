"""Waits until nothing moves any more: all published, all read, every message settled."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy.local.system.places import CELL
from services.notify.model.message import State
from tests.faults.groups import Place, groups
from tests.faults.system import WITH_EVENTS, Installation
from tests.faults.watcher import PLACES, raw_consumer

Mongo = AsyncMongoClient[dict[str, Any]]

_EVERY = 0.5  # seconds between two looks
_QUIET_LOOKS = 3  # looks without a change after which it is at rest
_NUDGE_SECONDS = 61.0  # of the product's time: what a message waits for at the longest
_NUDGE_EVERY = 2.0
_HOURS_OFF = timedelta(hours=12)  # a reminder before a visit waits for its day, and is no unrest
_IN_HAND = [State.CREATED.value, State.WAITING.value, State.SENDING.value]


async def wait_for_rest(
    installation: Installation,
    mongo: Mongo,
    *,
    patience: float,
    move_clock: bool = True,
) -> list[str]:
    """Return once nothing moves, or after `patience` seconds; tells what still does then.

    Args:
        installation: the system.
        mongo: an administrator's client.
        patience: seconds.
        move_clock: whether the product's time may be moved on for messages that wait for it.
    """
    deadline = time.monotonic() + patience
    nudge = _nudging(installation) if move_clock else lambda: None
    quiet, before = 0, -1
    moving: list[str] = ["nothing was looked at"]
    while time.monotonic() < deadline:
        try:
            moving, waiting, total = await _look(installation, mongo)
        except (KafkaError, PyMongoError, TimeoutError) as error:
            moving, waiting, total = [f"cannot look: {type(error).__name__}"], [], -1
        calm = not moving and total == before
        if calm and waiting:
            nudge()
        quiet = quiet + 1 if calm and not waiting else 0
        if quiet >= _QUIET_LOOKS:
            return []
        before = total
        moving = [*moving, *waiting]
        await asyncio.sleep(_EVERY)
    return moving or ["events are still being written"]


def _nudging(installation: Installation) -> Callable[[], None]:
    """Return what moves the product's time on, now and then."""
    at = time.monotonic()

    def nudge() -> None:
        nonlocal at
        if time.monotonic() - at > _NUDGE_EVERY:
            installation.advance_clock(_NUDGE_SECONDS)
            at = time.monotonic()

    return nudge


async def _look(installation: Installation, mongo: Mongo) -> tuple[list[str], list[str], int]:
    """Return what moves by itself, what waits for its time, and how many events there are."""
    moving: list[str] = []
    total = 0
    for service in WITH_EVENTS:
        rows = mongo[f"{CELL}_{service}"]["event_log"]
        total += await rows.estimated_document_count()
        pending = await rows.count_documents({"published": False})
        if pending:
            moving.append(f"{service} has {pending} events to publish")
    moving += await _behind(installation, mongo)
    return moving, await _messages(mongo, installation.now()), total


async def events_of(mongo: Mongo) -> int:
    """Return how many events all logs hold."""
    counts = [
        await mongo[f"{CELL}_{service}"]["event_log"].count_documents({}) for service in WITH_EVENTS
    ]
    return sum(counts)


async def _behind(installation: Installation, mongo: Mongo) -> list[str]:
    found = []
    ends = await end_offsets(installation.kafka.bootstrap)
    for group in await groups(installation.kafka.bootstrap, mongo):
        if not group.places:
            found.append(f"{group.name} is assigned nothing")
        behind = sum(max(0, ends[place] - group.next.get(place, 0)) for place in group.places)
        if behind:
            found.append(f"{group.name} is {behind} records behind")
    return found


async def end_offsets(bootstrap: str) -> dict[Place, int]:
    """Return where each partition ends."""
    consumer: AIOKafkaConsumer = raw_consumer(bootstrap)
    await consumer.start()
    try:
        async with asyncio.timeout(10):
            ends = await consumer.end_offsets(PLACES)
    finally:
        await consumer.stop()
    return {(each.topic.removeprefix(f"{CELL}."), each.partition): at for each, at in ends.items()}


async def _messages(mongo: Mongo, now: datetime) -> list[str]:
    if "notify" not in WITH_EVENTS:
        return []
    database = mongo[f"{CELL}_notify"]
    unsent = await database["messages"].count_documents({"state": {"$in": _IN_HAND}})
    unknown = await database["messages"].count_documents(
        {"state": State.UNKNOWN.value, "next_due": {"$ne": None}}
    )
    untold = await database["notices"].count_documents(
        {"outcome": None, "told": [], "next_due": {"$not": {"$gt": now + _HOURS_OFF}}}
    )
    found = {
        "messages are still to be sent": unsent,
        "messages are still to be settled": unknown,
        "notices have found nobody yet": untold,
    }
    return [f"{count} {what}" for what, count in found.items() if count]
