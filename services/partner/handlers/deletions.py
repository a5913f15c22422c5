"""Requests to delete: told to the agency, told again when the day has passed, confirmed by it."""

from datetime import datetime

from contracts.codes import LinkPurpose
from contracts.consents import DeletionConfirmed, DeletionOverdue, DeletionRequested
from services.chassis.clock import Clock
from services.chassis.ids import new_id
from services.chassis.links import derive_token, hash_token
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.partner.handlers.offers import Links
from services.partner.model.agency import Agency
from services.partner.model.deletion import AskedDeletion, DeletionLink, need


async def ask(
    store: Store, event: DeletionRequested, site: str | None, links: Links, clock: Clock
) -> None:
    """Have the agency asked; a repeat of the event asks nobody again."""
    ref, agency = Ref(AskedDeletion, event.request), Ref(Agency, event.agency)
    now, nonce = clock.now(), new_id()

    def run(found: Found) -> Change[None]:
        if found.get(ref) is not None:
            return Change(None)
        fresh = AskedDeletion.of(event, site, now)
        return _asked(fresh, found.get(agency), nonce, links, now)

    await store.update([ref, agency], run)


async def remind(store: Store, event: DeletionOverdue, links: Links, clock: Clock) -> None:
    """Ask once more, whoever is at the agency now."""
    ref, agency = Ref(AskedDeletion, event.request), Ref(Agency, event.agency)
    now, nonce = clock.now(), new_id()

    def run(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None:
            return Change(None)
        return _asked(known, found.get(agency), nonce, links, now)

    await store.update([ref, agency], run)


def _asked(
    request: AskedDeletion, agency: Agency | None, nonce: str, links: Links, now: datetime
) -> Change[None]:
    who = agency.answers if agency and not agency.retired else None
    after, events = request.ask(who.id if who else None, nonce)
    save: list[Aggregate] = [after]
    if who is not None and events:
        save.append(_link(request.id, who.id, nonce, links, now))
    return Change(None, save, events, request.site)


def _link(request: str, contact: str, nonce: str, links: Links, now: datetime) -> DeletionLink:
    token = derive_token(
        links.key,
        purpose=LinkPurpose.AGENCY_DELETION,
        subject=request,
        recipient=contact,
        nonce=nonce,
    )
    return DeletionLink(
        id=hash_token(token), request=request, contact=contact, expires=now + links.lifetime
    )


async def confirm(store: Store, request: str, clock: Clock) -> AskedDeletion:
    """Take the agency's word, and tell referral.

    Raises:
        EnlaceError: there is no such request.
    """
    ref = Ref(AskedDeletion, request)

    def run(found: Found) -> Change[AskedDeletion]:
        known = need(found.get(ref))
        after, events = known.confirm(clock.now())
        return Change(after, [after] if events else [], events, known.site)

    return await store.update([ref], run)


async def settle(store: Store, event: DeletionConfirmed, clock: Clock) -> None:
    """Keep that the school has the receipt, so that the agency's page says so."""
    ref = Ref(AskedDeletion, event.request)

    def run(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None or known.confirmed_at is not None:
            return Change(None)
        return Change(None, [known.settled(clock.now())])

    await store.update([ref], run)
