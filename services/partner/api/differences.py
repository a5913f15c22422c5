"""What directories and staff have both changed, as a list to settle."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    expected_version,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.partner import store as reading
from services.partner.api.acting import need_entry
from services.partner.api.context import Context
from services.partner.handlers import differences
from services.partner.model.agency import PERSON, Agency
from services.partner.model.service import Service
from services.partner.model.settling import Keep, open_of
from services.partner.model.threeway import Difference

KINDS: dict[str, type[Agency] | type[Service]] = {"agencies": Agency, "services": Service}


class DifferenceView(BaseModel):
    """A field that its directory and staff have both changed. A person is shown whole.

    Attributes:
        version: of the agency or service; `If-Match` of the settling.
        before: what the directory said before both changed it; null for a person.
        ours: what stands.
        theirs: what the directory says now; null where it no longer has it.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    before: Any
    ours: Any
    theirs: Any


class DifferingView(BaseModel):
    """An agency or a service with what waits to be settled."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: str
    source: str | None
    differences: tuple[DifferenceView, ...]


class SettleBody(Body):
    """Which of the two stands from now on.

    Attributes:
        keep: `ours`, or what the `source` says.
    """

    field: Annotated[str, Field(min_length=1, max_length=100)]
    keep: Keep


class Settled(BaseModel):
    """What is left to settle."""

    id: str
    version: int
    left: int


def differences_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/directory-differences", tags=["imports"])
    writer = Depends(Allow(Role.COORDINATOR, Role.ADMIN))

    @router.get("/{kind}", dependencies=[writer])
    async def list_differences(
        kind: Literal["agencies", "services"],
        source: Annotated[str | None, Query(max_length=64)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[DifferingView]:
        """List what waits to be settled, by name."""
        query: dict[str, Any] = {"differences.field": {"$exists": True}}
        if source is not None:
            query["source"] = source
        query |= reading.by_name(read_cursor(cursor), None)
        rows: Sequence[Agency | Service]
        if kind == "agencies":
            rows = await reading.list_named(context.store, Agency, query, limit=limit + 1)
        else:
            rows = await reading.list_named(context.store, Service, query, limit=limit + 1)
        shown = [each for each in rows[:limit] if open_of(each)]
        return Page[DifferingView](
            items=[await _view(context, each) for each in shown],
            next=write_cursor(reading.position(rows[limit - 1])) if len(rows) > limit else None,
        )

    @router.post("/{kind}/{id}")
    async def settle_difference(
        kind: Literal["agencies", "services"],
        id: Identifier,
        body: SettleBody,
        *,
        response: Response,
        caller: Annotated[Principal, writer],
        if_match: IfMatch = None,
    ) -> Settled:
        """Settle one field: what stands stays, or the directory's is taken."""
        if kind == "agencies":
            await need_entry(context, caller, identifier(id))
        after = await differences.settle(
            context.store,
            KINDS[kind],
            identifier(id),
            body.field,
            body.keep,
            expected=expected_version(if_match),
            needs=await context.district.needs(),
            by=caller.subject,
        )
        set_etag(response, after.version)
        return Settled(id=after.id, version=after.version, left=len(open_of(after)))

    return router


async def _view(context: Context, known: Agency | Service) -> DifferingView:
    return DifferingView(
        id=known.id,
        version=known.version,
        name=known.name,
        source=known.source,
        differences=tuple([await _difference(context, known, each) for each in open_of(known)]),
    )


async def _difference(
    context: Context, known: Agency | Service, each: Difference
) -> DifferenceView:
    if not isinstance(known, Agency) or not each.field.startswith(PERSON):
        ours = known.fields().get(each.field)
        return DifferenceView(field=each.field, before=each.before, ours=ours, theirs=each.source)
    id = each.field.removeprefix(PERSON)
    offered = next((one for one in known.offered if one.id == id), None)
    here = known.contact(id)
    mine = await context.profile(here.profile) if here else None
    theirs = await context.profile(offered.profile) if offered else None
    return DifferenceView(
        field=each.field,
        before=None,
        ours=mine.model_dump(mode="json") if mine else None,
        theirs=theirs.model_dump(mode="json") if theirs else None,
    )
