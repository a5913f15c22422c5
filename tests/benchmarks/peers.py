"""The peers' own virtual environment, made from their lock: none of it is Enlace's requirement."""

import asyncio
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import say

LOCK = Path(__file__).with_name("peers.lock")
_ROOT = Path(__file__).parents[2]
_FOLDER = _ROOT / "build" / "bench" / "peers"
_MAKE_SECONDS = 300


class NoPeerError(RuntimeError):
    """A peer cannot be had here; the message says why."""


def python() -> Path:
    """Return the Python of the peers' environment, making it when it is missing or outdated.

    Raises:
        NoPeerError: its packages cannot be had.
    """
    stamp = _FOLDER / "lock.sha256"
    found = _FOLDER / "bin" / "python"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if found.exists() and stamp.exists() and stamp.read_text() == wanted:
        return found
    say("  making the peers' environment")
    uv = str(Path(sys.executable).with_name("uv"))
    install = [uv, "pip", "install", "--quiet", "--python", str(found), "--require-hashes"]
    try:
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_FOLDER)],
            [*install, "-r", str(LOCK)],
        ):
            subprocess.run(  # noqa: S603 - our own uv and lock
                command, check=True, capture_output=True, text=True, timeout=_MAKE_SECONDS
            )
    except subprocess.CalledProcessError as error:
        lines = str(error.stderr).strip().splitlines()
        raise NoPeerError(f"uv could not install peers.lock: {lines[0][:200]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPeerError(f"uv could not install peers.lock: {type(error).__name__}") from error
    stamp.write_text(wanted)
    return found


async def run(script: str, **given: Any) -> dict[str, Any]:
    """Run a script of this folder in the peers' environment; return the JSON of its last line.

    Raises:
        NoPeerError: its packages cannot be had.
        RuntimeError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        await asyncio.to_thread(python),
        Path(__file__).with_name(script),
        json.dumps(given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(120):
            out, trouble = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"{script} failed: {trouble.decode()[-2000:]}")
    answer: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return answer
