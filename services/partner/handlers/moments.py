"""When decisions are made, and by which of the district's rules."""

from dataclasses import dataclass

from services.chassis.clock import Clock
from services.chassis.ids import random_id
from services.partner.model.seats import Moment
from services.partner.model.waitlist import Waitlists


@dataclass(frozen=True, slots=True)
class Moments:
    """What a decision's moment is made of.

    Attributes:
        waitlists: how they go where nobody has chosen otherwise.
        zone: the district's.
    """

    clock: Clock
    waitlists: Waitlists
    zone: str = "America/Los_Angeles"

    def now(self) -> Moment:
        """Return the present one."""
        # Random ids: those of offers that went out together would begin alike otherwise, and tell
        # two agencies that it was one child.
        return Moment(self.clock.now(), random_id, self.waitlists, self.zone)
