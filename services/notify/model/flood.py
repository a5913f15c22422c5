"""How many texts of one number are acted upon in a minute. Pure.

Two machines that answer each other, or a phone in a pocket, would otherwise go on for ever and
fill a coordinator's list. Nothing is lost by it: each text is kept, STOP is STOP, and words of
danger are passed on.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from services.chassis.aggregate import Aggregate

A_MINUTE = 10
"""Texts of one number that are acted upon within a minute."""

_MINUTE = timedelta(minutes=1)
_ALARM_EVERY = timedelta(minutes=10)
_DAY = timedelta(days=1)


class TextTally(Aggregate):
    """When a number texted; the id is its keyed hash.

    Attributes:
        lately: moments of the texts of the last minute.
        alarmed: when words of danger were last passed on.
        introduced: when a number that is nobody's was last told how to ask for help.
        forget_at: by the machine's own clock; the database then removes it.
    """

    COLLECTION: ClassVar[str] = "text_tallies"

    lately: tuple[datetime, ...] = ()
    alarmed: datetime | None = None
    introduced: datetime | None = None
    forget_at: datetime

    @property
    def flooded(self) -> bool:
        """Whether more came within a minute than is acted upon."""
        return len(self.lately) > A_MINUTE

    def counting(self, now: datetime, forget_at: datetime) -> "TextTally":
        """Return the tally with one more text; no longer than what tells a flood."""
        lately = tuple(each for each in self.lately if timedelta() <= now - each < _MINUTE)
        return self.having(lately=(*lately[-A_MINUTE:], now), forget_at=forget_at)

    def may_alarm(self, now: datetime) -> bool:
        """Tell whether words of danger are passed on; in a flood not each of them."""
        return not self.flooded or self.alarmed is None or now - self.alarmed >= _ALARM_EVERY

    def may_introduce(self, now: datetime) -> bool:
        """Tell whether somebody whom nobody knows is told how to ask, once a day."""
        return self.introduced is None or now - self.introduced >= _DAY
