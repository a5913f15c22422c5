"""The local Kafka: it starts on an empty folder, and its records survive a crash."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.local.servers import ports
from deploy.local.servers.errors import PortInUseError, ServerError
from deploy.local.servers.kafka import KafkaServer


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    server = KafkaServer(tmp_path_factory.mktemp("kafka"), ports.free_port())
    server.start()
    yield server
    server.stop()


async def _make_topic(broker: KafkaServer, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1)])
    await admin.close()


async def _read_one(broker: KafkaServer, topic: str, group: str) -> bytes | None:
    async with AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    ) as consumer:
        async with asyncio.timeout(20):
            record = await consumer.getone()
        value: bytes | None = record.value
        return value


async def test_records_survive_a_kill_and_a_stop(broker: KafkaServer) -> None:
    await _make_topic(broker, "kept")
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        await producer.send_and_wait("kept", b"a record")
    first = broker.pid

    await asyncio.to_thread(broker.kill)
    assert broker.pid is None
    await asyncio.to_thread(broker.start)
    assert broker.pid != first
    assert await _read_one(broker, "kept", "after-kill") == b"a record"

    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    assert await _read_one(broker, "kept", "after-stop") == b"a record"


async def test_a_folder_can_be_served_on_another_port(broker: KafkaServer) -> None:
    await _make_topic(broker, "moved")
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        await producer.send_and_wait("moved", b"a record")
    await asyncio.to_thread(broker.stop)
    broker.port = ports.free_port()
    (broker.home / "controller.json").unlink()  # as when somebody took that port, too
    await asyncio.to_thread(broker.start)
    assert await _read_one(broker, "moved", "after-move") == b"a record"


async def test_a_topic_is_never_made_by_using_it(broker: KafkaServer) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, request_timeout_ms=2000
    ) as producer:
        with pytest.raises(KafkaError):
            async with asyncio.timeout(20):
                await producer.send_and_wait("misspelt", b"")


def test_a_taken_port_is_named_with_its_owner(broker: KafkaServer, tmp_path: Path) -> None:
    other = KafkaServer(tmp_path, broker.port)
    with pytest.raises(PortInUseError, match=rf"port {broker.port}.*java \(process {broker.pid}\)"):
        other.start()


def test_a_broker_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    home = tmp_path / "kafka"
    home.mkdir()
    server = KafkaServer(home, ports.free_port(), heap_mb=1)
    with pytest.raises(ServerError, match=r"Kafka ended while it started|cannot be prepared"):
        server.start()
    assert not server.running
