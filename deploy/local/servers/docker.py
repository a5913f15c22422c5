"""Kafka and MongoDB as containers of their official images.

Tried with images made for it of the same programs (Debian's Docker 20.10, Kafka 4.3, mongod 6.0);
the official images themselves could not be had where this was written. The settings are those of
the processes beside it, which are tried at every run of the tests.
"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docker.errors import DockerException
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from testcontainers.core.container import DockerContainer

from deploy.local.servers import ports
from deploy.local.servers.errors import ServerError
from deploy.local.servers.kafka import SINGLE_NODE, answers
from deploy.local.servers.mongod import ADMIN, ORPHANED_SECONDS, REPLICA_SET
from deploy.local.servers.secret import secret_file

KAFKA_IMAGE = "apache/kafka:4.1.1"
MONGO_IMAGE = "mongo:8.0"


class _Container:
    """What both have in common: one container with a named volume for its data."""

    def __init__(self, name: str, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        # A volume and not the folder itself: the images' users could not write there.
        folder = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
        self._volume = f"enlace-{name}-{folder}"
        self._container: DockerContainer | None = None

    @property
    def running(self) -> bool:
        """Whether the container runs."""
        return self._container is not None

    def stop(self) -> None:
        """Stop the server in order and remove the container; its volume stays."""
        self._remove(graceful=True)

    def kill(self) -> None:
        """Kill the server, as a crash would, and remove the container; its volume stays."""
        self._remove(graceful=False)

    def _run(self, container: DockerContainer, data: str) -> None:
        ports.require_free(self.port, self._volume)
        container.with_volume_mapping(self._volume, data, "rw")
        # The same port on both sides, on the loopback address alone: what the server tells its
        # clients about itself is then right within and without.
        # The engine takes the address beside the port, which the container's types leave out.
        published: dict[str, Any] = container.ports
        published[f"{self.port}/tcp"] = (ports.LOOPBACK, self.port)
        try:
            self._container = container.start()
        except DockerException as error:
            raise ServerError(
                f"The container of {container.image} could not be started: {error}. Its image "
                "comes from Docker Hub, unless it is here already: see that the engine reaches it "
                "(docker pull), then try again."
            ) from error

    def _remove(self, *, graceful: bool) -> None:
        if self._container is None:
            return
        wrapped = self._container.get_wrapped_container()
        if graceful:
            wrapped.stop(timeout=20)
        else:
            wrapped.kill()
        wrapped.remove()
        self._container = None

    def _await(self, what: str, ready: Callable[[], bool], timeout: float) -> None:
        """Wait until the server is ready.

        Raises:
            ServerError: it ended, or was not ready in time; its last lines are in the message.
        """
        deadline = time.monotonic() + timeout
        while not ready():
            if not self._runs:
                raise self._fail(f"{what} ended while it started")
            if time.monotonic() > deadline:
                raise self._fail(f"{what} did not answer on port {self.port} in time")
            time.sleep(0.2)

    @property
    def _runs(self) -> bool:
        if self._container is None:
            return False
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        return str(wrapped.status) in {"created", "running", "restarting"}

    def _fail(self, what: str) -> ServerError:
        out, err = (b"", b"") if self._container is None else self._container.get_logs()
        self._remove(graceful=False)
        return ServerError(f"{what}. Its last lines:\n{(out + err).decode()[-2000:]}")


class DockerKafka(_Container):
    """Apache Kafka as a container; see ``deploy.local.servers.kafka.KafkaServer``."""

    def __init__(self, home: Path, port: int) -> None:
        super().__init__("kafka", home, port)

    @property
    def bootstrap(self) -> str:
        """What clients connect to: ``host:port``."""
        return f"{ports.LOOPBACK}:{self.port}"

    def start(self, timeout: float = 180) -> None:
        """Start the container and wait until the broker answers (the image is pulled first).

        Args:
            timeout: seconds to wait for the first answer.

        Raises:
            ServerError: it did not answer in time.
        """
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": "1@localhost:9093",
            "listeners": f"PLAINTEXT://:{self.port},CONTROLLER://:9093",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": "/var/lib/kafka/data",
            **SINGLE_NODE,
        }
        container = DockerContainer(KAFKA_IMAGE)
        for name, value in settings.items():
            container.with_env("KAFKA_" + name.upper().replace(".", "_"), str(value))
        self._run(container, "/var/lib/kafka/data")
        self._await("Kafka", self._answers, timeout)

    def _answers(self) -> bool:
        soon = time.monotonic() + 1.0
        return ports.wait_until_listening(self.port, soon) and answers(self.bootstrap)


class DockerMongo(_Container):
    """MongoDB as a container; see ``deploy.local.servers.mongod.MongoServer``."""

    def __init__(self, home: Path, port: int) -> None:
        super().__init__("mongo", home, port)

    @property
    def admin_uri(self) -> str:
        """Connection string of the administrator."""
        return self.user_uri(ADMIN, secret_file(self.home / "admin-password"))

    def user_uri(self, name: str, password: str) -> str:
        """Connection string of another user."""
        who = f"{quote(name, safe='')}:{quote(password, safe='')}"
        where = f"{ports.LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}&authSource=admin"
        return f"mongodb://{who}@{where}"

    def start(self, timeout: float = 180) -> None:
        """Start the container and wait until it is primary (the image is pulled first).

        Args:
            timeout: seconds to wait for the primary.

        Raises:
            ServerError: it did not become primary in time.
        """
        password = secret_file(self.home / "admin-password")
        serve = (
            # The server refuses a key that others may read or that is not its own user's.
            'printf %s "$ENLACE_KEY" > /tmp/key && chmod 400 /tmp/key && chown mongodb /tmp/key '
            f"&& exec docker-entrypoint.sh mongod --replSet {REPLICA_SET} --keyFile /tmp/key "
            f"--bind_ip_all --port {self.port} --wiredTigerCacheSizeGB 0.5 "
            f"--setParameter transactionLifetimeLimitSeconds={ORPHANED_SECONDS}"
        )
        container = (
            DockerContainer(MONGO_IMAGE)
            .with_env("MONGO_INITDB_ROOT_USERNAME", ADMIN)
            .with_env("MONGO_INITDB_ROOT_PASSWORD", password)
            .with_env("ENLACE_KEY", secret_file(self.home / "key"))
            .with_command(["bash", "-c", serve])
        )
        self._run(container, "/data/db")
        self._await("MongoDB", lambda: self._is_primary(password), timeout)

    def _is_primary(self, password: str) -> bool:
        """Whether the node is primary; makes its replica set when there is none."""
        member = f"{ports.LOOPBACK}:{self.port}"
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]}
        already_initialized = 23
        try:
            with MongoClient[dict[str, object]](
                ports.LOOPBACK,
                self.port,
                directConnection=True,
                username=ADMIN,
                password=password,
                serverSelectionTimeoutMS=2000,
            ) as client:
                try:
                    client.admin.command("replSetInitiate", config)
                except OperationFailure as error:
                    if error.code != already_initialized:
                        return False
                return bool(client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False
