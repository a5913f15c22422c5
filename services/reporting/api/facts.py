"""One referral as reporting knows it, over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body, Identifier, identifier
from services.reporting.api.context import Context


class Facts(Body):
    """When a referral reached what. Times of what has not happened are null.

    Attributes:
        partner_closed_at: the agency reported it done.
        family_verified_at: the family said that the help arrived.
        handed_off_at: the school brought the family to a place outside the network.
        follow_ups: kind, due_on and what became of each.
        declined: the reasons that agencies gave, in order.
        erased_at: the family was erased; of what kind it was is *unknown* since.
    """

    id: str
    site: str
    category: str
    urgency: str
    state: str
    created_at: datetime
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    appointment: datetime | None = None
    started_at: datetime | None = None
    partner_closed_at: datetime | None = None
    family_verified_at: datetime | None = None
    disputed_at: datetime | None = None
    handed_off_at: datetime | None = None
    unmet_at: datetime | None = None
    unmet_reason: str | None = None
    entered_in_error_at: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    agency: str | None = None
    service: str | None = None
    follow_ups: tuple[dict[str, Any], ...] = ()
    declined: tuple[str, ...] = ()
    erased_at: datetime | None = None


def facts_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referral-facts", tags=["facts"])
    # Not for the leadership: one referral's times point to one child. They have the tables.
    reader = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get("/{id}")
    async def get_facts(id: Identifier, caller: reader) -> Facts:
        """Return one referral's facts to the coordinator of its school."""
        document = await context.reading.facts(identifier(id))
        facts = (document or {}).get("referral", {})
        if document is None or "created_at" not in facts:
            raise unknown("referral")
        caller.need_site(facts["site"], Role.COORDINATOR, what="referral")
        erased = "erased_at" in facts
        known = {name: value for name, value in facts.items() if name in Facts.model_fields}
        return Facts(
            id=identifier(id),
            follow_ups=tuple(document.get("follow_ups", {}).get("list", ())),
            declined=() if erased else tuple(document.get("offerings", {}).get("declined", ())),
            **known,
        )

    return router
