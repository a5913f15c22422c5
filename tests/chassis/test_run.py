"""A service as a process: what keeps it from starting is told in one line, and preparing ends."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topic import TOPICS
from deploy.local.servers import ports
from services.chassis.events.topics import make_topics
from services.chassis.keys import make_keys
from tests.conftest import Client
from tests.servers import Cell

ROOT = Path(__file__).parents[2]


def settings(cell: Cell, keys: Path, **more: str) -> dict[str, str]:
    told = {
        "CELL": cell.name,
        "KAFKA": cell.kafka,
        "MONGO_URI": cell.mongo_uri,
        "KEYS_DIR": str(keys),
        "PORT": str(ports.free_port()),
        "TWILIO_ACCOUNT": "AC1",
        "TWILIO_TOKEN": "not-a-real-token",
        "TWILIO_FROM": "+15105550100",
        **more,
    }
    return {f"ENLACE_{name}": value for name, value in told.items() if value}


def notify(told: dict[str, str]) -> tuple[int, list[dict[str, Any]]]:
    """Run notify until it ends; return its exit code and its log."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("ENLACE_")}
    done = subprocess.run(
        [sys.executable, "-m", "services.notify.main"],
        cwd=ROOT,
        env={**here, **told},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == "", done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    make_keys(tmp_path / "keys")
    return tmp_path / "keys"


def test_a_missing_setting_is_named_and_nothing_else_is_said(cell: Cell, keys: Path) -> None:
    code, lines = notify(settings(cell, keys, TWILIO_ACCOUNT="", TWILIO_TIMEOUT="soon"))
    assert code == 2
    assert [line["event"] for line in lines] == ["service.not_started"]
    assert "ENLACE_TWILIO_ACCOUNT: Field required" in lines[0]["why"]
    assert "ENLACE_TWILIO_TIMEOUT: Input should be a valid number" in lines[0]["why"]
    assert "soon" not in json.dumps(lines), "what was given could be a password"


def test_a_protocol_that_proves_a_user_needs_one(cell: Cell, keys: Path) -> None:
    code, lines = notify(settings(cell, keys, KAFKA_PROTOCOL="SASL_SSL", KAFKA_USER="notify"))
    assert code == 2
    assert lines[-1]["why"].endswith("set ENLACE_KAFKA_USER and ENLACE_KAFKA_PASSWORD too")


def test_a_missing_key_is_named_with_where_it_goes(cell: Cell, keys: Path) -> None:
    (keys / "link.key").unlink()
    code, lines = notify(settings(cell, keys))
    assert code == 3
    assert lines[-1]["why"].endswith("link.key cannot be read: No such file or directory.")
    assert "Put the key link.key into the secret" in lines[-1]["next"]


def test_a_wrong_password_of_the_database_is_told_and_not_shown(cell: Cell, keys: Path) -> None:
    wrong = cell.mongo_uri.replace("://", "://nobody:hunter2@", 1)
    head, _, rest = cell.mongo_uri.partition("://")
    if "@" in rest:
        wrong = f"{head}://nobody:hunter2@{rest.partition('@')[2]}"
    code, lines = notify(settings(cell, keys, MONGO_URI=wrong))
    assert code == 3
    assert lines[-1]["why"] == "MongoDB refuses this user or password."
    assert "ENLACE_MONGO_URI" in lines[-1]["next"]
    assert "hunter2" not in json.dumps(lines)


def test_a_kafka_that_does_not_answer_is_told(cell: Cell, keys: Path) -> None:
    nobody = f"127.0.0.1:{ports.free_port()}"
    code, lines = notify(settings(cell, keys, KAFKA=nobody, ROLE="worker"))
    assert code == 3
    told = [line for line in lines if line["event"] == "service.not_started"]
    assert told[0]["why"].startswith("Kafka does not answer")
    assert "ENLACE_KAFKA" in told[0]["next"]


async def test_preparing_makes_indexes_and_the_services_own_topics_and_ends(
    cell: Cell, keys: Path, mongo: Client
) -> None:
    told = settings(cell, keys, ROLE="prepare", TOPIC_REPLICAS="1", OUTGOING_AT_FIRST="false")
    for _ in range(2):  # a repeat changes nothing
        code, lines = await asyncio.to_thread(notify, told)
        assert code == 0, lines
        assert lines[-1]["event"] == "service.stopped"
    database = mongo[f"{cell.name}_notify"]
    switch = database["switches"].find_one({"_id": "outgoing"})
    assert switch is not None
    assert switch["on"] is False
    assert len(database["event_log"].index_information()) > 1
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    try:
        made = {name for name in await admin.list_topics() if name.startswith(cell.topic_prefix)}
    finally:
        await admin.close()
    own = {topic.name for topic in TOPICS if topic.owner == "notify"}
    assert made == {f"{cell.topic_prefix}{name}" for name in own}


def test_a_port_that_is_taken_is_named(cell: Cell, keys: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, lines = notify(settings(cell, keys, ROLE="api", PORT=port))
    assert code == 3
    assert f"Port {port} cannot be listened on." in {line.get("why") for line in lines}


def test_a_worker_that_is_told_to_stop_ends_well(cell: Cell, keys: Path) -> None:
    asyncio.run(make_topics(cell.kafka, cell.name))
    here = {name: value for name, value in os.environ.items() if not name.startswith("ENLACE_")}
    with subprocess.Popen(
        [sys.executable, "-m", "services.notify.main"],
        cwd=ROOT,
        env={**here, **settings(cell, keys, ROLE="worker")},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line)["event"])
            if lines[-1] == "service.started":
                process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert lines[-1] == "service.stopped"
