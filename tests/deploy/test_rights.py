"""The rights that the chart renders, on a Kafka that enforces them: enough, and no more."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import CreateAclsRequest
from faststream.kafka import KafkaBroker
from pydantic import SecretStr

from deploy.helm.declared import FILE
from deploy.local.servers import ports
from deploy.local.servers.kafka import SINGLE_NODE, KafkaServer
from services.chassis.events.topics import make_topics
from services.chassis.kafka import broker_security, client_security, refusal
from services.chassis.settings import ServiceSettings
from tests.deploy.rendering import Object, of_kind, rendered

CELL = "rivera"
ADMIN = "admin"
SERVICES = ("referral", "partner", "notify", "reporting", "portal")

_TYPES = {"topic": 2, "group": 3}
_PATTERNS = {"literal": 3, "prefix": 4}
_OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8}
_ALLOW = 3


class StrictKafka(KafkaServer):
    """A broker that takes nobody without a name, and gives nobody what was not granted."""

    def _write_settings(self) -> Path:
        controller = f"{ports.LOOPBACK}:{self._controller_port()}"
        jaas = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": controller,
            "listeners": f"STRICT://{self.bootstrap},INNER://{ports.LOOPBACK}:{self.inner},"
            f"CONTROLLER://{controller}",
            "listener.security.protocol.map": "STRICT:SASL_PLAINTEXT,INNER:PLAINTEXT,"
            "CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "INNER",
            "listener.name.strict.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.strict.scram-sha-512.sasl.jaas.config": f"{jaas};",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN};User:ANONYMOUS",  # the node itself, on its own listeners
            "log.dirs": self.home / "data",
            **SINGLE_NODE,
        }
        path = self.home / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return path

    @property
    def inner(self) -> int:
        """The port on which the node speaks to itself."""
        if not hasattr(self, "_inner"):
            self._inner = ports.free_port()
        return self._inner

    def _format(self, java: Path, classes: str, settings: Path) -> None:
        users = [ADMIN, *(f"{CELL}-{service}" for service in SERVICES)]
        line = [java, "-cp", classes, "kafka.tools.StorageTool", "format", "--standalone"]
        line += ["--cluster-id", "AAAAAAAAAAAAAAAAAAAAAA", "--config", settings]
        for user in users:
            line += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={user}-secret]"]
        subprocess.run(list(map(str, line)), check=True, capture_output=True)  # noqa: S603

    def _wait_until_itanswers(self, deadline: float) -> None:
        assert ports.wait_until_listening(self.inner, deadline), self._process.log_tail()
        port, self.port = self.port, self.inner
        try:
            super()._wait_until_itanswers(deadline)
        finally:
            self.port = port


def settings(broker: KafkaServer, user: str, password: str | None = None) -> ServiceSettings:
    return ServiceSettings(
        cell=CELL,
        kafka=broker.bootstrap,
        kafka_protocol="SASL_PLAINTEXT",
        kafka_mechanism="SCRAM-SHA-512",
        kafka_user=user,
        kafka_password=SecretStr(password or f"{user}-secret"),
    )


def access(broker: KafkaServer, user: str) -> dict[str, Any]:
    return {"bootstrap_servers": broker.bootstrap, **client_security(settings(broker, user))}


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    server = StrictKafka(tmp_path_factory.mktemp("strict"), ports.free_port(), quick=True)
    await asyncio.to_thread(server.start)
    try:
        await make_topics(server.bootstrap, CELL, security=client_security(settings(server, ADMIN)))
        await grant(server, of_kind(rendered("small"), "KafkaUser"))
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def grant(broker: KafkaServer, users: list[Object]) -> None:
    """Grant what the chart renders, as Strimzi's operator would."""
    admin = AIOKafkaAdminClient(**access(broker, ADMIN))
    await admin.start()
    try:
        for user in users:
            for acl in user["spec"]["authorization"]["acls"]:
                for operation in acl["operations"]:
                    made = await admin._send_request(
                        CreateAclsRequest(
                            _TYPES[acl["resource"]["type"]],
                            acl["resource"]["name"],
                            _PATTERNS[acl["resource"]["patternType"]],
                            f"User:{user['metadata']['name']}",
                            "*",
                            _OPERATIONS[operation],
                            _ALLOW,
                        )
                    )
                    assert [code for code, *_ in made.creation_responses] == [0]
    finally:
        await admin.close()


@asynccontextmanager
async def reader(
    broker: KafkaServer, user: str, topics: list[str], group: str | None
) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        *topics, group_id=group, auto_offset_reset="earliest", **access(broker, user)
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def writer(broker: KafkaServer, user: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(enable_idempotence=True, acks="all", **access(broker, user))
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def declared(service: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())["services"][service]
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_rights_suffice_for_what_it_writes_and_reads(
    service: str, broker: KafkaServer
) -> None:
    own = declared(service)
    user = f"{CELL}-{service}"
    if own["writes"]:
        async with writer(broker, user) as producer:
            for topic in own["writes"]:
                await producer.send_and_wait(f"{CELL}.{topic}", b"{}", key=b"k")
    groups = {**own["groups"]}
    for prefix, topics in own["growingGroups"].items():
        groups[f"{prefix}v1.g7"] = topics
    for group, topics in groups.items():
        names = [f"{CELL}.{topic}" for topic in topics]
        async with reader(broker, user, names, f"{CELL}.{group}") as consumer:
            await consumer.getmany(timeout_ms=2_000)
            assert {place.topic for place in consumer.assignment()} == set(names)
            await consumer.commit(dict.fromkeys(consumer.assignment(), 0))
    if service == "portal":
        async with reader(broker, user, [f"{CELL}.rules"], None) as consumer:
            assert await consumer.getmany(timeout_ms=500) is not None


async def test_nobody_writes_to_another_services_topic(broker: KafkaServer) -> None:
    async with writer(broker, f"{CELL}-notify") as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(f"{CELL}.people", b"{}", key=b"k")


async def test_nobody_reads_what_they_have_no_use_for(broker: KafkaServer) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        async with reader(broker, f"{CELL}-partner", [f"{CELL}.people"], None) as consumer:
            await consumer.getmany(timeout_ms=2_000)


async def test_nobody_joins_another_services_group(broker: KafkaServer) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        async with reader(
            broker, f"{CELL}-partner", [f"{CELL}.referrals"], f"{CELL}.notify"
        ) as consumer:
            await consumer.getmany(timeout_ms=2_000)


async def test_a_wrong_password_is_told_apart_from_a_broker_that_is_away(
    broker: KafkaServer,
) -> None:
    right = settings(broker, f"{CELL}-notify")
    assert await refusal(right) is None
    wrong = settings(broker, f"{CELL}-notify", "wrong")
    assert await refusal(wrong) in {"AuthenticationFailedError", "SaslAuthenticationFailed"}
    away = wrong.model_copy(update={"kafka": f"127.0.0.1:{ports.free_port()}"})
    assert await refusal(away) == "ConnectionRefusedError"


async def test_the_consumers_library_is_told_the_same(broker: KafkaServer) -> None:
    given = settings(broker, f"{CELL}-notify")
    faststream = KafkaBroker(broker.bootstrap, security=broker_security(given), logger=None)
    await faststream.start()
    await faststream.stop()
