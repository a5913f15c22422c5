"""Erasure in a service that is not the people's owner: it forgets, and can say that it has.

Referral tells of an erasure on the topic `consents` and then asks every service, over HTTP, until
each has confirmed. What a service forgets is its own affair; the receipt is written in the same
transaction. Contract, with the tests named after it in `docs/rights.md`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends

from contracts.cloudevents import Envelope
from contracts.consents import FamilyErased
from services.chassis.aggregate import Aggregate, Change, Found, Ref
from services.chassis.auth import Allow, Principal, Role
from services.chassis.clock import Clock
from services.chassis.consumer.reactions import Reactions
from services.chassis.errors import forbidden
from services.chassis.http.commands import Body, Identifier, identifier
from services.chassis.store import Store

OWNER = "referral"

Forget = Callable[[FamilyErased], Awaitable[None]]
StillHeld = Callable[[str], Awaitable[bool]]


class ErasureReceipt(Aggregate):
    """That this service has forgotten a family; its id is the erasure's."""

    COLLECTION: ClassVar[str] = "erasure_receipts"

    family: str
    at: datetime


class Receipt(Body):
    """Whether this service holds nothing of the family any more, and since when."""

    forgotten: bool
    at: datetime | None


def on_erasure(table: Reactions, store: Store, clock: Clock, forget: Forget | None = None) -> None:
    """Have a consumer forget what `forget` finds, and keep the receipt."""

    async def family_erased(event: FamilyErased, envelope: Envelope) -> None:
        del envelope
        if forget is not None:
            await forget(event)
        ref = Ref(ErasureReceipt, event.erasure)

        def keep(found: Found) -> Change[None]:
            fresh = ErasureReceipt(id=event.erasure, family=event.family, at=clock.now())
            return Change(None, [] if found.get(ref) else [fresh])

        await store.update([ref], keep)

    table.on(FamilyErased, family_erased)


def erasures_router(store: Store, still_held: StillHeld | None = None) -> APIRouter:
    """Return the address at which referral asks for the receipt.

    Args:
        store: of this service.
        still_held: tells whether anything of a family is there after all: it may have come on
            another topic, later than the erasure.
    """
    router = APIRouter(prefix="/v1/erasures", tags=["erasures"])
    service = Annotated[Principal, Depends(Allow(Role.SERVICE))]

    @router.get("/{id}")
    async def get_receipt(id: Identifier, caller: service) -> Receipt:
        """Tell referral whether the family of an erasure is forgotten here."""
        if caller.subject != OWNER:
            raise forbidden(
                "Only referral asks for receipts of erasures.",
                es="Solo el servicio de derivaciones pide constancias de borrado.",
            )
        known = await store.get(ErasureReceipt, identifier(id))
        if known is None or (still_held is not None and await still_held(known.family)):
            return Receipt(forgotten=False, at=None)
        return Receipt(forgotten=True, at=known.at)

    return router
