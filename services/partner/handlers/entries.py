"""Agencies asked whether their entries in the directory still hold, and their word for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import LinkPurpose
from services.chassis.clock import Clock
from services.chassis.errors import unknown
from services.chassis.ids import new_id
from services.chassis.links import derive_token, hash_token
from services.chassis.store import Change, Found, Ref, Store
from services.partner.handlers.offers import Links
from services.partner.model import confirming
from services.partner.model.agency import Agency
from services.partner.model.confirming import EntriesLink
from services.partner.model.service import Service

MOST = 2_000
"""Services that one agency confirms with one tap."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How agencies are asked."""

    links: Links
    every: timedelta
    zone: str

    def tick(self, agency: Agency, now: datetime) -> Change[None]:
        """Let time pass for an agency, for the sweep."""
        nonce = new_id()
        after, event = confirming.ask(agency, nonce, now, self.every, self.zone)
        contact = agency.answers
        if event is None or contact is None:
            return Change(None, [after])
        token = derive_token(
            self.links.key,
            purpose=LinkPurpose.AGENCY_ENTRIES,
            subject=agency.id,
            recipient=contact.id,
            nonce=nonce,
        )
        link = EntriesLink(
            id=hash_token(token),
            agency=agency.id,
            contact=contact.id,
            asking=nonce,
            expires=now + confirming.OPEN_FOR,
        )
        return Change(None, [after, link], [event])


async def services_of(store: Store, agency: str) -> list[Service]:
    """Return an agency's services that have not gone, by name."""
    query = {"agency": agency, "retired": {"$ne": True}}
    sort = [("name_folded", 1), ("_id", 1)]
    return [each async for each in store.find(Service, query, sort=sort, limit=MOST)]


async def confirm(store: Store, link: EntriesLink, clock: Clock) -> None:
    """Take the agency's word that what stands in the directory holds; a repeat changes nothing.

    Raises:
        EnlaceError: the agency has gone meanwhile.
    """
    agency = Ref(Agency, link.agency)
    services = [Ref(Service, each.id) for each in await services_of(store, link.agency)]
    refs: list[Ref[Any]] = [agency, *services]

    def run(found: Found) -> Change[None]:
        known = found.get(agency)
        if known is None:
            raise unknown("page")
        there = tuple(each for ref in services if (each := found.get(ref)) is not None)
        after, fresh, event = confirming.confirm(known, there, link.asking, clock.now())
        return Change(None, [after, *fresh] if event else [], [event] if event else [])

    await store.update(refs, run)
