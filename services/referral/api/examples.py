"""The examples that the API's document shows, from the file beside this one."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from services.chassis.http.openapi import Examples

_FILE = Path(__file__).with_name("examples.yaml")


def examples() -> Examples:
    """Return what each address takes and answers, by method and path."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Examples(requests=_as_json(read["requests"]), answers=_as_json(read["answers"]))


def _as_json(value: Any) -> Any:
    """Return a value as JSON has it: YAML reads days and times as such."""
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
