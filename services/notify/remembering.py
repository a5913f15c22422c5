"""What notify remembers of other services' events: whom to reach, and what messages speak of."""

from typing import Any

from contracts.agencies import AgencyChanged
from contracts.cloudevents import Envelope
from contracts.offerings import (
    OfferClaimed,
    OfferDeclined,
    OfferExpired,
    OfferingOpened,
    OfferPromoted,
    OfferWaitlisted,
    OfferWithdrawn,
)
from contracts.people import PersonChanged, PersonErased
from contracts.referrals import (
    ReferralAudienceChanged,
    ReferralCreated,
    ReferralRecalled,
    ReferralTransferred,
)
from services.chassis.consumer.reactions import Reactions
from services.chassis.store import Change, Found, Ref, Store
from services.notify.book import erase, keep_agency, keep_person
from services.notify.model.cause import Claimed, KnownOffering, KnownReferral
from services.notify.offer_texts import number_offers

_Answer = OfferClaimed | OfferDeclined | OfferWaitlisted | OfferWithdrawn | OfferExpired


def remember(table: Reactions, store: Store) -> None:
    """Add to the consumer's table what is kept of events."""
    book, causes = _ContactBook(store), _Causes(store)
    table.on(PersonChanged, book.person_changed)
    table.on(PersonErased, book.person_erased)
    table.on(AgencyChanged, book.agency_changed)
    table.on(ReferralCreated, causes.created)
    table.on(ReferralTransferred, causes.transferred)
    table.on(ReferralRecalled, causes.recalled)
    table.on(ReferralAudienceChanged, causes.audience_changed)
    table.on(OfferingOpened, causes.opened)
    table.on(OfferClaimed, causes.claimed)
    table.on(OfferPromoted, causes.promoted)
    table.on(OfferClaimed, causes.answered)
    table.on(OfferDeclined, causes.answered)
    table.on(OfferWaitlisted, causes.answered)
    table.on(OfferWithdrawn, causes.answered)
    table.on(OfferExpired, causes.answered)


class _ContactBook:
    """Keeps who can be reached, sealed as it came."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def person_changed(self, event: PersonChanged, envelope: Envelope) -> None:
        del envelope
        await keep_person(self._store, event)

    async def person_erased(self, event: PersonErased, envelope: Envelope) -> None:
        del envelope
        await erase(self._store, event.person, event.family)

    async def agency_changed(self, event: AgencyChanged, envelope: Envelope) -> None:
        del envelope
        await keep_agency(self._store, event)


class _Causes:
    """Keeps what messages need to know of referrals and offerings."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def created(self, event: ReferralCreated, envelope: Envelope) -> None:
        del envelope
        fresh = KnownReferral.of(event)
        ref = Ref(KnownReferral, event.referral)

        def keep(found: Found) -> Change[None]:
            return Change(None, [] if found.get(ref) else [fresh])

        await self._store.update([ref], keep)

    async def transferred(self, event: ReferralTransferred, envelope: Envelope) -> None:
        del envelope
        await self._know(event.referral, site=event.site, coordinator=event.coordinator)

    async def recalled(self, event: ReferralRecalled, envelope: Envelope) -> None:
        del envelope
        await self._know(event.referral, recalled=event.round)

    async def audience_changed(self, event: ReferralAudienceChanged, envelope: Envelope) -> None:
        del envelope
        await self._know(event.referral, audience=event.audience)

    async def opened(self, event: OfferingOpened, envelope: Envelope) -> None:
        numbers = await number_offers(self._store, event, envelope.time)
        ref = Ref(KnownOffering, event.referral)

        def add(found: Found) -> Change[None]:
            known = found.get(ref) or KnownOffering(id=event.referral)
            fresh = {
                each.offer: Claimed(
                    offer=each.offer,
                    contact=each.contact,
                    nonce=each.nonce,
                    number=numbers[each.offer],
                    batch=event.batch is not None,
                )
                for each in event.offers
                if each.contact
            }
            return Change(None, [known.having(offers={**known.offers, **fresh})])

        await self._store.update([ref], add)

    async def _know(self, referral: str, **changes: Any) -> None:
        """Keep what has changed about a referral; nothing where it is not known."""
        ref = Ref(KnownReferral, referral)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref)
            return Change(None, [known.having(**changes)] if known else [])

        await self._store.update([ref], keep)

    async def answered(self, event: _Answer, envelope: Envelope) -> None:
        del envelope
        ref = Ref(KnownOffering, event.referral)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref)
            offer = known.offers.get(event.offer) if known else None
            if known is None or offer is None or offer.answered:
                return Change(None)
            after = offer.model_copy(update={"answered": True})
            return Change(None, [known.having(offers={**known.offers, event.offer: after})])

        await self._store.update([ref], keep)

    async def claimed(self, event: OfferClaimed, envelope: Envelope) -> None:
        del envelope
        made = Claimed(offer=event.offer, contact=event.contact, nonce=event.nonce)
        await self._claim(event.referral, event.claim, made)

    async def promoted(self, event: OfferPromoted, envelope: Envelope) -> None:
        del envelope
        await self._claim(event.referral, event.claim, event.offer)

    async def _claim(self, referral: str, claim: str, made: Claimed | str) -> None:
        """Keep who has made a claim; of a promoted one only the offer is named."""
        ref = Ref(KnownOffering, referral)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref) or KnownOffering(id=referral)
            offer = made if isinstance(made, str) else made.offer
            who = known.offers.get(offer) or made
            if isinstance(who, str):
                return Change(None)
            return Change(None, [known.having(claims={**known.claims, claim: who})])

        await self._store.update([ref], keep)
