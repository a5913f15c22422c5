"""Loopback ports: finding a free one, and naming who holds one that is not."""

import contextlib
import errno
import random
import socket
import time
from pathlib import Path

from deploy.local.servers.errors import PortInUseError

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel takes the local ports of outgoing connections (32768 and
# up on Linux): otherwise a client that reconnects while a server restarts can take its port.
_FIRST, _LAST = 20_000, 29_999


def is_free(port: int) -> bool:
    """Whether a server could listen on a loopback port now."""
    with socket.socket() as probe:
        # Connections of a stopped server linger in TIME_WAIT; servers listen in spite of them.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
        return True


def free_port() -> int:
    """Return a loopback port on which nobody listens.

    Raises:
        PortInUseError: a hundred tries found none.
    """
    # Seeded by the system: two runs that start together must not try the same ports in turn.
    chance = random.SystemRandom()
    for _ in range(100):
        port = chance.randint(_FIRST, _LAST)
        if is_free(port):
            return port
    raise PortInUseError(
        f"No free port found between {_FIRST} and {_LAST}. Stop servers that are not needed."
    )


def require_free(port: int, wanted_by: str) -> None:
    """Refuse a port that somebody listens on.

    Args:
        port: TCP port on the loopback address.
        wanted_by: the server that wants it, for the message.

    Raises:
        PortInUseError: names the port and, where the system tells, the process that holds it.
    """
    if is_free(port):
        return
    owner = owner_of(port)
    by = f" by {owner}" if owner else " by another process"
    raise PortInUseError(
        f"{wanted_by} cannot listen on port {port}: it is in use{by}. "
        "Stop that process or choose another port."
    )


def owner_of(port: int) -> str | None:
    """Name the process that listens on a TCP port, as ``name (process 123)``.

    Returns None where the system does not tell: not Linux, or a process of another user.
    """
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for folder in Path("/proc").glob("[0-9]*"):
        if _open_files(folder) & inodes:
            with contextlib.suppress(OSError):  # it ended meanwhile
                return f"{(folder / 'comm').read_text().strip()} (process {folder.name})"
    return None


def _open_files(process: Path) -> set[str]:
    """Return what a process of ``/proc`` has open, as far as this one may see it."""
    found = set()
    with contextlib.suppress(OSError):  # it ended, or is not ours to look at
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                found.add(str(link.readlink()))
    return found


def _listening_inodes(port: int) -> set[str]:
    """Return ``socket:[inode]`` of the sockets that listen on a port, on any address."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            local, state, inode = fields[1], fields[3], fields[9]
            listening = "0A"
            if state == listening and int(local.rsplit(":", 1)[1], 16) == port:
                found.add(f"socket:[{inode}]")
    return found


def wait_until_listening(port: int, deadline: float) -> bool:
    """Wait until something accepts connections on a loopback port.

    Args:
        port: TCP port.
        deadline: when to give up, on ``time.monotonic()``'s clock (seconds).
    """
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=1):
                return True
        except OSError:
            time.sleep(0.05)
    return False
