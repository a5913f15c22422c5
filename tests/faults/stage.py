"""What a scenario acts on: the running system, its load, and looks at what is on the way."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from deploy.local.system.places import CELL
from services.chassis.ids import new_id
from tests.faults.client import Client
from tests.faults.load import Load
from tests.faults.observe import read_topics
from tests.faults.system import WITH_EVENTS, Installation, Part

Mongo = AsyncMongoClient[dict[str, Any]]


@dataclass(slots=True)
class Stage:
    """A running system under load, seen by a scenario.

    Attributes:
        seconds: scales how long a scenario waits between its acts; 1 in the full form.
    """

    installation: Installation
    load: Load
    client: Client
    mongo: Mongo
    seconds: float = 1.0

    async def wait(self, seconds: float) -> None:
        """Let the load go on for a while."""
        await asyncio.sleep(seconds * self.seconds)

    async def start(self, part: Part) -> None:
        """Start a process of a service."""
        await asyncio.to_thread(self.installation.start_part, part)

    async def kill(self, part: Part) -> None:
        """Kill a process of a service (SIGKILL)."""
        await asyncio.to_thread(self.installation.kill_part, part)

    def strike(self, part: Part) -> None:
        """Kill a process of a service now, without a step between; `kill` tidies up after it."""
        self.installation.signal_part(part, signal.SIGKILL)

    async def stop(self, part: Part) -> None:
        """Stop a process of a service in order (SIGTERM)."""
        await asyncio.to_thread(self.installation.processes[part].stop)

    def freeze(self, part: Part) -> None:
        """Stop a process's time (SIGSTOP)."""
        self.installation.signal_part(part, signal.SIGSTOP)

    def thaw(self, part: Part) -> None:
        """Let a process's time go on (SIGCONT)."""
        self.installation.signal_part(part, signal.SIGCONT)

    def cpu_seconds(self) -> dict[Part, float]:
        """Return the processor time that each running process of a service has used so far.

        Empty where the system does not tell (/proc is Linux's).
        """
        found: dict[Part, float] = {}
        for part, process in self.installation.processes.items():
            stat = Path(f"/proc/{process.pid}/stat")
            if process.pid is not None and stat.exists():
                fields = stat.read_text().rpartition(")")[2].split()
                found[part] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return found

    async def at_work(self, service: str, patience: float = 5.0) -> bool:
        """Return once a service has events to publish; False where that was not met in time."""
        rows = self.mongo[f"{CELL}_{service}"]["event_log"]
        return await until(lambda: _any(rows.find_one({"published": False})), patience, 0.002)

    async def drained(self, service: str, patience: float = 60.0) -> bool:
        """Return once a service has nothing to publish; False where it still has."""
        rows = self.mongo[f"{CELL}_{service}"]["event_log"]

        async def nothing_left() -> bool:
            return await rows.find_one({"published": False}) is None

        return await until(nothing_left, patience)

    async def published_and_not(self, service: str) -> tuple[int, int, int]:
        """Return how many of a log's events are marked, in a topic but not marked, and neither."""
        rows = self.mongo[f"{CELL}_{service}"]["event_log"]
        marks = {row["_id"]: row["published"] async for row in rows.find({}, {"published": 1})}
        there = {record.id for record in await read_topics(self.installation.kafka.bootstrap)}
        marked = sum(marks.values())
        between = sum(not mark and id in there for id, mark in marks.items())
        return marked, between, len(marks) - marked - between

    async def backlog(self, families: int) -> None:
        """Enter large households, whose contacts make an event each."""
        url = self.installation.url("referral")
        token = self.installation.token("coordinator-01")
        few = asyncio.Semaphore(4)  # each makes a dozen keys

        async def enter() -> None:
            contacts = [
                {"id": new_id(), "relation": "relative", "given_name": "Sample", "reads": "en"}
                for _ in range(12)
            ]
            async with few:
                answer = await self.client.send(
                    "PUT",
                    f"{url}/v1/families/{new_id()}",
                    json={"site": "site-01", "contacts": contacts},
                    headers={"Authorization": f"Bearer {token}"},
                )
            if answer.status_code != HTTPStatus.OK:
                raise RuntimeError(f"a household was refused: {answer}")

        await asyncio.gather(*(enter() for _ in range(families)))

    async def operate(self, path: str) -> dict[str, Any]:
        """Post to an operator's address of every service; returns the answers by service."""
        return {service: await self.operate_one(service, "POST", path) for service in WITH_EVENTS}

    async def operate_one(self, service: str, method: str, path: str) -> Any:
        """Send to an operator's address of one service; returns the answer."""
        token = await asyncio.to_thread(self.installation.token, "operator")
        answer = await self.client.send(
            method,
            f"{self.installation.url(service)}/v1/operations/{path}",
            headers={"Authorization": f"Bearer {token}"},
        )
        if not answer.is_success:
            raise RuntimeError(f"{path} of {service}: {answer} {answer.text[:200]}")
        return answer.json()


async def until(holds: Callable[[], Awaitable[bool]], patience: float, every: float = 0.05) -> bool:
    """Wait until something holds, at most so many seconds; tells whether it does."""
    deadline = time.monotonic() + patience
    while True:
        found = await holds()
        if found or time.monotonic() > deadline:
            return found
        await asyncio.sleep(every)


async def _any(found: Awaitable[Any]) -> bool:
    return await found is not None
