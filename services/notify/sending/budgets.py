"""Counts a text against its school's budget of the month, in the transaction that sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from contracts.codes import Channel
from services.chassis.store import Aggregate, Found, Ref
from services.notify.model.budget import (
    ANSWERS,
    BudgetState,
    TextBudget,
    TextSpend,
    month_of,
    next_month,
    spend_id,
    state_of,
)
from services.notify.model.judge import Wait
from services.notify.model.message import Message

log = structlog.get_logger()

LOOK_AGAIN = timedelta(minutes=15)
"""How soon a text that the budget holds is looked at again: somebody may raise it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one text costs, and whose budget it is.

    Attributes:
        parts: as the carrier bills it; 0 of a mail.
        month: at the district's place.
        crisis: no budget holds what is about a child in danger.
    """

    message: Message
    parts: int
    month: str
    zone: str
    crisis: bool

    @classmethod
    def of(cls, message: Message, parts: int, now: datetime, zone: str, *, crisis: bool) -> "Cost":
        """Return what a message costs if it goes out now."""
        counted = parts if message.channel is Channel.SMS else 0
        return cls(message, counted, month_of(now, zone), zone, crisis)

    @property
    def refs(self) -> tuple[Ref[Any], ...]:
        """What stands in the way of it, or is changed by it."""
        site = self.message.site
        if not self.parts or site is None:
            return ()
        return (Ref(TextBudget, site), Ref(TextSpend, spend_id(site, self.month)))

    def held(self, found: Found, now: datetime) -> Wait | None:
        """Return until when it waits because the month's budget is spent; None where it may go."""
        budget, spent = self._standing(found)
        exempt = self.crisis or self.message.template in ANSWERS
        if exempt or state_of(budget, spent) is not BudgetState.STOPPED:
            return None
        return Wait("budget", min(next_month(now, self.zone), now + LOOK_AGAIN))

    def counted(self, found: Found) -> list[Aggregate]:
        """Return what the month has cost once it is sent; nothing where there is no budget.

        A text that was refused and is tried again is counted once.
        """
        budget, spent = self._standing(found)
        if budget is None or self.message.attempts:
            return []
        after = spent + self.parts
        if state_of(budget, after) is not state_of(budget, spent):
            log.warning(
                "budget.crossed",
                site=self.message.site,
                state=state_of(budget, after).value,
                parts=after,
                budget=budget,
                next="raise it: PUT /v1/text-budgets/{site}; crisis and answers go out",
            )
        known = found.get(self.refs[1]) or TextSpend(id=self.refs[1].id)
        return [known.having(parts=after)]

    def _standing(self, found: Found) -> tuple[int | None, int]:
        if not self.refs:
            return None, 0
        budget, spend = found.get(self.refs[0]), found.get(self.refs[1])
        return (budget.parts if budget else None), (spend.parts if spend else 0)
