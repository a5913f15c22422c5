"""The Kafka and the MongoDB of a test run: one of each for all of its workers.

The first test that asks for a server starts it, in a process of its own that outlives the
worker which asked (workers of pytest-xdist end one by one) and ends with the run. A run of unit
tests starts nothing.

``python -m tests.servers`` keeps a pair up for many runs: it prints the two variables that make
a run use it.
"""

import argparse
import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers import ports
from deploy.local.servers.errors import ServerError
from deploy.local.servers.infra import Kafka, Mongo, kafka_server, mongo_server
from deploy.local.servers.process import start_time

KAFKA, MONGO = "kafka", "mongo"
KEPT_UP = {KAFKA: "ENLACE_TEST_KAFKA", MONGO: "ENLACE_TEST_MONGO"}

_RUN_FOLDER = "ENLACE_TEST_RUN"
_PLENTY = 6 * 2**30  # bytes; a run's data come to less than a third of it
_START_TIMEOUT = 240.0  # seconds; the first start ever fetches Kafka's jars


@dataclass(frozen=True)
class Cell:
    """One test's own district: names that no other test uses, on the shared servers.

    Attributes:
        name: short and unique, lower case.
        kafka: ``host:port`` of the broker.
        mongo_uri: connection string of MongoDB's administrator.
    """

    name: str
    kafka: str
    mongo_uri: str

    @property
    def topic_prefix(self) -> str:
        """What the cell's topics and consumer groups begin with."""
        return f"{self.name}."

    @property
    def database_prefix(self) -> str:
        """What the cell's databases begin with."""
        return f"{self.name}_"


def new_cell(kafka: str, mongo_uri: str) -> Cell:
    """Return a cell with a name of its own."""
    return Cell("t" + uuid.uuid4().hex[:10], kafka, mongo_uri)


def open_run() -> None:
    """Prepare a test run; its workers inherit the folder's name."""
    folder = tempfile.mkdtemp(prefix="enlace-tests-", dir=_in_memory())
    Path(folder, "owner").write_text(str(os.getpid()))
    os.environ[_RUN_FOLDER] = folder


def _in_memory() -> Path | None:
    """Return where files stay in memory, where there is plenty of it; None for the usual place.

    Each commit waits until the journal is on the disk, which takes longer than the work itself.
    """
    folder = Path("/dev/shm")  # noqa: S108 - the folder in it is made for us alone
    try:
        memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        room = min(memory, shutil.disk_usage(folder).free)
    except (OSError, ValueError):
        return None
    return folder if room >= _PLENTY else None


def close_run() -> None:
    """Stop what the run's tests started, and remove its folder."""
    folder = Path(os.environ.pop(_RUN_FOLDER))
    for note in folder.glob("*.keeper"):
        seen = json.loads(note.read_text())
        if start_time(seen["pid"]) == seen["started"]:
            os.kill(seen["pid"], signal.SIGTERM)
            _wait(lambda: start_time(seen["pid"]) != seen["started"], 40)  # noqa: B023 - at once
    for keeper in _KEEPERS:
        keeper.wait()
    shutil.rmtree(folder, ignore_errors=True)


def leave_run() -> None:
    """End a worker's part: what it started is the run's by now, and no forgotten child of its."""
    for keeper in _KEEPERS:
        keeper.returncode = 0  # not asked for any more: it ends with the run, which knows its id


def address(kind: str) -> str:
    """Return where a server of this run is, starting it when it is the first request.

    Args:
        kind: ``kafka`` or ``mongo``.

    Raises:
        ServerError: it cannot be started.
    """
    if kept_up := os.environ.get(KEPT_UP[kind]):
        return kept_up
    folder = Path(os.environ[_RUN_FOLDER])
    answer = folder / f"{kind}.json"
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            _start_keeper(kind, folder)
            if not _wait(answer.exists, _START_TIMEOUT):
                raise ServerError(f"The {kind} of this test run did not start in time.")
    seen = json.loads(answer.read_text())
    if "error" in seen:
        raise ServerError(seen["error"])
    return str(seen["address"])


# Held so that they are not taken for forgotten while they run.
_KEEPERS: list[subprocess.Popen[bytes]] = []


def _start_keeper(kind: str, folder: Path) -> None:
    """Start the process that keeps one server up until the run ends."""
    keeper = subprocess.Popen(  # noqa: S603 - this module, run by this Python
        [sys.executable, "-m", "tests.servers", "--keep", kind, "--home", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        cwd=Path(__file__).parents[1],
    )
    _KEEPERS.append(keeper)
    note = {"pid": keeper.pid, "started": start_time(keeper.pid)}
    (folder / f"{kind}.keeper").write_text(json.dumps(note))


def _keep(kind: str, folder: Path) -> None:
    """Run one server until this process is told to end, or the run's main process has ended."""
    owner = int((folder / "owner").read_text())
    owner_started = start_time(owner)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    answer = folder / f"{kind}.json"
    server, where = _server(kind, folder / kind)
    try:
        server.start()
    except Exception as error:  # the worker that waits tells it, whatever it is
        _write(answer, {"error": f"{type(error).__name__}: {error}"})
        raise
    try:
        _write(answer, {"address": where()})
        while not ended.wait(1) and start_time(owner) == owner_started:
            pass
    finally:
        server.stop()
    if not ended.is_set():  # a killed run cannot tidy up for itself
        shutil.rmtree(folder, ignore_errors=True)


def _server(kind: str, home: Path) -> tuple[Kafka | Mongo, Callable[[], str]]:
    """Return a server on a free port, not started, and what tells its address."""
    if kind == KAFKA:
        kafka = kafka_server(home, ports.free_port())
        return kafka, lambda: kafka.bootstrap
    mongo = mongo_server(home, ports.free_port())
    return mongo, lambda: mongo.admin_uri


def _write(path: Path, content: dict[str, str]) -> None:
    """Write a file that is seen whole or not at all."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(content))
    half.rename(path)


def _wait(condition: Callable[[], bool], timeout: float) -> bool:
    """Wait until a condition holds, at most so many seconds; return whether it does."""
    deadline = time.monotonic() + timeout
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds


def _stay_up(home: Path) -> None:
    """Run a pair until Ctrl-C (or SIGTERM), and print what makes a test run use it."""
    ended = threading.Event()
    for what in (signal.SIGINT, signal.SIGTERM):
        signal.signal(what, lambda *_: ended.set())
    pair = {kind: _server(kind, home / kind) for kind in (KAFKA, MONGO)}
    try:
        for kind, (server, where) in pair.items():
            server.start()
            print(f"export {KEPT_UP[kind]}={shlex.quote(where())}", flush=True)  # noqa: T201
        print("Both are up. Ctrl-C stops them.", file=sys.stderr)  # noqa: T201
        ended.wait()
    finally:
        for server, _ in pair.values():
            server.stop()


def main() -> None:
    """Keep a pair of servers up, or one server of a test run."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.servers",
        description="Keep a Kafka and a MongoDB up for many test runs; Ctrl-C stops them.",
    )
    parser.add_argument(
        "--home", type=Path, help="folder of their data, kept; by default one that is thrown away"
    )
    parser.add_argument("--keep", choices=(KAFKA, MONGO), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.keep:
        _keep(chosen.keep, chosen.home)
    elif chosen.home:
        _stay_up(chosen.home)
    else:
        with tempfile.TemporaryDirectory(prefix="enlace-servers-") as home:
            _stay_up(Path(home))


if __name__ == "__main__":
    main()
