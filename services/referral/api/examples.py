"""The examples that the API's document shows, from the files beside this one."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.chassis.http.openapi import Examples
from services.chassis.http.refusals import problem_of

_HERE = Path(__file__).parent


def examples() -> Examples:
    """Return what each address takes, answers and refuses, by method and path."""
    asked, shown, kept = map(_read, ("examples.yaml", "example_views.yaml", "example_records.yaml"))
    return Examples(
        requests=asked["requests"],
        answers=asked["answers"] | shown["answers"],
        views=shown["views"] | kept["views"],
        refusals={what: problem_of(**told) for what, told in refusals().items()},
    )


def refusals() -> Mapping[str, Mapping[str, str]]:
    """Return the rule that each address is refused by most: its slug, and its words."""
    found: Mapping[str, Mapping[str, str]] = _read("example_refusals.yaml")
    return found


@cache
def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _as_json(yaml.safe_load((_HERE / name).read_text(encoding="utf-8")))
    return found


def _as_json(value: Any) -> Any:
    """Return a value as JSON has it: YAML reads days and times as such."""
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
