"""The servers of a test run end with it, even when the run is killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.servers.process import start_time
from tests import servers

_ROOT = Path(__file__).parents[2]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_run_leaves_no_server_and_no_folder() -> None:
    program = (
        "import os, time; from tests import servers\n"
        "servers.open_run(); servers.address('mongo')\n"
        "print(os.environ['ENLACE_TEST_RUN'], flush=True); time.sleep(600)"
    )
    environment = {
        name: value for name, value in os.environ.items() if name not in servers.KEPT_UP.values()
    }
    run = subprocess.Popen(  # noqa: S603 - this Python
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=_ROOT, env=environment
    )
    assert run.stdout is not None
    folder = Path(run.stdout.readline().decode().strip())
    run.stdout.close()
    server = json.loads((folder / "mongo" / "mongod.pid").read_text())
    assert start_time(server["pid"]) == server["started"]

    run.kill()
    run.wait()

    _until(lambda: start_time(server["pid"]) != server["started"])
    _until(lambda: not folder.exists())
