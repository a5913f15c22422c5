"""What the chart tells each pod, told to real processes: they prepare, become ready, and end.

No container and no cluster: the same variables, files and users, on a real Kafka and MongoDB.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.helm.declared import FILE
from deploy.local.servers import ports
from deploy.local.servers.mongod import ensure_service_user
from services.chassis.keys import make_keys
from tests.conftest import Client
from tests.deploy.rendering import CHART, Object, environment, named, of_kind, rendered
from tests.servers import Cell

ROOT = Path(__file__).parents[2]
PASSWORD = "made-up-and-long-enough"


@dataclass
class Node:
    """Where the pods of one release run: a folder for what is mounted, and a port for each."""

    home: Path
    objects: tuple[Object, ...]
    secrets: dict[tuple[str, str], str]
    addresses: dict[str, str]

    def process(self, where: Object) -> "subprocess.Popen[str]":
        """Start what a Deployment or Job describes."""
        pod = where["spec"]["template"]
        name = where["metadata"]["name"]
        instead = {f"http://enlace-{its}:8080": there for its, there in self.addresses.items()}
        for each in pod["spec"]["containers"][0]["volumeMounts"]:
            instead[each["mountPath"]] = str(self.mounted(name, pod, each["name"]))
        told = {}
        for variable, what in environment(pod).items():
            text = self.value(what)
            inside = next((each for each in instead if text.startswith(each)), "")
            told[variable] = instead.get(inside, "") + text.removeprefix(inside)
        service = pod["metadata"]["labels"]["app.kubernetes.io/component"]
        told["ENLACE_HOST"] = "127.0.0.1"
        if told["ENLACE_ROLE"] == "api":
            told["ENLACE_PORT"] = self.addresses[service].rpartition(":")[2]
        else:
            told["ENLACE_PORT"] = str(ports.free_port())
        here = {each: its for each, its in os.environ.items() if not each.startswith("ENLACE_")}
        return subprocess.Popen(  # noqa: S603 - this Python
            [sys.executable, "-m", f"services.{service}.main"],
            cwd=ROOT,
            env={**here, **told},
            stdout=subprocess.PIPE,
            text=True,
        )

    def value(self, what: Any) -> str:
        """Return a variable's value, a secret's looked up as the kubelet would."""
        if isinstance(what, str):
            return what
        secret = what["secretKeyRef"]
        return self.secrets[secret["name"], secret["key"]]

    def mounted(self, pod_name: str, pod: Object, volume: str) -> Path:
        """Return a folder that holds what a volume would, and nothing else."""
        folder = self.home / pod_name / volume
        folder.mkdir(parents=True, exist_ok=True)
        found = next(each for each in pod["spec"]["volumes"] if each["name"] == volume)
        for item in found.get("secret", {}).get("items", []):
            shutil.copy(self.home / "keys" / item["key"], folder / item["path"])
        if "configMap" in found:
            table = named(self.objects, "ConfigMap", found["configMap"]["name"])
            for file, text in table["data"].items():
                (folder / file).write_text(text)
        return folder


@pytest.fixture
def node(cell: Cell, mongo: Client, tmp_path: Path) -> Iterator[Node]:
    make_keys(tmp_path / "keys")
    secrets = {
        ("enlace-carrier", "account"): "AC1",
        ("enlace-carrier", "token"): "not-a-real-token",
        ("enlace-oidc", "secret"): "not-a-real-secret",
    }
    services = json.loads(FILE.read_text())["services"]
    head, _, rest = cell.mongo_uri.partition("://")
    for service, its in services.items():
        user = f"{cell.name}_{service}"
        roles = {f"{cell.name}_{name}": role for name, role in its["databases"].items()}
        ensure_service_user(mongo, user, PASSWORD, roles)
        where = rest.partition("@")[2]
        secrets["enlace-mongodb", service] = f"{head}://{user}:{PASSWORD}@{where}"
    given = (
        f"cell={cell.name}",
        f"kafka.given.bootstrap={cell.kafka}",
        "kafka.given.protocol=PLAINTEXT",
        "kafka.given.topicReplicas=1",
        "mongodb.given.caSecret=",
        "district.sites.site-01.name=Invented",
        "district.sites.site-01.coordinator=Rosa",
        "district.sites.site-01.phone=510-555-0181",
    )
    addresses = {service: f"http://127.0.0.1:{ports.free_port()}" for service in services}
    try:
        yield Node(tmp_path, rendered("given", *given), secrets, addresses)
    finally:
        for service in services:
            mongo["admin"].command("dropUser", f"{cell.name}_{service}")


def test_a_release_prepares_becomes_ready_and_ends_with_what_the_chart_tells_it(
    node: Node,
) -> None:
    jobs = {each["metadata"]["name"]: node.process(each) for each in of_kind(node.objects, "Job")}
    for name, job in jobs.items():
        said = job.communicate(timeout=120)[0]
        assert job.returncode == 0, f"{name}: {said}"

    with ExitStack() as stack:
        running = {}
        for each in of_kind(node.objects, "Deployment"):
            started = running[each["metadata"]["name"]] = node.process(each)
            stack.enter_context(started)
            stack.callback(started.kill)  # before it is waited for, whatever fails below
        test = subprocess.run(  # noqa: S603 - what `helm test` runs
            [sys.executable, str(CHART / "files" / "ready.py")],
            env={"SERVICES": " ".join(node.addresses.values())},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert test.returncode == 0, test.stderr
        for name, process in running.items():
            if name.endswith("-worker"):
                assert process.stdout is not None
                events = (json.loads(line)["event"] for line in process.stdout)
                assert "service.started" in events, name
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for name, process in running.items():
            said = process.communicate(timeout=60)[0]
            assert process.returncode == 0, f"{name}: {said}"
