"""A whole service in the test's own process: its real app, worker, database and topics.

Only sign-in is replaced: a bearer token `rosa` is the principal that the test says it is.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pydantic import SecretStr

from contracts.topic import PARTITIONS, TOPICS, Topic
from services.chassis.auth import Authenticator, Principal, grants_of
from services.chassis.clock import FixedClock
from services.chassis.keys import make_keys
from services.chassis.service import Chassis, Parts, Service
from services.chassis.settings import Role, ServiceSettings
from tests.servers import Cell

S = TypeVar("S", bound=ServiceSettings)


def person(subject: str, *grants: str) -> Principal:
    """Return somebody who holds `role:scope` grants."""
    return Principal(subject, subject.title(), grants_of(list(grants)))


class SignedIn(Authenticator):
    """Knows its people by their token; a service's token is checked as ever."""

    def __init__(self, real: Authenticator, people: dict[str, Principal]) -> None:
        self._real = real
        self._people = people

    async def principal(self, authorization: str | None) -> Principal:
        """Return the person whose name is the token."""
        token = (authorization or "").removeprefix("Bearer ")
        known = self._people.get(token)
        return known or await self._real.principal(authorization)


@dataclass(slots=True)
class Running:
    """A service that runs.

    Attributes:
        http: calls its API.
        clock: its time, where the test set one.
    """

    service: Service
    chassis: Chassis[Any]
    http: httpx2.AsyncClient

    def as_(self, token: str) -> dict[str, str]:
        """Return the headers of somebody who is signed in."""
        return {"Authorization": f"Bearer {token}"}


class Wires(httpx2.AsyncBaseTransport):
    """HTTP between services of one test: by port, to those that run; the others are away."""

    def __init__(self) -> None:
        self.to: dict[int | None, httpx2.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Hand a request to the service whose port it names."""
        there = self.to.get(request.url.port)
        if there is None:
            raise httpx2.ConnectError("nobody is there", request=request)
        return await there.handle_async_request(request)


async def create_topics(cell: Cell, topics: Sequence[Topic] = TOPICS) -> None:
    """Make topics of a cell; every one where none is named."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    try:
        await admin.create_topics(
            [NewTopic(f"{cell.name}.{topic.name}", PARTITIONS, 1) for topic in topics]
        )
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def running(
    name: str,
    build: Callable[[Chassis[S]], Parts],
    settings: type[S],
    cell: Cell,
    keys: Path,
    people: dict[str, Principal],
    *,
    clock: FixedClock | None = None,
    role: Role = Role.API,
    wires: "Wires | None" = None,
) -> AsyncIterator[Running]:
    """Run a service; in role `api` nothing is relayed or consumed.

    Services with the same `wires` reach each other where they are told to.
    """
    make_keys(keys)
    given = settings(
        role=role,
        cell=cell.name,
        kafka=cell.kafka,
        mongo_uri=SecretStr(cell.mongo_uri),
        keys_dir=keys,
    )
    chassis = Chassis(name, given, clock)
    chassis.authenticator = SignedIn(chassis.authenticator, people)
    if wires is not None:
        await chassis.http.aclose()
        chassis.http = httpx2.AsyncClient(transport=wires)
    service = Service(chassis, build(chassis))
    async with service.app.router.lifespan_context(service.app):
        transport = httpx2.ASGITransport(app=service.app, raise_app_exceptions=False)
        if wires is not None:
            wires.to[httpx2.URL(getattr(given, f"{name}_url")).port] = transport
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as http:
            yield Running(service, chassis, http)
