"""Child processes: leftovers are recognised, live ones are left alone, none outlives its parent."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.servers.errors import AlreadyRunningError, ServerError
from deploy.local.servers.process import ServerProcess, start_time

_SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
_IGNORES_SIGTERM = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n"
    "time.sleep(600)"
)
_STUBBORN = [sys.executable, "-c", _IGNORES_SIGTERM]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _started_by_another_run(home: Path, *, ends: bool) -> tuple[int, subprocess.Popen[bytes]]:
    """Start a server from a Python of its own; return the server's pid and that Python."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from deploy.local.servers.process import ServerProcess\n"
        "server = ServerProcess('sleeper', Path(sys.argv[1]))\n"
        f"server.start({_SLEEP!r}); print(server.pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE)  # noqa: S603 - this Python
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.stdout.close()
    _until(lambda: "up" in (home / "sleeper.log").read_text())
    if ends:
        owner.kill()
        owner.wait()
    return pid, owner


def test_a_stopped_process_leaves_its_log_and_nothing_else(tmp_path: Path) -> None:
    server = ServerProcess("sleeper", tmp_path)
    server.start(_SLEEP)
    _until(lambda: "up" in server.log_tail())
    pid = server.pid
    server.stop()

    assert pid is not None
    assert start_time(pid) is None
    assert server.pid is None
    assert [path.name for path in tmp_path.iterdir()] == ["sleeper.log"]


def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    server = ServerProcess("stubborn", tmp_path)
    server.start(_STUBBORN)
    _until(lambda: "up" in server.log_tail())
    server.stop(timeout=0.2)
    assert server.returncode == -signal.SIGKILL


def test_a_child_ends_with_its_killed_parent(tmp_path: Path) -> None:
    pid, _ = _started_by_another_run(tmp_path, ends=True)
    _until(lambda: start_time(pid) is None)


def test_a_child_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    from threading import Thread  # noqa: PLC0415 - this test's own

    server = ServerProcess("sleeper", tmp_path)
    asking = Thread(target=server.start, args=[_SLEEP])
    asking.start()
    asking.join()
    try:
        _until(lambda: "up" in server.log_tail())
        time.sleep(0.2)
        assert server.running
    finally:
        server.stop()


def test_a_server_of_a_live_run_is_left_alone(tmp_path: Path) -> None:
    pid, owner = _started_by_another_run(tmp_path, ends=False)
    try:
        with pytest.raises(AlreadyRunningError, match=rf"process {pid}.*process {owner.pid}"):
            ServerProcess("sleeper", tmp_path).start(_SLEEP)
        assert start_time(pid) is not None
    finally:
        owner.kill()
        owner.wait()


def test_a_leftover_is_stopped_before_a_new_start(tmp_path: Path) -> None:
    # Not tied to a parent, as where the system cannot do that.
    leftover = subprocess.Popen(_SLEEP, start_new_session=True, stdout=subprocess.DEVNULL)  # noqa: S603 - this Python
    note = {"pid": leftover.pid, "started": start_time(leftover.pid)}
    _write(tmp_path, {**note, "owner": 2**22 + 1, "owner_started": "long ago"})

    server = ServerProcess("sleeper", tmp_path)
    server.start(_SLEEP)
    try:
        assert leftover.wait(10) == -signal.SIGTERM
        assert server.running
    finally:
        server.stop()


def test_a_pid_that_belongs_to_somebody_else_now_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(_SLEEP, start_new_session=True, stdout=subprocess.DEVNULL)  # noqa: S603 - this Python
    try:
        note = {"pid": stranger.pid, "started": "another time"}
        _write(tmp_path, {**note, "owner": 2**22 + 1, "owner_started": "long ago"})
        server = ServerProcess("sleeper", tmp_path)
        server.start(_SLEEP)
        server.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "{", '{"pid": 1}', "[]"])
def test_a_pid_file_that_was_cut_off_stops_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "sleeper.pid").write_text(content)
    server = ServerProcess("sleeper", tmp_path)
    server.start(_SLEEP)
    server.stop()
    assert server.returncode == -signal.SIGTERM


def test_this_process_has_a_start_time_and_an_ended_one_has_none() -> None:
    assert start_time(os.getpid()) == start_time(os.getpid())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    _until(lambda: start_time(ended.pid) is None)  # a zombie by now
    ended.wait()


def test_a_program_that_is_not_there_is_an_error_in_the_log(tmp_path: Path) -> None:
    server = ServerProcess("nothing", tmp_path)
    try:
        server.start(["/no/such/program"])
    except ServerError:
        return
    _until(lambda: not server.running)
    assert "No such file" in server.log_tail()


def _write(home: Path, note: dict[str, object]) -> None:
    (home / "sleeper.pid").write_text(json.dumps(note))
