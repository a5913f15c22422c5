"""Puts a service together and runs it, the same for all: in the roles api, worker and all."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx2
import structlog
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker
from pymongo.errors import PyMongoError

from services.chassis import telemetry
from services.chassis.auth import Authenticator, ServiceIdentity
from services.chassis.clock import Clock, clock_for
from services.chassis.consumer.applier import Applier
from services.chassis.consumer.ledger import COLLECTIONS, Ledger
from services.chassis.consumer.parked import Parked
from services.chassis.consumer.projection import ProjectionApplier
from services.chassis.consumer.runner import PROJECTION_SLICE, SLICE, GroupRunner
from services.chassis.consumer.slices import Slices
from services.chassis.database import Database, connect
from services.chassis.district import DistrictCopy, NeedsTold, follow_district
from services.chassis.events.log import EventLog
from services.chassis.events.relay import Relay
from services.chassis.events.waker import LogWaker
from services.chassis.http.app import create_app
from services.chassis.http.openapi import Examples
from services.chassis.http.operations import operations_router
from services.chassis.kafka import broker_security, client_security
from services.chassis.lease import Lease
from services.chassis.limits import Largest
from services.chassis.provider_ids import ProviderCipher
from services.chassis.settings import ServiceSettings
from services.chassis.staff import StaffRegister, follow_register
from services.chassis.store import Aggregate, Store
from services.chassis.tasks import end
from services.chassis.timers import Sweep, run_sweeps

VERSION = "0.1.0"

FOLLOW_SECONDS = 1.0
"""How often a service is asked for the consumer groups that change while it runs."""

log = structlog.get_logger()

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group: its name, topics and what it does with them."""

    name: str
    topics: Sequence[str]
    applier: Applier


@dataclass(slots=True)
class Parts:
    """What a service adds to the chassis.

    Attributes:
        routers: its HTTP API.
        groups: its consumer groups.
        more_groups: consumer groups that change while it runs, such as those of a read model that
            is being rebuilt; asked at start and every second. Those that are new are started, those
            that are gone are stopped.
        sweeps: its due times.
        tasks: what else its worker does until cancelled.
        due: each counts what those tasks have to do now, for who waits until all is at rest.
        prepare: run once at start, before anything else: indexes, keys.
        close: run at the end.
        max_body: bytes of the largest request body.
        large_bodies: the largest body by path, where it is more than elsewhere.
        examples: what the API's document shows.
        mounts: further APIs by the path before their addresses, each with a document of its own.
    """

    routers: Sequence[APIRouter] = ()
    groups: Sequence[Group] = ()
    more_groups: Callable[[], Awaitable[Sequence[Group]]] | None = None
    sweeps: Sequence[Sweep[Any]] = ()
    tasks: Sequence[Callable[[], Awaitable[None]]] = ()
    due: Sequence[Callable[[], Awaitable[int]]] = ()
    prepare: Sequence[Callable[[], Awaitable[None]]] = ()
    close: Sequence[Callable[[], Awaitable[None]]] = ()
    max_body: int = 256 * 1024
    large_bodies: Mapping[str, Largest] = field(default_factory=dict)
    examples: Examples = field(default_factory=Examples)
    mounts: Mapping[str, Sequence[APIRouter]] = field(default_factory=dict)


class Chassis(Generic[S]):
    """What every service has: settings, clock, database, store, identity, an HTTP client."""

    def __init__(self, service: str, settings: S, clock: Clock | None = None) -> None:
        self.service = service
        self.settings = settings
        self.clock = clock or clock_for(settings.clock_file)
        self.mongo = connect(
            settings.mongo_uri.get_secret_value(),
            app=f"enlace-{service}",
            ca_file=settings.mongo_ca_file,
        )
        self.database = Database(self.mongo, settings.database(service))
        self.ids = ProviderCipher.of(settings.keys_dir)
        self.log = EventLog(
            self.database, source=f"enlace/{service}", clock=self.clock, ids=self.ids
        )
        self.store = Store(self.database, self.log)
        self.identity = ServiceIdentity(service, settings.keys_dir)
        self.http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(10.0, connect=3.0),
            event_hooks={"request": [telemetry.carry_trace]},
        )
        self.authenticator = Authenticator(settings.issuer, self.identity, self.http)
        self.register = StaffRegister(self.store, self.clock, settings.zone)
        self.district = DistrictCopy(self.store)

    def district_group(self, changed: NeedsTold | None = None) -> "Group":
        """Return the group of the district's staff and lists; `changed` is told of other needs."""
        follow_district(table := follow_register(self.store), self.store, changed)
        return Group(f"{self.service}-district", table.topics, table)

    async def close(self) -> None:
        """Close connections."""
        await self.http.aclose()
        await self.mongo.close()


class Service:
    """A running service: its app, and its worker's tasks."""

    def __init__(self, chassis: Chassis[Any], parts: Parts) -> None:
        self.chassis = chassis
        self.parts = parts
        settings = chassis.settings
        self._broker = KafkaBroker(
            settings.kafka,
            allow_auto_create_topics=False,
            client_id=f"enlace-{chassis.service}",
            # Topics that are made anew, or get more partitions, are met within this time.
            metadata_max_age_ms=30_000,
            apply_types=False,
            logger=None,
            graceful_timeout=10,
            security=broker_security(settings),
        )
        self._waker = LogWaker(chassis.database)
        self._relay = Relay(
            chassis.log,
            Lease(chassis.database, "relay"),
            self._waker,
            bootstrap=settings.kafka,
            cell=settings.cell,
            security=client_security(settings),
        )
        self.runners: list[GroupRunner] = []
        self._followed: dict[str, GroupRunner | None] = {}
        self.slices: dict[str, Slices] = {}
        self._reads: dict[str, tuple[str, ...]] = {}
        self.parked: dict[str, Parked] = {}
        for group in parts.groups:
            self._add_group(group)
        routers = [*parts.routers] if settings.role.serves else []
        self.app = create_app(
            chassis.service,
            VERSION,
            [
                *routers,
                operations_router(self.parked, self.slices, chassis.log, self._due, self._reads),
            ],
            health=self,
            authenticator=chassis.authenticator,
            register=chassis.register,
            max_body=parts.max_body,
            large_bodies=parts.large_bodies,
            examples=parts.examples if settings.role.serves else None,
            mounts=parts.mounts if settings.role.serves else None,
        )
        self.app.router.lifespan_context = self._lifespan

    async def _due(self) -> int:
        """Return how much its sweeps and tasks have to do now."""
        counters = [*(sweep.due for sweep in self.parts.sweeps), *self.parts.due]
        return sum([await counter() for counter in counters])

    def _add_group(self, group: Group) -> GroupRunner | None:
        """Enter a group; its runner in a process that works, not started yet."""
        database = self.chassis.database
        ledger = Ledger(database, group.name)
        parked = Parked(database, group.name, self.chassis.ids)
        slices = Slices(database, ledger, parked, group.applier)
        self.parked[group.name] = parked
        self.slices[group.name] = slices
        self._reads[group.name] = tuple(
            self.chassis.settings.topic(topic) for topic in group.topics
        )
        if not self.chassis.settings.role.works:
            return None
        folds = isinstance(group.applier, ProjectionApplier)
        runner = GroupRunner(
            self._broker,
            ledger,
            slices,
            group.topics,
            cell=self.chassis.settings.cell,
            ids=self.chassis.ids,
            slice_size=PROJECTION_SLICE if folds else SLICE,
        )
        self.runners.append(runner)
        return runner

    async def _bring_groups_up_to_date(self, *, start: bool) -> None:
        """Start the changing groups that are new, and stop those that are gone."""
        if self.parts.more_groups is None:
            return
        wanted = {group.name: group for group in await self.parts.more_groups()}
        for name in set(self._followed) - set(wanted):
            await self._drop_group(name)
        for name in set(wanted) - set(self._followed):
            self._followed[name] = runner = self._add_group(wanted[name])
            try:
                await self.parked[name].create_indexes()
                if runner is not None and start:
                    await runner.start()
            except BaseException:
                # Half started is not started: it is tried anew from the beginning.
                await self._drop_group(name)
                raise

    async def _drop_group(self, name: str) -> None:
        runner = self._followed.pop(name)
        self.parked.pop(name, None)
        self.slices.pop(name, None)
        self._reads.pop(name, None)
        if runner is not None:
            self.runners.remove(runner)
            await runner.stop()

    async def _follow_groups(self) -> None:
        """Keep the changing groups up to date until cancelled."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                await self._bring_groups_up_to_date(start=True)
            except (PyMongoError, KafkaError) as error:
                log.warning(
                    "service.groups_waiting", error=type(error).__name__, next="trying again in 1 s"
                )

    async def check(self) -> tuple[bool, dict[str, Any]]:
        """Tell whether work can be done: the database answers, no consumer is stalled."""
        database = await self._database_answers()
        consumers = [runner.health() for runner in self.runners]
        relay = self._relay.healthy
        good = database and relay and not any(each["stalled"] for each in consumers)
        return good, {"database": database, "relay": relay, "consumers": consumers}

    async def stuck(self) -> list[str]:
        """Name the consumer groups that will not go on by themselves: a restart mends those.

        One that waits for its database is none of them, for a restart would mend nothing.
        """
        found = [runner.group for runner in self.runners if runner.stuck()]
        if found and not await self._database_answers():
            return []
        return found

    async def _database_answers(self) -> bool:
        try:
            await self.chassis.database.ping()
        except PyMongoError:
            return False
        return True

    async def prepare(self) -> None:
        """Make what work begins with: indexes, key vaults, first rules. A repeat changes nothing.

        Run by every process at its start, and before a release by one in role `prepare`, so that
        the indexes of the new code are there when its first pod starts. Nothing is dropped that the
        code before it uses.
        """
        await self.chassis.log.create_indexes()
        for parked in self.parked.values():
            await parked.create_indexes()
        await self.chassis.database.ensure(*COLLECTIONS)
        await self.chassis.register.create_indexes()
        for sweep in self.parts.sweeps:
            await sweep.create_indexes()
        for prepare in self.parts.prepare:
            await prepare()

    async def close(self) -> None:
        """Close what the service and the chassis hold open."""
        for close in self.parts.close:
            await close()
        await self.chassis.close()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        follows = self.parts.more_groups is not None
        try:
            await self.prepare()
            await self._bring_groups_up_to_date(start=False)
            if self.runners or (follows and self.chassis.settings.role.works):
                await self._broker.start()
        except BaseException:
            await self._broker.stop()
            await self.close()
            raise
        tasks = [asyncio.create_task(work()) for work in self._work()]
        for task in tasks:
            task.add_done_callback(_crash_on_failure)
        following = asyncio.create_task(self._follow_groups() if follows else asyncio.sleep(0))
        following.add_done_callback(_crash_on_failure)
        log.info("service.started", groups=sorted(self.parked))
        try:
            yield
        finally:
            # First of all, so that no consumer is started behind the one that stops them.
            await end([following])
            # Then consumers: what they leave half done is rolled back and read again.
            for runner in self.runners:
                await runner.close()
            await self._broker.stop()
            await end(tasks)
            await self.close()

    def _work(self) -> list[Callable[[], Any]]:
        """Return what a worker runs beside its consumers."""
        if not self.chassis.settings.role.works:
            return []
        sweeps: list[Sweep[Aggregate]] = list(self.parts.sweeps)
        lease = Lease(self.chassis.database, "sweeps")
        return [
            self._waker.run,
            self._relay.run,
            lambda: run_sweeps(sweeps, lease),
            *self.parts.tasks,
        ]


def _crash_on_failure(task: asyncio.Task[None]) -> None:
    """End the process when one of its tasks fails: half a worker is worse than a restarted one."""
    if task.cancelled() or task.exception() is None:
        return
    log.critical("service.task_failed", error=type(task.exception()).__name__)
    os.kill(os.getpid(), signal.SIGTERM)
