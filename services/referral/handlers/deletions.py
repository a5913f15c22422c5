"""Requests to delete: confirmed by the agency, or overdue."""

from datetime import datetime

from contracts.consents import ReceiptMethod
from services.chassis.errors import unknown
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.deletion import DeletionRequest, Receipt


async def confirm_deletion(desk: Desk, request: str, receipt: Receipt) -> DeletionRequest:
    """Take an agency's word that it has deleted what it read; the first word stays.

    Raises:
        EnlaceError: there is no such request.
    """
    ref = Ref(DeletionRequest, request)

    def confirm(found: Found) -> Change[DeletionRequest]:
        known = found.get(ref)
        if known is None:
            raise unknown("deletion request")
        after, events = known.confirm(receipt)
        return Change(after, [after] if events else [], events, known.site)

    return await desk.store.update([ref], confirm)


async def confirmed_by_agency(desk: Desk, request: str, agency: str, at: datetime) -> None:
    """Take the agency's own word, given behind its link; another agency's changes nothing."""
    ref = Ref(DeletionRequest, request)

    def confirm(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None or known.agency != agency:
            return Change(None)
        receipt = Receipt(at=at, method=ReceiptMethod.BY_AGENCY, recorded_by=agency)
        after, events = known.confirm(receipt)
        return Change(None, [after] if events else [], events, known.site)

    await desk.store.update([ref], confirm)


def tick(request: DeletionRequest, now: datetime) -> Change[None]:
    """Let the last day pass, for the sweep."""
    del now
    after, events = request.tick()
    return Change(None, [after], events, request.site)
