"""The system's libraries that a packaged program needs, where a bare system lacks them."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

from deploy.local import debian
from deploy.local.servers.errors import ServerError

PACKAGES = {"libcurl.so.4": "libcurl4"}
"""Debian's package for each library that was found missing on a bare system."""


@functools.cache
def ensure(program: Path) -> None:
    """See that a program's libraries are there; install Debian's where this may.

    Raises:
        ServerError: one is missing and cannot be installed here; the message says how to.
    """
    lacking = missing(program)
    known = [PACKAGES[each] for each in lacking if each in PACKAGES]
    if known:
        debian.install(*known, why=f"for {program.name}")
        lacking = missing(program)
    if lacking:
        packages = " ".join(PACKAGES.get(each, each) for each in lacking)
        raise ServerError(
            f"{program.name} needs {', '.join(lacking)}, which this system lacks. Install it and "
            f"start again: apt-get install {packages} (Debian, Ubuntu), or the package of that "
            "library on another system."
        )


def missing(program: Path) -> list[str]:
    """Return the names of the libraries that the loader misses; none where it cannot tell."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    told = subprocess.run(  # noqa: S603 - the system's own tool on a program of ours
        [ldd, str(program)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    return [line.split()[0] for line in told.stdout.splitlines() if line.endswith("not found")]
