"""Brings back what dies while the system runs, and tells why it died."""

import time
from dataclasses import dataclass
from threading import Event

from deploy.local.servers.errors import ServerError
from deploy.local.servers.infra import Server
from deploy.local.system import logs
from deploy.local.system.disk import told
from deploy.local.system.running import Say, System

_FIRST_PAUSE = 1.0  # seconds before the first restart
_LONGEST_PAUSE = 30.0
_STEADY = 60.0  # seconds of life after which a part counts as well again


@dataclass(slots=True)
class _Patient:
    pause: float = _FIRST_PAUSE
    restart_at: float | None = None
    started_at: float = 0.0


def watch(system: System, ended: Event, say: Say) -> None:
    """Restart, with growing pauses, every part that dies; return when `ended` is set."""
    patients = {name: _Patient(started_at=time.monotonic()) for name in system.servers}
    while not ended.wait(0.5):
        for name, server in system.servers.items():
            _look_at(system, name, server, patients[name], say)


def _look_at(system: System, name: str, server: Server, patient: _Patient, say: Say) -> None:
    if server.running:
        return
    moment = time.monotonic()
    if patient.restart_at is None:
        if moment - patient.started_at > _STEADY:
            patient.pause = _FIRST_PAUSE
        code = getattr(server, "returncode", None)
        say(f"{name} has ended (exit {code}); it is started again in {patient.pause:g} s.")
        log = system.home.part(name) / f"{name}.log"
        for line in logs.that_matter(log):
            say(f"  {line}")
        say(f"  The whole log: {log}")
        patient.restart_at = moment + patient.pause
        patient.pause = min(patient.pause * 2, _LONGEST_PAUSE)
        return
    if moment < patient.restart_at:
        return
    patient.restart_at = None
    patient.started_at = time.monotonic()
    try:
        server.start()
        system.write_state()
    except ServerError as error:
        say(f"{name} did not start: {str(error).splitlines()[0]}")
        return
    except OSError as error:
        # A full disk is no reason to stop the others.
        say(f"{name} did not start: {told(error, system.home.path)}")
        return
    say(f"{name} runs again.")
