"""A server as a child process: its log, its pid file, and its end.

A pid alone says nothing after a crash, because the system gives it to somebody else; so the
file beside the log keeps the pid *and* the time at which that process started, for the server
and for the process that owns it. A server whose owner has gone is a leftover and is stopped
before a new one starts; one whose owner lives is left alone.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.servers.errors import AlreadyRunningError, ServerError

# Linux ends a child when the *thread* that started it ends (PR_SET_PDEATHSIG), not the process.
# All children are therefore started by this one thread, which lives as long as the process.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-starter")

# Run between fork and exec, as a program of its own: Python code in a forked child of a process
# with threads can deadlock. 1 is PR_SET_PDEATHSIG, 15 SIGTERM; a parent that died before the
# call would never send it, hence the second look.
_TIE_TO_PARENT = """\
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the process that started this one has ended")
os.execvp(sys.argv[2], sys.argv[2:])
"""


def start_time(pid: int) -> str | None:
    """When a process started, in the system's own notation; None if there is no such process.

    Two processes that had one pid differ in it. A zombie counts as ended.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name, field 2, stands in parentheses and may hold spaces.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        state, ticks_since_boot = fields[0], fields[19]
        return None if state in "ZX" else ticks_since_boot
    seen = subprocess.run(  # noqa: S603 - a fixed command, a number as its argument
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - wherever the system keeps it
        capture_output=True,
        text=True,
        check=False,
    )
    return seen.stdout.strip() or None


class ServerProcess:
    """One server process, with its log and pid file in a folder.

    Args:
        name: the server's name, for files and messages.
        home: folder of ``<name>.log`` and ``<name>.pid``; made when it is missing.
    """

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home
        self.log_path = home / f"{name}.log"
        self._pid_path = home / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running process's id, None when it does not run."""
        return self._child.pid if self._child is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process that this object started still runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def returncode(self) -> int | None:
        """What the last process ended with, negative for a signal; None while it runs."""
        return None if self._child is None else self._child.poll()

    def start(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Start the process in a session of its own, its output appended to the log.

        Args:
            command: program and arguments.
            env: variables to add to this process's own.
            cwd: its working folder, this process's by default.

        Raises:
            AlreadyRunningError: it runs, and a live process owns it.
            ServerError: the program cannot be started.
        """
        self.stop_leftover()
        if self.running:
            raise AlreadyRunningError(f"{self.name} already runs (process {self.pid}).")
        self.home.mkdir(parents=True, exist_ok=True)
        line = [str(part) for part in command]
        if sys.platform == "linux":
            line = [sys.executable, "-I", "-S", "-c", _TIE_TO_PARENT, str(os.getpid()), *line]
        # Its own session: Ctrl-C reaches the owner alone, which stops its servers in order.
        with self.log_path.open("ab") as log:
            try:
                self._child = _STARTER.submit(
                    subprocess.Popen,
                    line,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **(env or {})},
                    cwd=cwd,
                    start_new_session=True,
                ).result()
            except OSError as error:
                raise ServerError(f"{self.name} cannot be started: {error}") from error
        self._write_pid_file(self._child.pid)

    def stop(self, timeout: float = 20) -> None:
        """Ask the process to end (SIGTERM), and end it (SIGKILL) when it does not.

        Args:
            timeout: seconds to wait between the two.
        """
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a crash would."""
        self._end(signal.SIGKILL, 10)

    def stop_leftover(self, timeout: float = 20) -> bool:
        """Stop the server of an earlier run that ended without stopping it.

        Args:
            timeout: seconds to wait before SIGKILL.

        Returns:
            Whether there was one.

        Raises:
            AlreadyRunningError: the process that started it still runs.
        """
        try:
            seen = json.loads(self._pid_path.read_text())
            pid, started = int(seen["pid"]), seen["started"]
            owner, owner_started = int(seen["owner"]), seen["owner_started"]
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError):  # cut off by a full disk or a crash
            self._pid_path.unlink(missing_ok=True)
            return False
        if start_time(pid) == started:
            if owner != os.getpid() and start_time(owner) == owner_started:
                raise AlreadyRunningError(
                    f"{self.name} in {self.home} already runs (process {pid}), "
                    f"started by process {owner}. Stop that one first."
                )
            if self._child is None or self._child.pid != pid:
                _end_other(pid, started, timeout)
                self._pid_path.unlink(missing_ok=True)
                return True
        else:
            self._pid_path.unlink(missing_ok=True)
        return False

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines of the log, for an error message."""
        try:
            text = self.log_path.read_bytes()[-20_000:].decode(errors="replace")
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:])

    def _write_pid_file(self, pid: int) -> None:
        content = {
            "pid": pid,
            "started": start_time(pid),
            "owner": os.getpid(),
            "owner_started": start_time(os.getpid()),
        }
        self._pid_path.write_text(json.dumps(content))

    def _end(self, first: signal.Signals, timeout: float) -> None:
        child = self._child
        if child is None:
            return
        _signal_group(child.pid, first)
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            _signal_group(child.pid, signal.SIGKILL)
            child.wait(10)
        self._pid_path.unlink(missing_ok=True)


def _signal_group(pid: int, what: signal.Signals) -> None:
    """Send a signal to a server and the children it may have: it leads its process group."""
    try:
        os.killpg(pid, what)
    except ProcessLookupError:
        return


def _end_other(pid: int, started: str, timeout: float) -> None:
    """End a process that is not our child, recognised by pid and start time."""
    for what, patience in ((signal.SIGTERM, timeout), (signal.SIGKILL, 10.0)):
        if start_time(pid) != started:
            return
        _signal_group(pid, what)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and start_time(pid) == started:
            time.sleep(0.05)
