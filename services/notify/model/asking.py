"""How many requests for help one number may make in a day, and which are taken whatever it made.

A phone in a pocket, a child at play or somebody's program would otherwise fill a coordinator's list
with rows of one number, and those of the others would be found too late.
"""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import ClassVar

from services.chassis.aggregate import Aggregate
from services.chassis.texted import bare

DAY = timedelta(hours=24)

_CRISIS = (
    "suicid",
    "matar",
    "matarme",
    "morir",
    "kill",
    "die",
    "dying",
    "hurt",
    "hit",
    "hits",
    "beat",
    "beats",
    "lastim",
    "golpe",
    "pega",
    "pego",
    "viol",
    "rape",
    "abus",
    "threat",
    "amenaz",
    "weapon",
    "gun",
    "arma",
    "pistola",
    "danger",
    "peligr",
    "emergenc",
    "urgen",
    "crisis",
    "bleed",
    "sangr",
    "overdose",
    "sobredosis",
    "afraid",
    "scared",
    "miedo",
    "missing",
    "desaparec",
    "911",
    "988",
)
"""Beginnings of words, bare. One too many costs a row; one too few could cost a child."""


class Taken(Enum):
    """What became of a text that asks for help."""

    YES = auto()
    TOO_MANY = auto()
    TOO_MANY_AND_TOLD = auto()


class AskingTally(Aggregate):
    """When a number asked; the id is its keyed hash.

    Attributes:
        asked: moments of the requests that were taken in the last day.
        told: when it was last said that there were too many: once a day, or two programs that
            answer each other would never end.
        forget_at: by the machine's own clock, when nothing in it counts any more: the database then
            removes it.
    """

    COLLECTION: ClassVar[str] = "asking_tallies"

    asked: tuple[datetime, ...] = ()
    told: datetime | None = None
    forget_at: datetime

    def after(
        self, now: datetime, *, a_day: int, crisis: bool, forget_at: datetime
    ) -> tuple["AskingTally", Taken]:
        """Return the tally after one more text, and what becomes of the text.

        Args:
            now: the present moment.
            a_day: requests that are taken in 24 hours.
            crisis: its words may tell of danger: it is taken, and counts.
            forget_at: see there.
        """
        lately = tuple(each for each in self.asked if each > now - DAY)
        if crisis or len(lately) < a_day:
            return self.having(asked=(*lately, now), forget_at=forget_at), Taken.YES
        if self.told is not None and self.told > now - DAY:
            return self.having(asked=lately, forget_at=forget_at), Taken.TOO_MANY_AND_TOLD
        return self.having(asked=lately, told=now, forget_at=forget_at), Taken.TOO_MANY


def tells_of_crisis(text: str) -> bool:
    """Tell whether words may speak of danger; a coordinator reads them whatever came before."""
    return any(word.startswith(_CRISIS) for word in bare(text).split())
