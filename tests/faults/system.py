"""The system under test: every server and every service's API and worker, each its own process."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from deploy.local.personas import persona
from deploy.local.servers import ports as loopback
from deploy.local.servers.infra import kafka_server, mongo_server
from deploy.local.servers.kafka import KafkaServer
from deploy.local.servers.module import ModuleServer
from deploy.local.servers.oidc import access_token
from deploy.local.system import clock, parts
from deploy.local.system.places import CELL, SERVICES, Home, Ports, url
from deploy.local.system.users import make_users
from services.chassis.events.topics import make_topics
from services.chassis.keys import make_keys
from services.chassis.links import read_link_key
from services.chassis.provider_ids import ProviderCipher

Say = Callable[[str], None]

API, WORKER, SECOND = "api", "worker", "second-worker"
"""What a process of a service does. The second worker runs only where a scenario starts it."""

WITH_EVENTS = tuple(name for name in SERVICES if name != "portal" and parts.is_written(name))
"""The services of this tree that own or read topics."""

APIS = (*WITH_EVENTS, "portal")
"""The services that answer people. The portal owns no events, and has no worker to kill."""

_WORKER_OFFSET, _SECOND_OFFSET = 30, 40
"""Ports of workers, counted from the base: clear of the local system's own."""

_START_SECONDS = 60.0  # of a service's process, on two cores that start ten at once


@dataclass(frozen=True, slots=True)
class Part:
    """Names one process of a service."""

    service: str
    role: str

    def __str__(self) -> str:
        return f"{self.service} {self.role}"


class Installation:
    """One district on free ports, with its own folder.

    Calls block, but for those that say otherwise; from an event loop use `asyncio.to_thread`.

    Args:
        home: its folder; thrown away by who made it.
        say: is told each step, as a line for a person.
    """

    def __init__(self, home: Path, say: Say) -> None:
        self.home = Home(home)
        self.ports = Ports(_free_base())
        self._say = say
        self.kafka = kafka_server(self.home.part("kafka"), self.ports.kafka)
        self.mongo = mongo_server(self.home.part("mongod"), self.ports.mongod)
        self.support: dict[str, ModuleServer] = {}
        self.processes: dict[Part, ModuleServer] = {}
        self._tokens: dict[str, str] = {}

    def start(self) -> None:
        """Start everything and return once every part is ready.

        Raises:
            ServerError: a part cannot start; what has started is left to `stop`.
        """
        self.home.path.mkdir(parents=True, exist_ok=True)
        make_keys(self.home.keys)
        parts.write_sites(self.home)
        self._rules.write_text("recall_minutes: 0\n")
        clock.set_to(self.home, clock.first_morning(datetime.now(clock.ZONE).date()))
        self.support = parts.support(self.home, self.ports)
        self._say("starting Kafka, MongoDB, sign-in, mail and the carrier")
        _all_at_once(server.start for server in (self.kafka, self.mongo, *self.support.values()))
        asyncio.run(make_topics(self.kafka.bootstrap, CELL))
        uris = make_users(self.mongo, self.home)
        for service in WITH_EVENTS:
            for role in (API, WORKER, SECOND):
                part = Part(service, role)
                self.processes[part] = self._process(part, uris[service])
        self.processes[Part("portal", API)] = self._process(Part("portal", API), uris["portal"])
        self._say(
            f"starting the services: {', '.join(WITH_EVENTS)}, an API and a worker each; the portal"
        )
        first = [part for part in self.processes if part.role != SECOND]
        _all_at_once(partial(self.start_part, part) for part in first)

    def _process(self, part: Part, mongo_uri: str) -> ModuleServer:
        given = parts.environment(
            part.service, self.home, self.ports, kafka=self.kafka.bootstrap, mongo_uri=mongo_uri
        )
        port = self.port(part)
        own = {
            "ENLACE_ROLE": API if part.role == API else WORKER,
            "ENLACE_PORT": str(port),
            # Families of the load are asked many times an hour.
            "ENLACE_TEXTS_A_WEEK": "100000",
            # A family is told at once: what waits for an undo would be neither sent nor cancelled.
            "ENLACE_RULES_FILE": str(self._rules),
        }
        return ModuleServer(
            f"{part.service}-{part.role}",
            self.home.part(f"{part.service}-{part.role}"),
            f"services.{part.service}.main",
            port,
            env={**given, **own},
            # Alive is enough for a worker: ready it is again once its broker and database are.
            ready="/health",
        )

    @property
    def _rules(self) -> Path:
        """Where the district's rules stand."""
        return self.home.path / "rules.yaml"

    def port(self, part: Part) -> int:
        """Return where a process answers; only the API's is told to the others."""
        offset = {API: 0, WORKER: _WORKER_OFFSET, SECOND: _SECOND_OFFSET}[part.role]
        return self.ports.service(part.service) + offset

    def url(self, service: str) -> str:
        """Return the address of a service's API."""
        return url(self.ports.service(service))

    def start_part(self, part: Part) -> None:
        """Start a process of a service and wait until it is alive."""
        self.processes[part].start(_START_SECONDS)

    def kill_part(self, part: Part) -> None:
        """Kill a process of a service (SIGKILL)."""
        self.processes[part].kill()

    def signal_part(self, part: Part, what: signal.Signals) -> None:
        """Send a signal to a process of a service that runs."""
        pid = self.processes[part].pid
        if pid is not None:
            os.kill(pid, what)

    def lose_kafka(self) -> None:
        """Stop Kafka, throw its data away, and start it empty: there are no topics either."""
        self.kafka.stop()
        shutil.rmtree(self.home.part("kafka") / "data")
        self.kafka.start()

    @property
    def can_lose_kafka(self) -> bool:
        """Whether Kafka's data lie in a folder of ours: a container keeps them elsewhere."""
        return isinstance(self.kafka, KafkaServer)

    @property
    def link_key(self) -> bytes:
        """The key from which notify derives links, and the load those of its agencies."""
        return read_link_key(self.home.keys)

    @property
    def provider_ids(self) -> ProviderCipher:
        """What opens the ids of services and agencies in events."""
        return ProviderCipher.of(self.home.keys)

    def token(self, who: str) -> str:
        """Return a persona's access token, signing them in the first time."""
        if who not in self._tokens:
            self._tokens[who] = access_token(self.support["oidc"].url, persona(who))
        return self._tokens[who]

    def advance_clock(self, seconds: float) -> None:
        """Move the product's time forward."""
        clock.advance(self.home, timedelta(seconds=seconds))

    def now(self) -> datetime:
        """Return the product's time."""
        return clock.now(self.home)

    def admin(self) -> AsyncMongoClient[dict[str, Any]]:
        """Return an administrator's client of the database, for looking."""
        return AsyncMongoClient(self.mongo.admin_uri, tz_aware=True)

    def stop(self) -> None:
        """Stop everything that was started: services first."""
        for part in self.processes:
            # A stopped process takes no SIGTERM before it goes on.
            with contextlib.suppress(ProcessLookupError):
                self.signal_part(part, signal.SIGCONT)
        _all_at_once(server.stop for server in self.processes.values())
        _all_at_once(server.stop for server in (*self.support.values(), self.kafka, self.mongo))


def _all_at_once(calls: Iterable[Callable[[], object]]) -> None:
    """Run blocking calls side by side; the first failure is raised once all have ended."""
    with ThreadPoolExecutor(16) as pool:
        for each in [pool.submit(call) for call in calls]:
            each.result()


def _free_base() -> int:
    """Return a base from which every port of the local system and of the workers is free."""
    for _ in range(50):
        base = loopback.free_port()
        wanted = set(Ports(base).by_name().values())
        wanted |= {base + offset + step for offset in (30, 40) for step in range(5)}
        if all(loopback.is_free(port) for port in wanted):
            return base
    raise RuntimeError("No free range of ports was found. Stop servers that are not needed.")
