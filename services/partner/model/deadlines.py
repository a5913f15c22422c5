"""What of an agreement runs out next: itself, its papers, its milestones. Pure.

The school sees them from sixty days before, as long as nobody has done anything about them: the
agency is told of the same days by message.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from contracts.agencies import PaperKind
from services.partner.model.agreement import LIVE, Agreement
from services.partner.model.papers import REMINDED


class DeadlineKind(StrEnum):
    """What runs out."""

    PAPER = "paper"
    MILESTONE = "milestone"


class Deadline(BaseModel):
    """Something that runs out, or has.

    Attributes:
        kind: a paper, the agreement itself among them, or a milestone.
        name: the paper's kind, or what the milestone is called.
        on: its last day, local to the agreement.
        left: days until then; below zero where it is over.
        step: of 60, 30 and 7, the last one that it has passed; 0 where it is over.
    """

    model_config = ConfigDict(frozen=True)

    kind: DeadlineKind
    name: str
    on: date
    left: int
    step: int

    @property
    def is_its_end(self) -> bool:
        """Whether it is the agreement itself that runs out."""
        return self.kind is DeadlineKind.PAPER and self.name == PaperKind.AGREEMENT.value


def deadlines(agreement: Agreement, today: date) -> tuple[Deadline, ...]:
    """Return what runs out within sixty days, or has run out, of a live agreement; soonest first.

    What nobody needs is left out: a paper that is not required, a milestone that was reached.
    """
    if agreement.status_on(today) not in LIVE:
        return ()
    found = (_near(kind, name, on, today) for kind, name, on in _ends(agreement))
    return tuple(sorted((each for each in found if each is not None), key=_soonest))


def _ends(agreement: Agreement) -> Iterator[tuple[DeadlineKind, str, date]]:
    for paper in agreement.dated:
        if paper.until is not None:
            yield DeadlineKind.PAPER, paper.kind.value, paper.until
    done = {each.milestone for each in agreement.reached}
    for milestone in agreement.milestones:
        if milestone.name not in done:
            yield DeadlineKind.MILESTONE, milestone.name, milestone.by


def _near(kind: DeadlineKind, name: str, on: date, today: date) -> Deadline | None:
    left = (on - today).days
    if left > max(REMINDED):
        return None
    step = 0 if left < 0 else min(each for each in REMINDED if left <= each)
    return Deadline(kind=kind, name=name, on=on, left=left, step=step)


def _soonest(each: Deadline) -> tuple[date, str, str]:
    return each.on, each.kind, each.name
