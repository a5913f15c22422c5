"""What services are measured by, and the parts of a score."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.partner.model.matching.near import Ground
from services.partner.model.matching.weights import Weights

UNTOLD = 0.5
"""What nobody has told counts half: neither a gift nor a punishment."""

Value = tuple[float, float, str | None, object]
"""Weight, value, and the reason that tells it: none where nobody has told."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What scores are measured by.

    Attributes:
        stale_after: age from which a count of seats counts half.
        entry_old_after: age of the last word that an entry holds from which that is told.
    """

    now: datetime
    stale_after: timedelta
    weights: Weights
    ground: Ground
    entry_old_after: timedelta = timedelta(days=210)
