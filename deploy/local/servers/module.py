"""A Python module of ours, or of a package, that serves HTTP as a process of its own."""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2

from deploy.local.servers import bytecode, ports
from deploy.local.servers.errors import ServerError
from deploy.local.servers.process import ServerProcess


class ModuleServer:
    """``python -m module`` as a server on a loopback port.

    Calls block; from a running event loop use ``asyncio.to_thread``.

    Args:
        name: the server's name, for files and messages.
        home: folder of its log and pid file.
        module: what Python runs.
        port: loopback port that answers HTTP.
        arguments: what the module is told.
        env: variables to add to this process's own.
        ready: path that answers with a success once the server is ready.
    """

    def __init__(
        self,
        name: str,
        home: Path,
        module: str,
        port: int,
        *,
        arguments: Sequence[str | Path] = (),
        env: Mapping[str, str] | None = None,
        ready: str = "/",
    ) -> None:
        self.name = name
        self.home = home
        self.port = port
        self._command = [sys.executable, "-m", module, *arguments]
        self._env = env
        self._ready = ready
        self._process = ServerProcess(name, home)

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process's id, None when it does not run."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._process.running

    @property
    def returncode(self) -> int | None:
        """What the process ended with, negative for a signal; None while it runs."""
        return self._process.returncode

    @property
    def log_path(self) -> Path:
        """The process's log."""
        return self._process.log_path

    def start(self, timeout: float = 30) -> None:
        """Start the process and wait until it is ready.

        Args:
            timeout: seconds to wait.

        Raises:
            PortInUseError: somebody else listens on the port.
            AlreadyRunningError: another live run owns this folder's server.
            ServerError: it ended or was not ready in time; its last log lines are in the message.
        """
        self._process.stop_leftover()
        ports.require_free(self.port, self.name)
        self._process.start(self._command, env={**bytecode.environment(), **(self._env or {})})
        deadline = time.monotonic() + timeout
        # trust_env off: a proxy of the surroundings has nothing to do with the loopback address.
        with httpx2.Client(timeout=2, trust_env=False) as client:
            while not self._answers(client):
                if not self._process.running:
                    raise ServerError(
                        f"{self.name} ended while it started "
                        f"(exit {self._process.returncode}). {self._log()}"
                    )
                if time.monotonic() > deadline:
                    log = self._log()
                    self.stop()
                    raise ServerError(f"{self.name} was not ready in {timeout:g} s. {log}")
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop the process in order (SIGTERM), by force after 20 seconds."""
        self._process.stop()

    def kill(self) -> None:
        """Kill the process (SIGKILL), as a crash would."""
        self._process.kill()

    def _answers(self, client: httpx2.Client) -> bool:
        try:
            return client.get(self.url + self._ready).is_success
        except httpx2.HTTPError:
            return False

    def _log(self) -> str:
        return f"The end of {self.log_path}:\n{self._process.log_tail()}"
