"""The generated files: what they should hold, what is not current, and writing them."""

import json
from pathlib import Path
from typing import Any

from contracts.generate.asyncapi import asyncapi
from contracts.generate.catalogue import published
from contracts.generate.pages import pages
from contracts.generate.schemas import open_schema

SCHEMAS = Path("contracts/schemas")
ASYNCAPI = Path("contracts/asyncapi.json")
PAGES = Path("docs/events")
BASELINES = Path("contracts/baseline")


def expected() -> dict[Path, str]:
    """Return the text of every generated file, by its path from the root."""
    made = {SCHEMAS / f"{kind.TYPE}.json": as_json(open_schema(kind)) for kind in published()}
    made[ASYNCAPI] = as_json(asyncapi())
    made |= {PAGES / name: text for name, text in pages().items()}
    return made


def as_json(value: Any) -> str:
    """Return JSON as it is committed."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def outdated(root: Path) -> dict[Path, str]:
    """Return the files that are not as the classes say, each with what is the matter."""
    wanted = expected()
    found: dict[Path, str] = {}
    for path, text in wanted.items():
        file = root / path
        if not file.is_file():
            found[path] = "is missing"
        elif file.read_text(encoding="utf-8") != text:
            found[path] = "is not current"
    for path in _present(root):
        if path not in wanted:
            found[path] = "belongs to no message any more"
    return dict(sorted(found.items()))


def write(root: Path) -> dict[Path, str]:
    """Bring every file up to date; returns the ones that were not, as `outdated`."""
    wanted, changed = expected(), outdated(root)
    for path in changed:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            (root / path).unlink()
    return changed


def _present(root: Path) -> list[Path]:
    files = [*(root / SCHEMAS).glob("*.json"), *(root / PAGES).glob("*.md")]
    return [file.relative_to(root) for file in files]
