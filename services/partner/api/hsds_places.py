"""Services at their places, as Open Referral HSDS 3.0 reads them."""

from typing import Any

from fastapi import APIRouter

from services.chassis.database import Collection
from services.chassis.errors import unknown
from services.chassis.http.commands import Identifier, identifier
from services.partner.api.context import Context, Reader, own_agencies
from services.partner.api.hsds_pages import (
    After,
    HsdsPage,
    OrganizationId,
    PageNumber,
    PerPage,
    Search,
    page_of,
    services_query,
)
from services.partner.model.hsds.ids import Record
from services.partner.model.hsds.places import at_location, at_location_id
from services.partner.model.hsds.services import service
from services.partner.model.service import Service

_BATCH = 500
_NEEDED_FOR_IDS = dict.fromkeys(("listing", "locations.told", "description", "sourced"), 0)
"""What is left out where thousands of services are gone through for one of their places."""


def hsds_places_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/hsds", tags=["hsds"])

    @router.get("/service_at_locations")
    async def list_at_locations(
        caller: Reader,
        *,
        search: Search = None,
        organization_id: OrganizationId = None,
        modified_after: After = None,
        page: PageNumber = 1,
        per_page: PerPage = 50,
    ) -> HsdsPage:
        """List services at their places, by the services' names."""
        query = services_query(caller, search, organization_id, modified_after)
        rows = context.store.collection(Service)
        # Places are counted and cut where they are: a page reads its own services alone.
        placed = [{"$match": query}, {"$unwind": {"path": "$locations", "includeArrayIndex": "at"}}]
        cut: list[dict[str, Any]] = [
            {"$sort": {"name_folded": 1, "_id": 1, "at": 1}},
            {"$skip": (page - 1) * per_page},
            {"$limit": per_page},
        ]
        counted = await (await rows.aggregate([*placed, {"$count": "n"}])).to_list()
        found = await (await rows.aggregate([*placed, *cut])).to_list()
        contents = []
        for row in found:
            one = Service.from_document({**row, "locations": [row["locations"]]})
            placed_at = at_location(one, one.locations[0])
            contents.append({**placed_at, "service": service(one, None, row.get("changed_at"))})
        return page_of(contents, counted[0]["n"] if counted else 0, page, per_page)

    @router.get("/service_at_locations/{id}")
    async def get_at_location(id: Identifier, caller: Reader) -> Record:
        """Return a service at a place."""
        wanted = identifier(id)
        own = own_agencies(caller)
        query: dict[str, Any] = {"locations.0": {"$exists": True}}
        if own is not None:
            query["agency"] = {"$in": own}
        # The id is worked out from the service's and the place's own.
        services = context.store.collection(Service)
        async for row in services.find(query, _NEEDED_FOR_IDS, batch_size=_BATCH):
            known = Service.from_document(row)
            for at, place in enumerate(known.locations):
                if at_location_id(known, place) == wanted:
                    return await _whole(services, known.id, at)
        raise unknown("service")

    return router


async def _whole(services: Collection, id: str, at: int) -> Record:
    """Return a service at one of its places.

    Raises:
        EnlaceError: it has changed in between and is there no more.
    """
    row = await services.find_one({"_id": id})
    one = None if row is None else Service.from_document(row)
    if row is None or one is None or at >= len(one.locations):
        raise unknown("service")
    listed = service(one, None, row.get("changed_at"))
    return {**at_location(one, one.locations[at]), "service": listed}
