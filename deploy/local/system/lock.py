"""One `enlace up` at a time on one folder."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator

from deploy.local.servers.errors import AlreadyRunningError
from deploy.local.servers.process import start_time
from deploy.local.system.places import Home


@contextlib.contextmanager
def held(home: Home) -> Iterator[None]:
    """Hold the folder's lock; the system lets it go with the process, however that ends.

    Raises:
        AlreadyRunningError: another process holds it.
    """
    home.path.mkdir(parents=True, exist_ok=True)
    with home.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = holder(home)
            by = f" (process {pid})" if pid else ""
            raise AlreadyRunningError(
                f"The local system in {home.path} already runs{by}. Stop that one with Ctrl-C, or "
                "see where it is: enlace status"
            ) from None
        file.truncate(0)
        note = {"pid": os.getpid(), "started": start_time(os.getpid())}
        file.write(json.dumps(note))
        file.flush()
        yield


def holder(home: Home) -> int | None:
    """Return the id of the process that runs this folder's system; None where none does."""
    try:
        note = json.loads(home.lock.read_text())
        pid = int(note["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if start_time(pid) == note["started"] else None
