"""The Chromium of the browser tests: the system's, installed where this may install it.

``python -m deploy.local.browser`` prints where it is, or says plainly that the browser tests are
not run. It never fails: everything else can be tested without a browser.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find() -> Path | None:
    """Return the browser's program: ``ENLACE_CHROMIUM``, otherwise the first on the PATH."""
    if chosen := os.environ.get("ENLACE_CHROMIUM"):
        return Path(chosen)
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


def install() -> None:
    """Install Debian's package, where this is root of a system that has it."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    print("Installing chromium for the browser tests", file=sys.stderr, flush=True)
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(  # noqa: S603 - the system's own installer, fixed arguments
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


def main() -> None:
    """Find the browser, installing it where that is possible, and say what was found."""
    if find() is None:
        install()
    if (found := find()) is None:
        print(
            "Browser tests are NOT RUN: there is no Chromium here. Install one, or name it: "
            "ENLACE_CHROMIUM=/path/to/chromium",
            file=sys.stderr,
        )
    else:
        print(found)


if __name__ == "__main__":
    main()
