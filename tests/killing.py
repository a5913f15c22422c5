"""Kills a service in the midst of what it takes in, to see what stays on the disk."""

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
from pathlib import Path

import pytest

from tests.servers import Cell

ROOT = Path(__file__).parents[1]


async def left_by(module: str, stuck: str, cell: Cell, home: Path) -> list[Path]:
    """Return what is on the disk of a process that was killed where it was stuck.

    Args:
        module: run with `-m`. It is told on its standard input where the servers and keys are and
            where to get stuck, and says `here` once it is.
        stuck: where.
        cell: of the servers.
        home: a folder for its disk and keys.
    """
    disk = home / "disk"
    disk.mkdir()
    places = dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(disk))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=ROOT,
        env={**os.environ, **places},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = {"cell": dataclasses.asdict(cell), "keys": str(home / "keys"), "stuck": stuck}
        process.stdin.write(json.dumps(told).encode() + b"\n")
        async with asyncio.timeout(120):
            async for line in process.stdout:
                if line.strip() == b"here":
                    break
            else:
                pytest.fail("it ended before it was killed")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return list(disk.rglob("*"))
