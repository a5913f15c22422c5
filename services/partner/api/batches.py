"""The page of many offers that were made at once: a GET shows, a POST takes so many of them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from contracts.categories import Category
from contracts.codes import LinkPurpose
from contracts.referrals import Bands
from services.chassis.auth import Allow
from services.chassis.http.commands import Body
from services.chassis.links import derive_token
from services.partner.api.answers import DeclineBody
from services.partner.api.card import SeatsView, seats_view
from services.partner.api.context import Context
from services.partner.api.page_links import Link, opened, over
from services.partner.handlers import attendance, batches
from services.partner.model.agency import Agency
from services.partner.model.answers import need_coded
from services.partner.model.batch import MOST, Batch, BatchLink, Take
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.offering import STANDING, Offer, Offering, OfferState
from services.partner.model.seeing import may_see, state_on
from services.partner.model.service import Service
from services.partner.store import by_id

Turn = Annotated[int, Field(ge=0, le=1_000)]


class TakeBody(Body):
    """How many the agency takes of those that are open.

    Attributes:
        turn: as the page showed it, so that a word counts once.
    """

    take: Annotated[int, Field(ge=1, le=MOST)]
    turn: Turn


class DeclineAllBody(DeclineBody):
    """Why the agency takes none of those that are open; `turn` as the page showed it."""

    turn: Turn


class RowView(Body):
    """One family, without anything that tells who it is.

    Attributes:
        bands: null of one that is closed to the agency, which tells no more of the family.
        place: the order in which they are taken; null for one that is open no longer.
        ours: the agency has taken it.
        token: opens the offer's own page, of one that the agency has taken; behind a link alone.
    """

    offer: str
    bands: Bands | None
    state: OfferState
    place: int | None
    ours: bool
    token: str | None


class SaidView(Body):
    """The agency's last word: how many it wanted, and how many it has got by it."""

    wants: int
    got: int


class BatchPage(Body):
    """Families that one school asks for at once.

    Attributes:
        open: how many can be taken.
        taken: how many the agency has.
        seats: null where the agency never told them.
        turn: how many words were said; send it with the next one.
        codes_alone: this need is declined by a code: no words.
        pending: the last word is still being carried out.
    """

    agency_name: str
    service_name: str
    category: Category
    site: str
    answer_by: datetime
    open: int
    taken: int
    seats: SeatsView | None
    turn: int
    codes_alone: bool
    pending: bool
    last: SaidView | None
    rows: tuple[RowView, ...]


Opener = Callable[..., Awaitable[Batch]]
"""A dependency that finds the batch, and says who may answer it."""


def batches_router(context: Context) -> APIRouter:
    """Return the router. A link is the key: nobody signs in here."""
    router = APIRouter(
        prefix="/v1/batch-answers", tags=["answers"], dependencies=[Depends(Allow())]
    )

    async def by_link(link: Link) -> Batch:
        return await _opened(context, link)

    add_batch_answers(router, context, by_link, linked=True)
    return router


def add_batch_answers(router: APIRouter, context: Context, opener: Opener, *, linked: bool) -> None:
    """Add how a batch is shown and answered, whichever way it was opened.

    Args:
        router: of the endpoints.
        context: of the endpoints.
        opener: finds the batch.
        linked: what was taken is opened by links of its own.
    """
    behind = Annotated[Batch, Depends(opener)]

    async def said(batch: Batch, word: Take, turn: int) -> BatchPage:
        await batches.say(context.store, batch.id, word, turn=turn)
        await batches.carry_out(context.store, batch.id, context.moments)
        fresh = await context.store.get(Batch, batch.id) or batch
        return await page_of(context, fresh, linked=linked)

    @router.get("")
    async def show(batch: behind) -> BatchPage:
        """Show what was offered; whoever opens a link, a mail scanner too, changes nothing."""
        return await page_of(context, batch, linked=linked)

    @router.post("/take")
    async def take(batch: behind, body: TakeBody) -> BatchPage:
        """Take so many, whoever goes first on a waitlist first; the others stay open.

        Each is taken by itself, with its seat: where seats run out, what was taken stays so.
        """
        return await said(batch, Take(id=f"page-{body.turn}", wants=body.take), body.turn)

    @router.post("/decline")
    async def decline(batch: behind, body: DeclineAllBody) -> BatchPage:
        """Take none of those that are open, with the reason, which counts for each of them."""
        await context.district.need_reason(body.reason)
        words = (body.words or "").strip()
        if await _codes_alone(context, batch):
            need_coded(body.reason, words)
        sealed = await context.seal_for(batch.contact, words) if words else None
        word = Take(id=f"page-{body.turn}", wants=0, reason=body.reason, words=sealed)
        return await said(batch, word, body.turn)


async def _codes_alone(context: Context, batch: Batch) -> bool:
    needs = await context.district.needs()
    return await attendance.batch_in_codes(context.store, batch, needs)


async def _opened(context: Context, token: str) -> Batch:
    async def asked(link: BatchLink) -> Batch | None:
        return await context.store.get(Batch, link.batch)

    found, agency = await opened(context, BatchLink, token, asked)
    if agency.retired:
        raise over()
    return found


async def page_of(context: Context, batch: Batch, *, linked: bool) -> BatchPage:
    """Return the page of a batch; `linked`: with links to what was taken."""
    store, now = context.store, context.clock.now()
    agency = await store.get(Agency, batch.agency)
    service = await store.get(Service, batch.service)
    capacity = await store.get(Capacity, capacity_id(batch.service, batch.site))
    offerings = await by_id(store, Offering, [each.referral for each in batch.items])
    places = {
        each.offer: n
        for n, each in enumerate(await batches.open_items(store, batch, context.moments), 1)
    }
    rows = [
        _row(context, batch, offering, offer, places.get(offer.id), now, linked=linked)
        for each in batch.items
        if (offering := offerings.get(each.referral)) is not None
        and (offer := offering.offer(each.offer)) is not None
    ]
    rows.sort(key=lambda row: (row.place is None, row.place or 0, not row.ours))
    last = batch.takes[-1] if batch.takes else None
    return BatchPage(
        agency_name=agency.name if agency else "",
        service_name=service.name if service else "",
        category=service.category if service else Category("other"),
        site=batch.site,
        answer_by=batch.answer_by,
        open=len(places),
        taken=sum(each.ours for each in rows),
        seats=seats_view(context, capacity),
        turn=len(batch.takes),
        codes_alone=await _codes_alone(context, batch),
        pending=batch.pending,
        last=SaidView(wants=last.wants, got=last.got) if last else None,
        rows=tuple(rows),
    )


def _row(  # noqa: PLR0917 - what a row is made of
    context: Context,
    batch: Batch,
    offering: Offering,
    offer: Offer,
    place: int | None,
    now: datetime,
    *,
    linked: bool,
) -> RowView:
    claim = offering.claim_of(offer.id)
    ours = claim is not None and claim.state in STANDING
    return RowView(
        offer=offer.id,
        bands=offering.bands if may_see(offer, now) else None,
        state=state_on(offer, now),
        place=place,
        ours=ours,
        token=_token(context, batch, offer) if ours and linked else None,
    )


def _token(context: Context, batch: Batch, offer: Offer) -> str:
    return derive_token(
        context.link_key,
        purpose=LinkPurpose.AGENCY_ANSWER,
        subject=offer.id,
        recipient=batch.contact,
        nonce=offer.nonce,
    )
