"""A referral and what happened to it, for given / when / then over days and weeks."""

from datetime import datetime, timedelta
from typing import Any

from contracts.codes import Outcome, Progress
from contracts.event import Event
from contracts.follow_ups import (
    FollowUpKind,
)
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import FollowUp
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS, referral

RULES = Rules()
TICK = commands.Tick()
OFFER = commands.Offer((SMILES, TOOTH_BUS), BANDS, NOW + timedelta(days=2))
CLAIM = commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=True)
STARTED = commands.Report("clm-1", Progress.STARTED)
COMPLETED = commands.Report("clm-1", Progress.COMPLETED, outcome=Outcome.NEED_MET)


class Story:
    """A referral with its history, moved on by commands and by time."""

    def __init__(self, *history: commands.Command, rules: Rules = RULES, **start: Any) -> None:
        self.rules = rules
        self.now = NOW
        self.state: Referral = referral(**start)
        self.told: list[Event] = []
        for each in history:
            self.run(each)

    def run(self, command: commands.Command) -> list[str]:
        happened = decide(self.state, command, self.now, self.rules)
        if happened:
            self.state = evolve_all(self.state, happened, self.now)
        self.told += happened
        return [type(event).__name__ for event in happened]

    def until(self, then: datetime) -> list[str]:
        """Let time pass at once, as after a stop, and sweep until all is at rest."""
        self.now = max(self.now, then)
        told: list[str] = []
        for _ in range(20):
            if self.state.next_due is None or self.state.next_due > self.now:
                return told
            told += self.run(TICK)
        raise AssertionError("the sweep finds no rest")

    def on(self, day: str, hour: int = 17) -> list[str]:
        """Let time pass until an hour (UTC) of a day."""
        return self.until(datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00"))

    def find(self, kind: FollowUpKind) -> list[FollowUp]:
        return [each for each in self.state.follow_ups if each.kind is kind]

    def dates(self) -> list[tuple[str, str]]:
        return [(each.kind.value, each.due_on.isoformat()) for each in self.state.follow_ups]


def accepted(**start: Any) -> Story:
    return Story(OFFER, CLAIM, **start)
