"""Consumer groups as they are now: who reads which partitions, and how far each is."""

from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from pymongo import AsyncMongoClient

from deploy.local.system.places import CELL
from tests.faults.system import WITH_EVENTS

_PREFIX = f"{CELL}."

Place = tuple[str, int]
"""A topic without its prefix, and a partition."""


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """A consumer group.

    Attributes:
        service: whose database keeps its progress.
        name: without the cell's prefix.
        places: what its members are assigned; empty while it rebalances.
        next: offset to read on at, by place, from the service's database.
    """

    service: str
    name: str
    places: frozenset[Place]
    next: dict[Place, int]


async def groups(bootstrap: str, mongo: AsyncMongoClient[dict[str, Any]]) -> list[LiveGroup]:
    """Return the cell's consumer groups that have members.

    Raises:
        KafkaError: the broker does not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    await admin.start()
    try:
        listed = [group for group, *_ in await admin.list_consumer_groups()]
        names = sorted(name for name in listed if name.startswith(_PREFIX))
        # One at a time: aiokafka 0.14 reads an answer about several with the wrong schema.
        described = [await admin.describe_consumer_groups([name]) for name in names]
    finally:
        await admin.close()
    places = {
        group[1].removeprefix(_PREFIX): _assigned(group[5])
        for answers in described
        for answer in answers
        for group in answer.groups
        if group[5]
    }
    found = []
    for service in WITH_EVENTS:
        progress = mongo[f"{CELL}_{service}"]["progress"]
        for name in sorted(await progress.distinct("group")):
            if name not in places:
                continue
            rows = progress.find({"group": name})
            at = {(_plain(row["topic"]), row["partition"]): row["next"] async for row in rows}
            found.append(LiveGroup(service, name, places[name], at))
    return found


def _assigned(members: list[Any]) -> frozenset[Place]:
    """Return what the members of a group are assigned together."""
    found: set[Place] = set()
    for *_, assignment in members:
        if assignment:
            decoded = ConsumerProtocolMemberAssignment.decode(assignment)
            for topic, partitions in decoded.assignment:
                found |= {(_plain(topic), partition) for partition in partitions}
    return frozenset(found)


def _plain(topic: str) -> str:
    return topic.removeprefix(_PREFIX)
