"""`enlace` as a process of its own, on free ports and a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from deploy.local.servers import bytecode, ports
from deploy.local.servers.process import start_time
from deploy.local.system.places import Ports

START_SECONDS = 300  # the first start ever fetches Kafka's jars


def free_base() -> int:
    """Return a base on which every port of a system is free."""
    for _ in range(100):
        base = ports.free_port()
        if all(ports.is_free(port) for port in Ports(base).by_name().values()):
            return base
    raise AssertionError("no base with free ports found")


def enlace(
    *arguments: str, home: Path, seconds: float = 120, answer: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - this project's own command
        [sys.executable, "-m", "deploy.local.cli", *arguments],
        env={**os.environ, **bytecode.environment(), "ENLACE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=seconds,
        input=answer,
        check=False,
    )


class Up:
    """A running `enlace up`."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        self.base = free_base()
        self._log = (home.parent / f"{home.name}.up.log").open("ab")
        line = [sys.executable, "-m", "deploy.local.cli", "up", "--port-base", str(self.base)]
        self._process = subprocess.Popen(  # noqa: S603 - the same
            [*line, *arguments],
            env={**os.environ, **bytecode.environment(), "ENLACE_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.parts: dict[str, dict[str, Any]] = {}

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return Path(self._log.name).read_text()

    def ready(self) -> "Up":
        """Wait until everything runs."""
        state = self.home / "state.json"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                seen = json.loads(state.read_text())
            except (OSError, ValueError):
                seen = {}
            # A run that was killed has left its own.
            if seen.get("pid") == self._process.pid:
                self.parts = seen["parts"]
                return self
            time.sleep(0.2)
        raise AssertionError(f"enlace up is not ready:\n{self.said}")

    def left(self) -> list[str]:
        """Return which of its parts still run."""
        return [
            name for name, part in self.parts.items() if start_time(part["pid"]) == part["started"]
        ]

    def stop(self) -> int:
        """Ask it to end, and wait; return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(120)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(30)
        self._log.close()
