"""What there is to publish: the classes, what their docstrings say, and the release."""

import inspect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from contracts.event import Event
from contracts.generate.vocabulary import MEANINGS
from contracts.registry import event_classes
from contracts.topic import TOPICS, Topic

ROOT = Path(__file__).parents[2]
"""The repository: this package is run from a checkout, never from an installed copy."""


def published() -> tuple[type[Event], ...]:
    """Return every class of `contracts`; what a test declares for itself is none of ours."""
    return tuple(kind for kind in event_classes() if kind.__module__.startswith("contracts."))


def by_topic() -> Iterator[tuple[Topic, list[type[Event]]]]:
    """Yield each topic with its classes, in the order they were written."""
    for topic in TOPICS:
        yield topic, [kind for kind in published() if kind.TOPIC is topic]


@cache
def release() -> str:
    """Return major and minor of the version in `pyproject.toml`, as `0.1`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    major, minor, *_ = project["version"].split(".")
    return f"{major}.{minor}"


@dataclass(frozen=True, slots=True)
class Told:
    """A docstring, taken apart: the text, and what its `Attributes:` section says of fields."""

    text: str
    fields: dict[str, str]

    @property
    def summary(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())


def told(kind: type) -> Told:
    """Read a class's own docstring."""
    text, _, section = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    fields: dict[str, str] = {}
    for entry in re.split(r"\n(?=    \w)", f"\n{section.rstrip()}"):
        name, colon, meaning = entry.strip().partition(":")
        if colon:
            fields[name] = " ".join(meaning.split())
    return Told(text.strip(), fields)


def meaning(kind: type[BaseModel], field: str) -> str:
    """Return what a field means.

    Raises:
        LookupError: nobody has said so; the text tells where to.
    """
    found = told(kind).fields.get(field) or MEANINGS.get(field)
    if found is None:
        raise LookupError(
            f"{kind.__name__}.{field} has no meaning. Say it in the Attributes section of the "
            "class, or in contracts/generate/vocabulary.py where it means the same everywhere."
        )
    return found[0].upper() + found[1:]
