"""The Chromium of the browser tests: the system's, installed where this may install it.

``python -m deploy.local.browser`` prints where it is, or says plainly that the browser tests are
not run. It never fails: everything else can be tested without a browser.
"""

import os
import shutil
import sys
from pathlib import Path

from deploy.local import debian

_SHELL = "chromium-headless-shell"
"""The same engine without the browser's own windows, which take most of its time in a test."""

_NAMES = (_SHELL, "chromium", "chromium-browser", "google-chrome", "chrome")


def find() -> Path | None:
    """Return the browser's program: ``ENLACE_CHROMIUM``, otherwise the first on the PATH."""
    if chosen := os.environ.get("ENLACE_CHROMIUM"):
        return Path(chosen)
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


def main() -> None:
    """Find the browser, installing it where that is possible, and say what was found."""
    if not os.environ.get("ENLACE_CHROMIUM") and shutil.which(_SHELL) is None:
        debian.install(_SHELL, why="for the browser tests")
    if find() is None:
        debian.install("chromium", why="for the browser tests")
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
