"""Of a roster that is taken in nothing stays on any disk, however the process ends."""

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.roster.district import PEOPLE
from tests.running import running
from tests.servers import Cell

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("stuck", ["receiving", "writing"])
async def test_killed_in_the_midst_of_a_roster_nothing_of_it_is_left(
    cell: Cell, tmp_path: Path, stuck: str
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    places = dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(disk))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.referral.roster.killed"),
        cwd=ROOT,
        env={**os.environ, **places},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = {
            "cell": dataclasses.asdict(cell),
            "keys": str(tmp_path / "keys"),
            "stuck": stuck,
        }
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

    assert list(disk.rglob("*")) == []


async def test_what_a_killed_import_of_an_earlier_release_left_is_removed_at_the_start(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    left, young, other = (disk / name for name in ("enlace-roster-a", "enlace-roster-b", "else"))
    for folder in (left, young, other):
        folder.mkdir(parents=True)
        (folder / "roster.zip").write_bytes(b"Inconfundible")
    long_ago = time.time() - 2 * 24 * 60 * 60
    for folder in (left, other):
        os.utime(folder, (long_ago, long_ago))
    monkeypatch.setattr(tempfile, "tempdir", str(disk))

    async with running("referral", build, ReferralSettings, cell, tmp_path / "keys", PEOPLE):
        pass

    # A young one may be that of a process that still runs.
    assert {each.name for each in disk.iterdir()} == {"enlace-roster-b", "else"}
