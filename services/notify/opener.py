"""How a notice is opened: for somebody who is named, or for whoever has made a claim."""

from datetime import datetime
from typing import Any

from contracts.cloudevents import Envelope
from contracts.codes import Template
from services.chassis.clock import Clock
from services.chassis.store import Store
from services.notify.handlers import open_notice
from services.notify.model.cause import Claimed, KnownOffering
from services.notify.model.contact import Book
from services.notify.model.notice import notice_for


class Opener:
    """Turns events into notices; what is no news any more is left."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    async def claimant(
        self, template: Template, referral: str, claim: str, envelope: Envelope
    ) -> None:
        """Write to whoever has made a claim, once that is known."""
        await self.open(Book.AGENCIES, template, envelope, referral=referral, claim=claim)

    async def holder(
        self,
        template: Template,
        referral: str,
        offer: str,
        envelope: Envelope,
        **about: Any,
    ) -> None:
        """Write to the person whom an offer went to, with its link; nobody where it is unknown."""
        made = await self.made(referral, offer)
        if made is None:
            return
        await self.open(
            Book.AGENCIES,
            template,
            envelope,
            referral=referral,
            site=envelope.site,
            person=made.contact,
            links=(made.link,),
            **about,
        )

    async def made(self, referral: str, offer: str) -> Claimed | None:
        """Return an offer as it was made, if its opening has come here."""
        known = await self.store.get(KnownOffering, referral)
        return known.offers.get(offer) if known else None

    async def open(
        self,
        book: Book,
        template: Template,
        envelope: Envelope,
        *,
        id: str | None = None,
        until: datetime | None = None,
        **about: Any,
    ) -> None:
        """Open a notice unless it is no news any more; `about` are fields of `Notice`."""
        notice = notice_for(
            template,
            cause=envelope.id,
            at=envelope.time,
            now=self.clock.now(),
            book=book,
            id=id,
            until=until,
        )
        await open_notice(self.store, notice and notice.having(**about))
