"""What a running system tells the other commands, in a file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.local.servers.errors import ServerError
from deploy.local.servers.process import start_time
from deploy.local.system import lock
from deploy.local.system.places import CELL, Home, Ports, url


class NotRunningError(ServerError):
    """No local system runs on this folder."""


class Part(BaseModel):
    """One process of the system.

    Attributes:
        started: the process's start time in the operating system's own notation.
        log: its log file.
    """

    model_config = ConfigDict(frozen=True)

    pid: int
    started: str | None
    port: int
    log: Path

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return self.started is not None and start_time(self.pid) == self.started


class State(BaseModel):
    """A running system.

    Attributes:
        version: of the code that runs.
        phase: what it does just now: starting, running, stopping.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    phase: str
    pid: int
    base: int
    kafka: str
    parts: dict[str, Part]

    @property
    def ports(self) -> Ports:
        """Where its parts listen."""
        return Ports(self.base)

    def url(self, part: str) -> str:
        """Return a part's address."""
        return url(self.ports.by_name()[part])

    def topic(self, name: str) -> str:
        """Return a topic's full name."""
        return f"{CELL}.{name}"


def write(home: Home, state: State) -> None:
    """Write the file in one step."""
    fresh = home.state.with_suffix(".new")
    fresh.write_text(state.model_dump_json(indent=2))
    fresh.replace(home.state)


def read(home: Home) -> State:
    """Return the running system.

    Raises:
        NotRunningError: none runs on this folder; the text says how to start one.
    """
    try:
        state = State.model_validate_json(home.state.read_bytes())
    except (FileNotFoundError, ValidationError):
        state = None
    if state is None or lock.holder(home) != state.pid:
        raise NotRunningError(f"No local system runs in {home.path}. Start it: enlace up")
    return state
