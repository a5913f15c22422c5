"""Debian's packages, installed where this is root of a system that has them."""

import os
import shutil
import subprocess
import sys


def install(*packages: str, why: str) -> None:
    """Install packages; does nothing where that is not possible, and says what apt said.

    Args:
        packages: names from the code, never from outside.
        why: what for, in a few words.
    """
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    print(f"Installing {' '.join(packages)} {why}", file=sys.stderr, flush=True)
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(  # noqa: S603 - the system's own installer, names from the code
            [apt, "--quiet", *arguments],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout[-2000:], file=sys.stderr)
            return
