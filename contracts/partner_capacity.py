"""Topic `partner-capacity`: seats. Key: `service@site`. Owner: partner."""

from pydantic import AwareDatetime

from contracts.categories import TopicCategory
from contracts.codes import CapacityPeriod, CapacityStatus, CapacityUnit
from contracts.event import Event
from contracts.topic import PARTNER_CAPACITY


class PartnerCapacityChanged(
    Event, topic=PARTNER_CAPACITY, type="org.enlace.partner-capacity.changed.v1"
):
    """The full state after the change.

    Attributes:
        maximum: seats in all, in `unit`s.
        available: seats that nobody holds: `maximum - held - used`.
        held: seats held by claims that referral has not confirmed yet.
        as_of: when the agency last told its figure; a hold made since does not make it fresher.
        period: after which the seats begin anew; none: they come free as help ends.
        renews_at: when they do so next, a Monday's midnight local to the district.
        version: of this state; an agency's report names the version that it saw.
    """

    service: str
    agency: str
    site: str
    category: TopicCategory
    unit: CapacityUnit
    status: CapacityStatus
    maximum: int
    available: int
    held: int
    used: int
    waitlisted: int
    as_of: AwareDatetime
    version: int
    period: CapacityPeriod | None = None
    renews_at: AwareDatetime | None = None
