"""What is told of each step: as a line for people, or collected for programs."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was seen.

    Attributes:
        name: stable, in kebab case.
        what: a sentence.
        seen: where: a topic and type, or an address of an API.
        seconds: since the step before.
    """

    name: str
    what: str
    seen: str
    seconds: float


@dataclass(slots=True)
class Story:
    """The steps so far, and what had to be supplied.

    Args:
        tell: is given each line for people.
    """

    tell: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    supplied: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def supply(self, what: str) -> None:
        """Tell what the system lacked and the demonstration made."""
        self.supplied.append(what)
        self.tell(f"  supplied: {what}")

    def begin(self) -> None:
        """Measure the first step from here."""
        self._last = time.monotonic()

    def step(self, name: str, what: str, seen: str) -> None:
        """Tell a step that has just been seen."""
        now = time.monotonic()
        seconds, self._last = now - self._last, now
        self.steps.append(Step(name, what, seen, round(seconds, 3)))
        self.tell(f"{len(self.steps):>2}. {seconds:5.2f} s  {what}  [{seen}]")

    def as_json(self) -> dict[str, Any]:
        """Return everything for programs."""
        return {
            "steps": [asdict(step) for step in self.steps],
            "supplied": self.supplied,
            **self.facts,
        }
