"""What one offer to an agency came to, as every number about the agency counts it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of an offer.

    `silent`: it ran out without an answer; `away`: another agency took the child first, or the
    school took the offer back, before the agency said yes or no.
    """

    OPEN = "open"
    WAITS = "waits"
    YES = "yes"
    NO = "no"
    SILENT = "silent"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Handled:
    """One offer.

    Attributes:
        replied_at: when the agency first answered, whatever it said; None: it has not.
        yes_at: when it took the child.
        began_at: when the help began.
    """

    service: str
    site: str
    fate: Fate
    asked_at: datetime
    replied_at: datetime | None = None
    yes_at: datetime | None = None
    began_at: datetime | None = None
