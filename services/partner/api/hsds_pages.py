"""Pages and filters as the API of Open Referral HSDS 3.0 has them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import ceil
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from contracts.agencies import ContactProfile
from services.chassis.auth import Principal
from services.chassis.fields import Moment, Sought
from services.chassis.http.commands import identifier
from services.partner import store as reading
from services.partner.api.context import Context, own_agencies
from services.partner.model.agency import Agency
from services.partner.model.hsds.ids import Record
from services.partner.model.service import Service

MOST_PAGES = 100_000

PageNumber = Annotated[int, Query(ge=1, le=MOST_PAGES)]
PerPage = Annotated[int, Query(ge=1, le=200)]
Search = Annotated[Sought | None, Query(description="In names, without case and accents.")]
TermId = Annotated[str | None, Query(max_length=36)]
OrganizationId = Annotated[str | None, Query(max_length=36)]
After = Annotated[Moment | None, Query(description="Changed after this moment.")]
Full = Annotated[bool, Query(description="With all that hangs on each.")]


class HsdsPage(BaseModel):
    """A page as the standard has it. `size`: how many there are on it."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: Sequence[Record]


def page_of(contents: Sequence[Record], total: int, page: int, per_page: int) -> HsdsPage:
    """Return a page of a list."""
    pages = ceil(total / per_page)
    return HsdsPage(
        total_items=total,
        total_pages=pages,
        page_number=page,
        size=len(contents),
        first_page=page == 1,
        last_page=page >= pages,
        empty=not contents,
        contents=contents,
    )


def cut(found: list[Record], page: int, per_page: int) -> HsdsPage:
    """Return a page of a list that is at hand whole."""
    begins = (page - 1) * per_page
    return page_of(found[begins : begins + per_page], len(found), page, per_page)


def services_query(
    caller: Principal, search: str | None, organization_id: str | None, after: datetime | None
) -> dict[str, Any]:
    """Return the query for services that a caller may see."""
    wishes: list[dict[str, Any]] = []
    own = own_agencies(caller)
    if own is not None:
        wishes.append({"agency": {"$in": own}})
    if organization_id is not None:
        wishes.append({"agency": identifier(organization_id)})
    if after is not None:
        wishes.append({"changed_at": {"$gt": after}})
    return reading.by_name(None, search) | ({"$and": wishes} if wishes else {})


async def people_of(context: Context, agencies: Iterable[Agency]) -> dict[str, ContactProfile]:
    """Return whom the directories of these agencies list, by id; who was erased is missing."""
    listed = [
        contact
        for agency in agencies
        for contact in agency.contacts
        if any(each.id == contact.id for each in agency.listing.people)
    ]
    opened = await context.vault.open_many([each.profile for each in listed])
    return {
        each.id: ContactProfile.model_validate_json(profile)
        for each, profile in zip(listed, opened, strict=True)
        if profile is not None
    }


async def rows_of(
    context: Context,
    kind: type[Agency] | type[Service],
    query: dict[str, Any],
    page: int,
    per_page: int,
) -> tuple[list[dict[str, Any]], int]:
    """Return the documents of a page by name, and how many there are in all."""
    rows = context.store.collection(kind)
    sort = [("name_folded", 1), ("_id", 1)]
    cursor = rows.find(query, sort=sort, skip=(page - 1) * per_page, limit=per_page)
    return await cursor.to_list(), await rows.count_documents(query)
