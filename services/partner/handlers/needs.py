"""Services and seats are told anew where the district restricts their kind of need from now on."""

from services.chassis.needs import Needs
from services.chassis.store import Change, Store
from services.partner.model.capacity import Capacity
from services.partner.model.service import Service


async def retell(store: Store, before: Needs, after: Needs) -> None:
    """Tell every service, and its seats, that topics carry under another kind of need now.

    Runs in the transaction of the event that changed it: what is told is whole.
    """
    codes = {each.code for needs in (before, after) for each in needs.all}
    moved = sorted(each.value for each in codes if before.on_topics(each) != after.on_topics(each))
    if not moved:
        return
    services = {each.id: each async for each in store.find(Service, {"category": {"$in": moved}})}

    def tell(service: Service) -> Change[None]:
        return Change(None, [service], [service.event(after)])

    def tell_seats(seats: Capacity) -> Change[None]:
        category = after.on_topics(services[seats.service].category)
        told = seats.having(category=category)
        return Change(None, [told], [told.event()], told.site)

    seats = [each.id async for each in store.find(Capacity, {"service": {"$in": sorted(services)}})]
    await store.update_each(Service, sorted(services), tell, name="tell services anew")
    await store.update_each(Capacity, seats, tell_seats, name="tell seats anew")
