"""A local system from its start to its end, in one process that owns all the others."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version

from deploy.local.servers import ports as loopback
from deploy.local.servers.errors import PortInUseError
from deploy.local.servers.infra import Kafka, Mongo, Server, kafka_server, mongo_server
from deploy.local.servers.process import ServerProcess, start_time
from deploy.local.system import clock, logs, parts, state
from deploy.local.system.places import CELL, SERVICES, Home, Ports
from deploy.local.system.users import make_users
from services.chassis.events.topics import make_topics
from services.chassis.keys import make_keys

Say = Callable[[str], None]

_PATIENCE = 180.0  # seconds for a part to be ready; the busiest machine needs one of its minutes


class System:
    """All processes of one local system.

    Args:
        home: its folder.
        ports: where its parts listen.
        say: is told each step, as a line for a person.
        without: services that are left out.
    """

    def __init__(
        self, home: Home, ports: Ports, say: Say, *, without: Collection[str] = ()
    ) -> None:
        self.home = home
        self.ports = ports
        self._say = say
        self._without = without
        self._phase = "starting"
        self._services: dict[str, Server] = {}
        self.kafka: Kafka = kafka_server(home.part("kafka"), ports.kafka, quick=True)
        self.mongo: Mongo = mongo_server(home.part("mongod"), ports.mongod)
        self._support: dict[str, Server] = dict(parts.support(home, ports))
        self.begun = False

    @property
    def servers(self) -> dict[str, Server]:
        """Every server by name, in the order of their start."""
        infra: dict[str, Server] = {"kafka": self.kafka, "mongod": self.mongo}
        return infra | self._support | self._services

    def start(self, first_now: datetime | None = None) -> None:
        """Start everything and return once every part is ready.

        Args:
            first_now: the time at which a new system's clock starts; a system that has run
                before keeps its own.

        Raises:
            ServerError: a part cannot start; what had started is left to `stop`.
        """
        home = self.home
        home.path.mkdir(parents=True, exist_ok=True)
        self._stop_leftovers()
        self._require_ports()
        make_keys(home.keys)
        parts.write_sites(home)
        if not home.clock.exists():
            morning = clock.first_morning(datetime.now(clock.ZONE).date())
            clock.set_to(home, first_now or morning)
        self.begun = True
        self._say("Starting Kafka, MongoDB, sign-in, mail and the carrier")
        infra: dict[str, Server] = {"kafka": self.kafka, "mongod": self.mongo}
        with ThreadPoolExecutor() as pool:
            beside = [pool.submit(self._start, name, one) for name, one in self._support.items()]
            base = [pool.submit(self._start, name, one) for name, one in infra.items()]
            for each in base:
                each.result()
            uris = self._prepare()
            self._services = self._make_services(uris)
            names = ", ".join(self._services)
            self._say(f"Starting the services: {names}")
            own = [pool.submit(self._start, name, one) for name, one in self._services.items()]
            for each in (*beside, *own):
                each.result()
        self._phase = "running"
        self.write_state()

    def _prepare(self) -> dict[str, str]:
        """Make topics and users; return the services' connection strings."""
        made = asyncio.run(make_topics(self.kafka.bootstrap, CELL))
        if made:
            self._say(f"Made {len(made)} topics")
        return make_users(self.mongo, self.home)

    def _make_services(self, uris: dict[str, str]) -> dict[str, Server]:
        made: dict[str, Server] = {}
        for name in SERVICES:
            if parts.is_written(name) and name not in self._without:
                made[name] = parts.service(
                    name,
                    self.home,
                    self.ports,
                    kafka=self.kafka.bootstrap,
                    mongo_uri=uris[name],
                )
        made["viewer"] = parts.viewer(self.home, self.ports, self.kafka.bootstrap)
        return made

    def _start(self, name: str, server: Server) -> None:
        began = time.monotonic()
        logs.put_aside(self.home.part(name) / f"{name}.log")
        server.start(_PATIENCE)
        self._say(f"  {name} is ready ({time.monotonic() - began:.1f} s)")

    def _stop_leftovers(self) -> None:
        """End what an earlier run that was killed has left behind, by process id and start time."""
        for name in ("kafka", "mongod", "oidc", "mail", "carrier", *SERVICES, "viewer"):
            process = ServerProcess(name, self.home.part(name))
            if process.stop_leftover():
                self._say(f"  stopped {name}, left behind by an earlier run")

    def _require_ports(self) -> None:
        """Refuse to start before anything runs where a port is taken.

        Raises:
            PortInUseError: names the port, who holds it, and how to choose others.
        """
        try:
            for name, port in self.ports.by_name().items():
                loopback.require_free(port, name)
        except PortInUseError as error:
            base = self.ports.others().base
            raise PortInUseError(
                f"{error} All of them move with one: enlace up --port-base {base} "
                f'(with make: make run ARGS="--port-base {base}")'
            ) from None

    def write_state(self) -> None:
        """Tell the other commands what runs."""
        found = {}
        for name, server in self.servers.items():
            pid = getattr(server, "pid", None)
            if pid is not None:
                log = self.home.part(name) / f"{name}.log"
                found[name] = state.Part(
                    pid=pid, started=start_time(pid), port=server.port, log=log
                )
        state.write(
            self.home,
            state.State(
                version=version("enlace"),
                phase=self._phase,
                pid=os.getpid(),
                base=self.ports.base,
                kafka=self.kafka.bootstrap,
                parts=found,
            ),
        )

    def stop(self) -> None:
        """Stop everything that runs: services first, so that they finish what they have begun."""
        self._phase = "stopping"
        running = self.servers
        infra = {name: running.pop(name) for name in ("kafka", "mongod")}
        own = {name: running.pop(name) for name in list(running) if name in self._services}
        for group in (own, running, infra):
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda server: server.stop(), group.values()))
        with contextlib.suppress(FileNotFoundError):
            self.home.state.unlink()
