"""The first thing a clone runs: clear words for an old Python, a stale lock and a full disk."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.local import bootstrap
from deploy.local.bootstrap import BootstrapError

_ROOT = Path(__file__).parents[2]
_PROGRAM = _ROOT / "deploy" / "local" / "bootstrap.py"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the check of the lock looks at."""
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(_ROOT / name, tmp_path)
    return tmp_path


def _change(clone: Path, old: str, new: str) -> None:
    path = clone / "pyproject.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_committed_lock_is_fresh() -> None:
    bootstrap.check_lock(_ROOT)


def test_a_new_dependency_makes_the_lock_stale(clone: Path) -> None:
    _change(clone, '"typer>=', '"cowsay>=6",\n  "typer>=')
    with pytest.raises(BootstrapError, match=r"stale.*make lock"):
        bootstrap.check_lock(clone)


def test_a_new_bound_of_a_group_makes_the_lock_stale(clone: Path) -> None:
    _change(clone, '"pytest>=9.2"', '"pytest>=9.3"')
    with pytest.raises(BootstrapError, match=r"stale.*make lock"):
        bootstrap.check_lock(clone)


def test_settings_of_tools_do_not_touch_the_lock(clone: Path) -> None:
    _change(clone, "line-length = 100", "line-length = 99")
    bootstrap.check_lock(clone)


def test_a_missing_lock_names_the_command(clone: Path) -> None:
    (clone / "requirements.lock").unlink()
    with pytest.raises(BootstrapError, match=r"missing.*make lock"):
        bootstrap.check_lock(clone)


def test_a_stale_lock_ends_the_command_before_anything_is_made(clone: Path) -> None:
    _change(clone, '"typer>=', '"cowsay>=6",\n  "typer>=')
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, str(_PROGRAM), "--root", str(clone)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: requirements.lock is stale")
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_an_unfit_python_is_named(version: tuple[int, int]) -> None:
    with pytest.raises(BootstrapError, match=rf"3\.11, 3\.12 or 3\.13.*this is 3\.{version[1]}"):
        bootstrap.check_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_a_fit_python_passes(version: tuple[int, int]) -> None:
    bootstrap.check_python(version)


def test_too_little_disk_is_said_before_anything_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(total=10**12, used=10**12 - 10**9, free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(BootstrapError, match=r"Only 1\.0 GB are free.*3 GB are needed"):
        bootstrap.check_disk(tmp_path)


def test_the_lock_names_no_address() -> None:
    assert "://" not in (_ROOT / "requirements.lock").read_text()
    web = _ROOT / "deploy" / "local" / "web" / "package-lock.json"
    assert "://" not in web.read_text()
