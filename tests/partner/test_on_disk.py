"""Of a directory that is taken in nothing stays on any disk, however the process ends."""

import tempfile
from pathlib import Path

import pytest

from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.killing import left_by
from tests.partner.district import PEOPLE
from tests.running import running
from tests.servers import Cell


@pytest.mark.parametrize("stuck", ["receiving", "reading"])
async def test_killed_in_the_midst_of_a_directory_nothing_of_it_is_left(
    cell: Cell, tmp_path: Path, stuck: str
) -> None:
    assert await left_by("tests.partner.killed", stuck, cell, tmp_path) == []


async def test_what_a_killed_import_of_an_earlier_version_left_is_removed_at_the_start(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, other = (tmp_path / "disk" / name for name in ("enlace-import-a", "else"))
    for folder in (left, other):
        folder.mkdir(parents=True)
        (folder / "directory.zip").write_bytes(b"Marked Person")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "disk"))

    async with running("partner", build, PartnerSettings, cell, tmp_path / "keys", PEOPLE):
        pass

    assert list((tmp_path / "disk").iterdir()) == [other]
