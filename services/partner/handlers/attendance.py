"""Agencies that return attendance codes alone: theirs is a need that the district restricts.

What happens in counselling or in treatment is nobody's outside it: that a child came, came not, or
could not be reached is all that a school is told.
"""

from contracts.codes import DeclineReason
from services.chassis.needs import Needs
from services.chassis.store import Store
from services.partner.model import answers, progress
from services.partner.model.batch import Batch
from services.partner.model.offering import Offer, Offering
from services.partner.model.progress import Report
from services.partner.model.service import Service
from services.partner.store import by_id


async def codes_alone(store: Store, offering: Offering, offer: Offer, needs: Needs) -> bool:
    """Tell whether an offer is answered in attendance codes alone.

    So it is where the need itself is restricted, or what the service is for.
    """
    service = await store.get(Service, offer.service)
    return needs.restricted(offering.category) or (
        service is not None and needs.restricted(service.category)
    )


async def in_codes(
    store: Store, offering: Offering, offer: Offer, said: Report, needs: Needs
) -> Report:
    """Return a report as it may be kept.

    Raises:
        EnlaceError: it tells of the help itself, which this agency never does (`attendance-only`).
    """
    alone = await codes_alone(store, offering, offer, needs)
    return progress.in_codes(said) if alone else said


async def need_coded(
    store: Store, found: tuple[Offering, Offer], reason: DeclineReason, words: str, needs: Needs
) -> None:
    """Let an agency that returns codes alone say no by a code, and in no words.

    Raises:
        EnlaceError: there are words, or the reason asks for them (`attendance-only`).
    """
    if await codes_alone(store, *found, needs):
        answers.need_coded(reason, words)


async def batch_in_codes(store: Store, batch: Batch, needs: Needs) -> bool:
    """Tell whether many offers are declined in codes alone; a batch is of one service."""
    service = await store.get(Service, batch.service)
    offerings = await by_id(store, Offering, [each.referral for each in batch.items])
    asked = {each.category for each in offerings.values()}
    kinds = asked | ({service.category} if service else set())
    return any(needs.restricted(each) for each in kinds)
