"""Builders of packages of tables, and the way to the published samples where they are present."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

_SAMPLES = Path(__file__).parents[1].parent / "shared" / "data"


def sample(name: str) -> Path:
    """The folder of a published sample; skips the test where the samples are not present."""
    folder = _SAMPLES / name
    if not folder.is_dir():
        pytest.skip(f"the published sample {name} is not beside this repository")
    return folder


def folder(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files into a folder and returns it."""
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (path / name).write_bytes(data)
    return path


def archive(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files, by their names inside it, into a zip archive and returns it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path
