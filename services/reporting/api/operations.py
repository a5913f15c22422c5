"""Operators' addresses for read models: what is read, rebuilding, comparing."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Allow, Role
from services.chassis.database import Document
from services.chassis.errors import unknown
from services.chassis.http.commands import Body
from services.reporting.api.context import Context
from services.reporting.generations import SwitchWhen

Switch = Annotated[
    SwitchWhen, Query(description="When the rebuilt one becomes the one that is read.")
]


class Rebuild(Body):
    """A rebuild and how far it is.

    Attributes:
        state: requested, building, comparing, different, equal, switched or failed.
        applied: records applied of `total`, which were there when it began.
        report: what the comparison found.
    """

    generation: int
    state: str
    switch: SwitchWhen
    requested_at: datetime
    applied: int | None = None
    total: int | None = None
    report: dict[str, Any] | None = None
    cause: str | None = None
    next: str | None = None
    finished_at: datetime | None = None


class ReadModel(Body):
    """A read model, the generation that is read, and its rebuild."""

    name: str
    version: int
    generation: int
    rebuild: Rebuild | None


def operations_router(context: Context) -> APIRouter:
    """Return the router; only operators may call it."""
    router = APIRouter(
        prefix="/v1/operations/read-models",
        tags=["operations"],
        dependencies=[Depends(Allow(Role.OPERATOR))],
    )
    known = context.generations.projections

    def view(row: Document) -> ReadModel:
        rebuild = row.get("rebuild")
        fields = {name: value for name, value in (rebuild or {}).items() if name in _SHOWN}
        return ReadModel(
            name=row["name"],
            version=known[row["name"]].version,
            generation=row["generation"],
            rebuild=Rebuild(**fields) if rebuild else None,
        )

    def check(name: str) -> str:
        if name not in known:
            raise unknown("read model")
        return name

    @router.get("")
    async def list_read_models() -> list[ReadModel]:
        """List the read models, with how far a rebuild is."""
        return [view(row) for row in await context.generations.all()]

    @router.post("/{name}/rebuild", status_code=202)
    async def rebuild(name: str, *, switch: Switch = SwitchWhen.EQUAL) -> ReadModel:
        """Build the next generation from the beginning, compare it, and switch to it.

        The list shows how far it is.
        """
        return view(await context.generations.request(check(name), switch=switch))

    @router.post("/{name}/compare", status_code=202)
    async def compare(name: str, *, switch: Switch = SwitchWhen.NEVER) -> ReadModel:
        """Compare the rebuilt generation with the one that is read once more."""
        return view(await context.generations.request_compare(check(name), switch=switch))

    return router


_SHOWN = frozenset(Rebuild.model_fields)
