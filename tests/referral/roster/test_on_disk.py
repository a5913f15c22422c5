"""Of a roster that is taken in nothing stays on any disk, however the process ends."""

import tempfile
from pathlib import Path

import pytest

from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.killing import left_by
from tests.referral.roster.district import PEOPLE
from tests.running import running
from tests.servers import Cell


@pytest.mark.parametrize("stuck", ["receiving", "writing"])
async def test_killed_in_the_midst_of_a_roster_nothing_of_it_is_left(
    cell: Cell, tmp_path: Path, stuck: str
) -> None:
    assert await left_by("tests.referral.roster.killed", stuck, cell, tmp_path) == []


async def test_what_a_killed_import_of_an_earlier_version_left_is_removed_at_the_start(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    for name in ("enlace-roster-a", "enlace-import-b", "else"):
        (disk / name).mkdir(parents=True)
        (disk / name / "roster.zip").write_bytes(b"Inconfundible")
    monkeypatch.setattr(tempfile, "tempdir", str(disk))

    async with running("referral", build, ReferralSettings, cell, tmp_path / "keys", PEOPLE):
        pass

    assert {each.name for each in disk.iterdir()} == {"else"}
