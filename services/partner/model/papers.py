"""The papers of an agreement: which are missing, and when people hear that one runs out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from contracts.agencies import PaperKind

REMINDED = (60, 30, 7)
"""Days before a paper's last one on which both sides are told."""


class Paper(BaseModel):
    """A paper that was seen. `until`: its last day; None where it has no end."""

    model_config = ConfigDict(frozen=True)

    kind: PaperKind
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """One telling that a paper runs out.

    Attributes:
        step: of `REMINDED`.
    """

    kind: PaperKind
    until: date
    step: int

    @property
    def key(self) -> str:
        """Names it, so that it is told once."""
        return f"{self.kind}:{self.until}:{self.step}"

    @property
    def on(self) -> date:
        """The day from which it is told."""
        return self.until - timedelta(days=self.step)


def lacking(
    required: Iterable[PaperKind], papers: Iterable[Paper], day: date
) -> tuple[PaperKind, ...]:
    """Return the required papers that are missing or have run out, on a day."""
    valid = {each.kind for each in papers if each.until is None or day <= each.until}
    return tuple(kind for kind in required if kind not in valid)


def reminders(papers: Iterable[Paper]) -> list[Reminder]:
    """Return all tellings of these papers, the earliest first."""
    found = [
        Reminder(paper.kind, paper.until, step)
        for paper in papers
        if paper.until is not None
        for step in REMINDED
    ]
    return sorted(found, key=lambda each: (each.on, each.kind))


def due(papers: Iterable[Paper], told: Iterable[str], day: date) -> list[Reminder]:
    """Return the tellings that are due on a day and not told: one a paper, the nearest step.

    Nobody is told of sixty days when thirty are left, nor of a paper that has run out already.
    """
    known = set(told)
    nearest: dict[tuple[PaperKind, date], Reminder] = {}
    for each in reminders(papers):
        if each.on <= day <= each.until:
            nearest[each.kind, each.until] = each
    return [each for each in nearest.values() if each.key not in known]
