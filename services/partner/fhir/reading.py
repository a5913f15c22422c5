"""Reads what FHIR's resources are made of."""

from collections.abc import Sequence

from services.partner.api.context import Context
from services.partner.fhir.resources import Seen
from services.partner.model.agency import Agency
from services.partner.model.offering import Offering
from services.partner.model.service import Service
from services.partner.own import Found
from services.partner.store import by_id
from services.partner.subscriptions.model.thread import Thread


async def has_asked(context: Context, site: str, agency: str) -> bool:
    """Tell whether a school has ever offered an agency a child."""
    query = {"offers.agency": agency, "site": site}
    return bool([each async for each in context.store.find(Offering, query, limit=1)])


async def seen(context: Context, agency: Agency, found: Sequence[Found]) -> list[Seen]:
    """Return offers with all that their resources are made of."""
    services = await by_id(context.store, Service, [each.offer.service for each in found])
    threads = await by_id(context.store, Thread, [each.offering.id for each in found])
    needs = await context.district.needs()
    made = []
    for each in found:
        service = services.get(each.offer.service)
        category = service.category if service else each.offering.category
        thread = threads.get(each.offering.id)
        made.append(
            Seen(
                offering=each.offering,
                offer=each.offer,
                claim=each.offering.claim_of(each.offer.id),
                category=category,
                called=needs.names(category),
                service_name=service.name if service else "",
                agency_name=agency.name,
                school=context.sites.get(each.offer.site).name,
                # The thread follows by events: what was asked a moment ago is not in it yet.
                may_see=thread is None or not thread.hidden,
            )
        )
    return made
