"""What a bare system lacks is named, or installed where that may be."""

import shutil
import stat
from pathlib import Path

import pytest

from deploy.local import debian
from deploy.local.servers import libraries
from deploy.local.servers.errors import ServerError


def program(folder: Path, *lacking: str) -> Path:
    """Write a program, and an `ldd` that finds these libraries missing."""
    made = folder / "mongod"
    made.touch()
    ldd = folder / "ldd"
    lines = "".join(f"echo '\t{each} => not found'\n" for each in lacking)
    ldd.write_text(f"#!/bin/sh\necho '\tlibc.so.6 => /lib/libc.so.6 (0x1)'\n{lines}")
    ldd.chmod(stat.S_IRWXU)
    return made


@pytest.fixture(autouse=True)
def own_tools_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(debian, "install", lambda *_, **__: None)


def test_a_program_that_finds_all_is_left_alone(tmp_path: Path) -> None:
    libraries.ensure(program(tmp_path))


def test_what_cannot_be_installed_is_named_with_its_package(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"libcurl.so.4, which.*apt-get install libcurl4 "):
        libraries.ensure(program(tmp_path, "libcurl.so.4"))


def test_what_can_be_is_and_nothing_more_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def install(*packages: str, why: str) -> None:
        asked.extend([*packages, why])
        program(tmp_path)

    monkeypatch.setattr(debian, "install", install)
    libraries.ensure(program(tmp_path, "libcurl.so.4"))
    assert asked == ["libcurl4", "for mongod"]


def test_a_system_without_the_tool_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    libraries.ensure(program(tmp_path, "libcurl.so.4"))
