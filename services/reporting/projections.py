"""The read models that reporting keeps: names, versions, topics; what they compute is in `model`.

A change of what one computes is a new version: it is built beside the old one, from offset 0.
"""

from contracts.cloudevents import Envelope
from contracts.event import Event
from contracts.topic import (
    FOLLOW_UPS,
    OFFERINGS,
    PARTNER_CAPACITY,
    REFERRAL_MARKS,
    REFERRALS,
)
from services.chassis.aggregate import plain
from services.chassis.consumer.projection import Opener, Projection
from services.chassis.database import Document
from services.reporting.model import facts, seats

FACTS = "referral-facts"
SEATS = "seats"


def projections(zone: str, opener: Opener | None = None) -> dict[str, Projection]:
    """Return the read models by name.

    Args:
        zone: where the district's months begin (IANA).
        opener: opens the marks by which referrals are counted; without one they are *unknown*.
    """

    def evolve_facts(document: Document | None, event: Event, envelope: Envelope) -> Document:
        changed: Document = plain(facts.evolve(document, event, envelope, zone))
        return changed

    def evolve_seats(
        document: Document | None, event: Event, envelope: Envelope
    ) -> Document | None:
        changed: Document | None = plain(seats.evolve(document, event, envelope))
        return changed

    both = (
        Projection(
            name=FACTS,
            version=1,
            topics=(REFERRALS.name, FOLLOW_UPS.name, OFFERINGS.name, REFERRAL_MARKS.name),
            document_id=lambda event, _: event.key,
            evolve=evolve_facts,
            contributions=facts.contributions,
            opener=opener,
            indexes=(("referral.site", "referral.created_at"),),
        ),
        Projection(
            name=SEATS,
            version=1,
            topics=(PARTNER_CAPACITY.name,),
            document_id=lambda event, _: event.key,
            evolve=evolve_seats,
            contributions=seats.contributions,
            indexes=(("site", "category"),),
        ),
    )
    return {each.name: each for each in both}
