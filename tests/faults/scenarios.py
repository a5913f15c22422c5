"""The faults that are tried. Each acts while the load goes on, and tells what it did."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from deploy.local.system.places import CELL
from deploy.local.system.republish import fill_anew
from services.chassis.events.topics import make_topics
from tests.faults.stage import Stage
from tests.faults.system import API, APIS, SECOND, WITH_EVENTS, WORKER, Part

_DOWN = 2.0  # seconds between the death of a process and its restart
_SERVER_DOWN = 5.0  # the same of Kafka and MongoDB
_AWAY = 60.0  # seconds for which the database is missed
_LEASE = 10.0  # seconds for which a relay holds its lease
_START = 30.0  # seconds in which a worker that was started publishes
_HOUSEHOLDS = 100  # of a dozen contacts each: a page of events that takes a moment to publish
_TRIES = 6
_BETWEEN_TRIES = 20.0  # seconds for a worker that is back to read what has come meanwhile


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault.

    Attributes:
        name: in kebab case.
        what: what happens, in a sentence for the table of results.
        act: does it; returns notes.
        short: whether the short form tries it too.
    """

    name: str
    what: str
    act: Callable[[Stage], Awaitable[str]]
    short: bool = False


async def _kill_and_restart(stage: Stage, part: Part) -> None:
    await stage.kill(part)
    await stage.wait(_DOWN)
    await stage.start(part)
    await stage.wait(3)


async def _nothing(stage: Stage) -> str:
    await stage.wait(10)
    return ""


def _kills(role: str, services: tuple[str, ...]) -> Callable[[Stage], Awaitable[str]]:
    async def act(stage: Stage) -> str:
        for service in services:
            # A worker is killed with its hands full where it can be met so.
            if role == WORKER:
                await stage.at_work(service, 1.0)
            await _kill_and_restart(stage, Part(service, role))
        return f"in turn: {', '.join(services)}; each back after {_DOWN:g} s"

    return act


async def _kill_relay_in_batch(stage: Stage) -> str:
    """Let a backlog grow, start the worker, and kill it between publishing and marking."""
    part = Part("referral", WORKER)
    tries = between = waiting = marked = 0
    while not between and tries < _TRIES:
        tries += 1
        if tries > 1:  # whoever waits for an acceptance gets on between two tries
            await stage.start(part)
            await stage.drained("referral")
            await stage.wait(_BETWEEN_TRIES)
        await stage.stop(part)
        await stage.backlog(_HOUSEHOLDS)
        first = asyncio.create_task(stage.load.watcher.next_of("referral"))
        starting = asyncio.create_task(stage.start(part))
        async with asyncio.timeout(_START):
            await first
        stage.strike(part)
        await stage.kill(part)
        # A process that dies while it starts is an error to who started it.
        await asyncio.gather(starting, return_exceptions=True)
        marked, between, waiting = await stage.published_and_not("referral")
    await stage.wait(_DOWN)
    await stage.start(part)
    return (
        f"killed with {between} events in the topics and not marked, {waiting} still to publish, "
        f"{marked} marked (tries: {tries})"
    )


async def _kill_everything(stage: Stage) -> str:
    """Kill all servers and processes at the same moment, as a machine that loses its power."""
    servers = (stage.installation.kafka, stage.installation.mongo)
    workers = [Part(service, WORKER) for service in WITH_EVENTS]
    parts = [*(Part(service, API) for service in APIS), *workers]
    await stage.at_work("referral", 1.0)
    await asyncio.gather(
        *(asyncio.to_thread(server.kill) for server in servers),
        *(stage.kill(part) for part in parts),
    )
    began = time.monotonic()
    await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
    await asyncio.gather(*(stage.start(part) for part in parts))
    took = time.monotonic() - began
    await stage.wait(8)
    return f"{len(parts) + len(servers)} processes at once, {took:.0f} s to start them all again"


async def _kill_kafka(stage: Stage) -> str:
    kafka = stage.installation.kafka
    await asyncio.to_thread(kafka.kill)
    await asyncio.sleep(_SERVER_DOWN)
    began = time.monotonic()
    await asyncio.to_thread(kafka.start)
    took = time.monotonic() - began
    await stage.wait(10)
    return f"down for {_SERVER_DOWN:g} s, then {took:.0f} s to start"


async def _kill_mongod(stage: Stage) -> str:
    mongo = stage.installation.mongo
    await asyncio.to_thread(mongo.kill)
    await asyncio.sleep(_SERVER_DOWN)
    began = time.monotonic()
    await asyncio.to_thread(mongo.start)
    took = time.monotonic() - began
    await stage.wait(10)
    return f"down for {_SERVER_DOWN:g} s, then {took:.0f} s to start"


async def _mongod_away(stage: Stage) -> str:
    """Keep the database away for a minute, and look how much the services do meanwhile."""
    mongo = stage.installation.mongo
    await asyncio.to_thread(mongo.kill)
    await asyncio.sleep(_SERVER_DOWN)  # what was under way has failed
    before = stage.cpu_seconds()
    await asyncio.sleep(_AWAY)
    used = {part: seconds - before.get(part, 0.0) for part, seconds in stage.cpu_seconds().items()}
    await asyncio.to_thread(mongo.start)
    await stage.wait(10)
    busiest = max(used, key=lambda part: used[part], default=None)
    told = f"{busiest}: {used[busiest] / _AWAY:.0%}" if busiest else "not known on this platform"
    return (
        f"away for {_AWAY + _SERVER_DOWN:g} s; the busiest process took of a core meanwhile {told}"
    )


async def _two_relays(stage: Stage) -> str:
    """Freeze workers past their lease, start others beside them, and let the first go on."""
    services = [service for service in ("referral", "partner") if service in WITH_EVENTS]
    busy = []
    for service in services:
        if await stage.at_work(service):
            busy.append(service)
        stage.freeze(Part(service, WORKER))
    await asyncio.gather(*(stage.start(Part(service, SECOND)) for service in services))
    await asyncio.sleep(_LEASE + 3)
    for service in services:
        stage.thaw(Part(service, WORKER))
    await stage.wait(6)
    for service in services:
        await stage.stop(Part(service, SECOND))
    return (
        f"{' and '.join(services)} frozen for more than {_LEASE + 3:g} s, with events to publish: "
        f"{' and '.join(busy) or 'none'}"
    )


async def _rebalance(stage: Stage) -> str:
    """Let second workers come and go: every time, the groups divide their partitions anew."""
    rounds = 3
    for _ in range(rounds):
        parts = [Part(service, SECOND) for service in WITH_EVENTS]
        await asyncio.gather(*(stage.start(part) for part in parts))
        await stage.wait(3)
        for number, part in enumerate(parts):
            # Half of them leave in order, half are missed after their session.
            await (stage.stop(part) if number % 2 else stage.kill(part))
    return f"{rounds} times a second worker of every service, half of them killed"


async def _lose_kafka(stage: Stage) -> str:
    """Lose all topics, and do what an operator of a cluster does: no worker runs meanwhile.

    A relay that ran would publish its newest events before the ones that they follow, and a reader
    would go on at its old place.
    """
    workers = [Part(service, WORKER) for service in WITH_EVENTS]
    await asyncio.to_thread(stage.installation.lose_kafka)
    await asyncio.gather(*(stage.stop(part) for part in workers))
    await make_topics(stage.installation.kafka.bootstrap, CELL)
    stage.load.watcher.start_over()
    await stage.operate("progress/reset")
    offered = await stage.operate("republish")
    await asyncio.gather(*(stage.start(part) for part in workers))
    await stage.wait(10)
    return f"workers stopped, topics empty, progress reset, offered again: {_offered(offered)}"


async def _remake_topics(stage: Stage) -> str:
    """Run `enlace republish`, which is for a system whose workers cannot be stopped alone."""
    installation = stage.installation
    owners = {name: _Operated(stage, name) for name in WITH_EVENTS}
    offered = await fill_anew(
        owners, installation.kafka.bootstrap, CELL, installation.home.republishing
    )
    stage.load.watcher.start_over()
    await stage.wait(10)
    told = ", ".join(f"{service} {count}" for service, count in offered.items())
    return f"topics dropped and made anew under the workers, offered again: {told}"


@dataclass(frozen=True, slots=True)
class _Operated:
    """A service of the system under test, as who fills Kafka anew asks it."""

    stage: Stage
    service: str

    async def ask(self) -> None:
        await self.stage.operate_one(self.service, "GET", "waiting")

    async def read_anew(self) -> int:
        return int(
            (await self.stage.operate_one(self.service, "POST", "progress/reset"))["partitions"]
        )

    async def offer(self) -> int:
        return int((await self.stage.operate_one(self.service, "POST", "republish"))["offered"])


def _offered(answers: dict[str, Any]) -> str:
    return ", ".join(f"{service} {each['offered']}" for service, each in answers.items())


SCENARIOS = (
    Scenario("calm", "Nothing, for comparison", _nothing),
    Scenario("worker-killed", "Each service's worker is killed", _kills(WORKER, WITH_EVENTS)),
    Scenario("api-killed", "Each service's API is killed, the portal too", _kills(API, APIS)),
    Scenario(
        "relay-killed",
        "A relay is killed between publishing a batch and marking it",
        _kill_relay_in_batch,
    ),
    Scenario("kafka-killed", "Kafka is killed", _kill_kafka),
    Scenario("mongod-killed", "MongoDB is killed", _kill_mongod),
    Scenario("mongod-away", "MongoDB is away for a minute", _mongod_away),
    Scenario("two-relays", "A worker sleeps past its lease and wakes beside another", _two_relays),
    Scenario(
        "power-lost",
        "Everything is killed at the same moment: Kafka, MongoDB, APIs, workers, portal",
        _kill_everything,
        short=True,
    ),
    Scenario("rebalance", "Second workers come and go while batches are handled", _rebalance),
    Scenario(
        "kafka-lost", "Kafka loses everything and is filled again from the event logs", _lose_kafka
    ),
    Scenario(
        "topics-remade", "Topics are dropped and filled again while everything runs", _remake_topics
    ),
)
"""In the order in which they are tried, one after the other on one system."""
