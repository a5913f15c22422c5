"""What notify reports of one message about a referral, as far as the queue needs it."""

from typing import ClassVar

from contracts.codes import Template
from contracts.follow_ups import FollowUpCause, FollowUpKind
from services.chassis.aggregate import Aggregate
from services.referral.model.telling import AGENCY_TEMPLATES


class ToldMessage(Aggregate):
    """One message; its id is notify's.

    Attributes:
        trouble: why somebody must be called instead; None while all is well.
    """

    COLLECTION: ClassVar[str] = "told_messages"

    referral: str
    template: Template
    trouble: FollowUpCause | None = None

    @property
    def call(self) -> FollowUpKind:
        """Whom to call where it did not arrive."""
        to_agency = self.template in AGENCY_TEMPLATES
        return FollowUpKind.CALL_AGENCY if to_agency else FollowUpKind.CALL_FAMILY
