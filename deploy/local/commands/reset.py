"""`enlace reset`: throw the local system's data away."""

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.commands.common import DEFAULT, CommandError, HomeOption, err, out
from deploy.local.servers.process import ServerProcess, start_time
from deploy.local.system import lock
from deploy.local.system.places import Home

_PATIENCE = 60.0  # seconds for a running system to stop in order


def reset(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = DEFAULT,
) -> None:
    """Stop the local system and throw its data away: people, referrals, texts, mail, keys."""
    place = Home(home.resolve())
    there = [path for path in place.data() if path.exists()]
    pid = lock.holder(place)
    if not there and pid is None:
        out.print(f"There is nothing in {place.path} to throw away.")
        return
    if not yes:
        also = " It runs; it is stopped first." if pid else ""
        typer.confirm(f"Throw all data in {place.path} away?{also}", abort=True)
    if pid is not None:
        _stop(pid)
    with lock.held(place):
        for folder in sorted(place.parts.glob("*")) if place.parts.exists() else ():
            ServerProcess(folder.name, folder).stop_leftover()
        for path in there:
            _remove(path)
    out.print(f"The data in {place.path} is gone. Start afresh: enlace up")


def _stop(pid: int) -> None:
    """Stop the process that runs the system, and with it all others.

    Raises:
        CommandError: it does not end.
    """
    started = start_time(pid)
    err.print(f"Stopping the running system (process {pid})")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while start_time(pid) == started:
        if time.monotonic() > deadline:
            raise CommandError(f"Process {pid} does not end. Nothing was thrown away: stop it.")
        time.sleep(0.1)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
