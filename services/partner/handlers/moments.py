"""When decisions are made, and by which of the district's rules."""

from dataclasses import dataclass

from services.chassis.clock import Clock
from services.chassis.ids import new_id
from services.partner.model.seats import Moment
from services.partner.model.waitlist import Waitlists


@dataclass(frozen=True, slots=True)
class Moments:
    """What a decision's moment is made of.

    Attributes:
        waitlists: how they go where nobody has chosen otherwise.
    """

    clock: Clock
    waitlists: Waitlists

    def now(self) -> Moment:
        """Return the present one."""
        return Moment(self.clock.now(), new_id, self.waitlists)
