"""Make the virtual environment from the lock, with Python's standard library alone.

The first thing that every target of the Makefile runs, with the system's Python: everything
else may import what this installs. A second run sees from a stamp that nothing changed and ends
at once. ``python deploy/local/bootstrap.py --lock`` writes the lock anew (``make lock``).

This file keeps to a syntax that Python 3.8 reads, so that an old Python is told what is wrong
instead of failing on the syntax.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):  # noqa: UP036 - an old Python is to reach its error message
    import tomllib

ROOT = Path(__file__).resolve().parents[2]
OLDEST, TOO_NEW = (3, 11), (3, 14)
NEEDED_BYTES = 3 * 10**9  # the environment takes 1.2 GB, the jars and the servers' data the rest
FULL_BYTES = 2 * 10**8

LOCK, IMAGES_LOCK = "requirements.lock", "deploy/images/requirements.lock"

_MARK = "# dependencies of pyproject.toml: sha256:"


class BootstrapError(Exception):
    """The environment cannot be made; the message says why and what to do next."""


def main() -> int:
    """Make the environment, or write the lock; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the virtual environment from the lock.")
    parser.add_argument("--lock", action="store_true", help="write requirements.lock anew")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    try:
        check_python(sys.version_info[:2])
        if chosen.lock:
            write_lock(chosen.root)
        else:
            make_environment(chosen.root)
    except BootstrapError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"error: {_disk_is_full(chosen.root)}", file=sys.stderr)
        return 1
    return 0


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that the locked packages are not made for.

    Args:
        version: major and minor number.

    Raises:
        BootstrapError: it is too old or too new.
    """
    if not OLDEST <= version < TOO_NEW:
        found = ".".join(map(str, version))
        raise BootstrapError(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {found}. "
            "Install one of them, or name it: make PYTHON=/path/to/python3.12 …"
        )


def make_environment(root: Path) -> None:
    """Make ``.venv`` and install the locked packages and the project into it.

    Args:
        root: the project's folder.

    Raises:
        BootstrapError: the lock is stale, the disk is full, or an installation failed.
    """
    check_lock(root)
    venv = root / ".venv"
    stamp = venv / "enlace.stamp"
    wanted = _digest(root / "requirements.lock", root / "pyproject.toml")
    if stamp.exists() and stamp.read_text() == wanted and _python(venv).exists():
        return
    with _one_at_a_time(root):
        check_disk(root)
        _make_venv(venv)
        _say("Installing the packages of requirements.lock (the first time: a minute or two)")
        _install(root, venv)
        project = [".", "--no-deps", "--no-build-isolation"]
        _run(root, [_uv(venv), "pip", "install", *_quietly(), *_into(venv), "-e", *project])
        stamp.write_text(wanted)
        _say("The environment is ready.")


def check_lock(root: Path) -> None:
    """Refuse a lock that was not made from the dependencies that ``pyproject.toml`` names now.

    Args:
        root: the project's folder.

    Raises:
        BootstrapError: it is stale or missing.
    """
    lock = root / "requirements.lock"
    if not lock.exists():
        raise BootstrapError("requirements.lock is missing. Restore it, or write it: make lock")
    if _MARK + dependencies_digest(root / "pyproject.toml") not in lock.read_text().splitlines():
        raise BootstrapError(
            "requirements.lock is stale: the dependencies in pyproject.toml have changed since "
            "it was written. Write it anew and commit it: make lock"
        )


def check_disk(root: Path) -> None:
    """Refuse to start what a full disk would interrupt.

    Args:
        root: the project's folder.

    Raises:
        BootstrapError: less than 3 GB are free.
    """
    free = shutil.disk_usage(root).free
    if free < NEEDED_BYTES:
        raise BootstrapError(
            f"Only {free / 1e9:.1f} GB are free on the disk of {root}; "
            f"{NEEDED_BYTES / 1e9:.0f} GB are needed. Free some space and try again."
        )


def dependencies_digest(pyproject: Path) -> str:
    """Return the SHA-256 of what the lock is made from: all dependencies of a project file."""
    content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    project = content["project"]
    parts = (
        project["requires-python"],
        sorted(project.get("dependencies", [])),
        sorted(project.get("optional-dependencies", {}).items()),
        # A group's entry is a requirement or a table that includes another group.
        sorted((name, sorted(map(str, g))) for name, g in content["dependency-groups"].items()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def write_lock(root: Path) -> None:
    """Resolve the dependencies anew, keeping the locked versions that still fit.

    Args:
        root: the project's folder.

    Raises:
        BootstrapError: they cannot be resolved.
    """
    venv = root / ".venv"
    with _one_at_a_time(root):
        _make_venv(venv)
        _install_uv(root, venv)
        _compile(root, LOCK, "--group", "dev")
        # What an image holds: the product's own dependencies at the same versions, no tools.
        _compile(root, IMAGES_LOCK, "--constraint", LOCK)
    _say(f"{LOCK} and {IMAGES_LOCK} are written.")


def _compile(root: Path, lock: str, *which: str) -> None:
    out = ["pyproject.toml", "-o", lock, *which]
    how = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    _run(
        root,
        [_uv(root / ".venv"), "pip", "compile", "--quiet", *how, *out],
        env={"UV_CUSTOM_COMPILE_COMMAND": "make lock"},
    )
    file = root / lock
    kept = [line for line in file.read_text().splitlines() if not line.startswith(_MARK)]
    mark = _MARK + dependencies_digest(root / "pyproject.toml")
    file.write_text("\n".join([*kept[:2], mark, *kept[2:], ""]))


def _make_venv(venv: Path) -> None:
    """Make the environment, again when its Python is gone or of another minor version."""
    if _python(venv).exists():
        seen = subprocess.run(  # noqa: S603 - the environment's own Python
            [str(_python(venv)), "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        numbers = tuple(map(int, seen.stdout.split())) if seen.returncode == 0 else ()
        if OLDEST <= numbers < TOO_NEW:
            return
    _say(f"Making {venv.name} with Python {sys.version_info[0]}.{sys.version_info[1]}")
    _run(venv.parent, [sys.executable, "-m", "venv", "--clear", str(venv)])


def _install(root: Path, venv: Path) -> None:
    """Install exactly what the lock names, every file checked against its sum."""
    _install_uv(root, venv)
    lock = ["--require-hashes", "requirements.lock"]
    try:
        _run(root, [_uv(venv), "pip", "sync", *_quietly(), *_into(venv), *lock])
    except BootstrapError:
        # A mirror that only pip's own settings name, for instance.
        _say("uv could not install the packages; trying again with pip")
        _run(root, [*_pip(venv), "install", *_quietly(), "--require-hashes", "-r", lock[1]])


def _install_uv(root: Path, venv: Path) -> None:
    """Install the locked uv, which installs the rest ten times as fast as pip."""
    if Path(_uv(venv)).exists():
        return
    _run(root, [str(_python(venv)), "-m", "ensurepip", "--default-pip"], quiet=True)
    lock = (root / "requirements.lock").read_text()
    found = re.search(r"^uv==.*(?:\n +--hash.*)+", lock, re.MULTILINE)
    if found is None:
        raise BootstrapError("requirements.lock does not name uv. Restore it from the repository.")
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder, "uv.txt")
        alone.write_text(found.group(0))
        _run(root, [*_pip(venv), "install", "--quiet", "--require-hashes", "-r", str(alone)])


def _run(
    folder: Path, line: list[str], *, env: dict[str, str] | None = None, quiet: bool = False
) -> None:
    """Run a command; its failure is an error that names it, or the full disk behind it."""
    out = subprocess.DEVNULL if quiet else None
    done = subprocess.run(  # noqa: S603 - commands composed above
        line, cwd=folder, env={**os.environ, **(env or {})}, stdout=out, check=False
    )
    if done.returncode:
        if shutil.disk_usage(folder).free < FULL_BYTES:
            raise BootstrapError(_disk_is_full(folder))
        raise BootstrapError(
            f"This command failed (exit {done.returncode}), see above for why: {' '.join(line)}"
        )


def _disk_is_full(folder: Path) -> str:
    return (
        f"The disk of {folder} is full. Free {NEEDED_BYTES / 1e9:.0f} GB and run the same "
        "command again: it goes on where it stopped."
    )


@contextlib.contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Hold off a second run on the same folder, which would install into the same files."""
    (root / ".local").mkdir(exist_ok=True)
    with (root / ".local" / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(*files: Path) -> str:
    content = hashlib.sha256()
    for file in files:
        content.update(file.read_bytes())
    return content.hexdigest()


def _python(venv: Path) -> Path:
    return venv / "bin" / "python"


def _pip(venv: Path) -> list[str]:
    return [str(_python(venv)), "-m", "pip", "--disable-pip-version-check"]


def _uv(venv: Path) -> str:
    return str(venv / "bin" / "uv")


def _into(venv: Path) -> list[str]:
    return ["--python", str(_python(venv))]


def _quietly() -> list[str]:
    """Progress is for terminals; a log gets our own lines alone."""
    return [] if sys.stderr.isatty() else ["--quiet"]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
