"""An agency's offers for its own staff, who have signed in: what waits, what is theirs, answers.

What they may do is what a link lets its holder do; who a child is needs no code, since the account
says who reads.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import DeclineReason, Progress
from contracts.referrals import Bands
from services.chassis.auth import Allow, Principal, Role
from services.chassis.closed import need_listed
from services.chassis.errors import EnlaceError, unknown
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    cursor_malformed,
    identifier,
    read_cursor,
    write_cursor,
)
from services.partner.api.answers import (
    IdentityToken,
    NothingBody,
    ProgressBody,
    add_answers,
    tell_progress,
    token_for,
)
from services.partner.api.card import Card, Opened
from services.partner.api.context import Context
from services.partner.model.agency import Agency
from services.partner.model.answers import accepted_claim
from services.partner.model.batch import Batch
from services.partner.model.offering import Offer, OfferState
from services.partner.model.seeing import may_see, state_on
from services.partner.model.service import Service
from services.partner.model.told import to_the_minute
from services.partner.own import Found, Place, Wanted, offer_of, offers_of
from services.partner.store import by_id
from services.partner.subscriptions.api.caller import agency_of
from services.partner.subscriptions.model.thread import Thread

Answering = Annotated[Principal, Depends(Allow(Role.AGENCY))]


class Shelf(Code):
    """Where an offer stands, for whoever looks through them."""

    OPEN = "open"
    WAITING = "waiting"
    OURS = "ours"
    OVER = "over"


_STATES = {
    Shelf.OPEN: frozenset({OfferState.OPEN}),
    Shelf.WAITING: frozenset({OfferState.WAITLISTED}),
    Shelf.OURS: frozenset({OfferState.CLAIMED, OfferState.ACCEPTED, OfferState.IN_PROGRESS}),
}


class OwnOffer(Body):
    """One offer of the agency's, without anything that tells who the child is.

    Attributes:
        category: the kind of need that the service is for.
        bands: null of one that is closed to the agency.
        claim_state: `none` until this agency has said yes.
        batch: of the families that were asked for together, which are taken by number.
    """

    offer: str
    service: str
    service_name: str
    category: Category
    bands: Bands | None
    site: str
    answer_by: datetime
    state: OfferState
    claim_state: str
    progress: Progress | None
    appointment: datetime | None
    decline_reason: DeclineReason | None
    batch: str | None


def own_offers_router(context: Context) -> APIRouter:
    """Return the router of the list."""
    router = APIRouter(prefix="/v1/offers", tags=["offers"])

    @router.get("")
    async def list_offers(
        caller: Answering,
        shelf: Annotated[
            Shelf, Query(description="Which of them."), AfterValidator(need_listed)
        ] = Shelf.OPEN,
        agency: Annotated[str | None, Query(max_length=36)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[OwnOffer]:
        """List an agency's offers, the newest referral first."""
        own = await own_agency(context, caller, agency)
        after = await _place(context, own.id, cursor)
        states, wanted = _STATES.get(shelf), _on(shelf, context.clock.now())
        found = await offers_of(context.store, own.id, states, after, limit + 1, wanted=wanted)
        page = found[:limit]
        return Page[OwnOffer](
            items=await _rows(context, page),
            next=write_cursor(page[-1].offer.id) if len(found) > limit else None,
        )

    return router


def own_offer_router(context: Context) -> APIRouter:
    """Return the router of one offer: shown and answered as behind its link."""
    router = APIRouter(prefix="/v1/offers/{id}", tags=["offers"])

    async def by_account(id: Identifier, caller: Answering) -> Opened:
        for agency in sorted(caller.agencies):
            if not caller.holds(Role.AGENCY, agency):
                continue
            known = await context.store.get(Agency, agency)
            found = await _find(context, agency, identifier(id))
            if found is not None and known is not None and not known.retired:
                # Words of an agency lie under a person's key; where nobody is left, its own.
                return Opened(found.offer.contact or agency, found.offering, found.offer, known)
        raise unknown("offer")

    add_answers(router, context, by_account, linked=False)
    behind = Annotated[Opened, Depends(by_account)]

    @router.post("/progress")
    async def progress(opened: behind, body: ProgressBody, response: Response) -> Card:
        """Tell how it goes with a child that the agency has taken."""
        return await tell_progress(context, opened, body, response)

    @router.post("/identity-token")
    async def identity_token(opened: behind, body: NothingBody, caller: Answering) -> IdentityToken:
        """Return a token with which referral tells who the child is, and writes down who read."""
        del body
        claim = accepted_claim(opened.offering, opened.offer)
        return await token_for(context, opened, claim, account=caller.subject)

    return router


async def own_agency(context: Context, caller: Principal, named: str | None) -> Agency:
    """Return the agency for which somebody answers.

    Raises:
        EnlaceError: there is none, as far as they may know.
    """
    id = agency_of(caller, named, Role.AGENCY)
    if not caller.holds(Role.AGENCY, id):
        raise unknown("agency")  # the district's administrator answers for nobody
    agency = await context.store.get(Agency, id)
    if agency is None or agency.retired:
        raise unknown("agency")
    return agency


def _on(shelf: Shelf, now: datetime) -> Wanted:
    """Return what tells whether an offer stands there; one that never went out stands nowhere."""

    def stands(offer: Offer) -> bool:
        late = offer.is_late(now)
        if offer.asked_at is None or (late and shelf is not Shelf.OVER):
            return False
        placed = any(offer.state in states for states in _STATES.values())
        return shelf in _STATES or late or not placed

    return stands


async def _find(context: Context, agency: str, id: str) -> Found | None:
    try:
        found = await offer_of(context.store, agency, id, what="offer")
    except EnlaceError:
        return None
    return found if found.offer.asked_at is not None else None


async def _place(context: Context, agency: str, cursor: str | None) -> Place | None:
    """Return where a list goes on: a cursor is an offer of the agency's own, and tells no more."""
    position = read_cursor(cursor)
    found = None if position is None else await _find(context, agency, position)
    if position is not None and found is None:
        raise cursor_malformed()
    return found.place if found else None


async def _rows(context: Context, found: Iterable[Found]) -> list[OwnOffer]:
    shown = list(found)
    store, now = context.store, context.clock.now()
    services = await by_id(store, Service, [each.offer.service for each in shown])
    threads = await by_id(store, Thread, [each.offering.id for each in shown])
    ids = [each.offer.id for each in shown]
    batches = [each async for each in store.find(Batch, {"items.offer": {"$in": ids}})]
    together = {item.offer: batch.id for batch in batches if batch.told for item in batch.items}
    rows = []
    for each in shown:
        offering, offer = each.offering, each.offer
        service, thread = services.get(offer.service), threads.get(offering.id)
        claim = offering.claim_of(offer.id)
        seen = may_see(offer, now, hidden=thread is not None and thread.hidden)
        rows.append(
            OwnOffer(
                offer=offer.id,
                service=offer.service,
                service_name=service.name if service else "",
                category=service.category if service else offering.category,
                bands=offering.bands if seen else None,
                site=offer.site,
                answer_by=to_the_minute(offer.answer_by),
                state=state_on(offer, now),
                claim_state=claim.state.value if claim else "none",
                progress=claim.progress if claim else None,
                appointment=claim.appointment if claim else None,
                decline_reason=offer.reason,
                batch=together.get(offer.id),
            )
        )
    return rows
