"""The page on which an agency confirms that it has deleted: a GET shows, a POST acts."""

from datetime import date, datetime

from fastapi import APIRouter, Depends

from services.chassis.auth import Allow
from services.chassis.http.commands import Body
from services.partner.api.context import Context
from services.partner.api.page_links import Link, opened
from services.partner.handlers import deletions
from services.partner.model.agency import Agency
from services.partner.model.deletion import AskedDeletion, DeletionLink
from services.partner.model.offering import Offering
from services.partner.model.service import Service
from services.partner.store import by_id


class ConfirmBody(Body):
    """A command that needs no words."""


class ReadReferral(Body):
    """A referral for which the agency read who the child is, without a name.

    Attributes:
        referral: its id; the agency's answer page of it has the same.
        service_name: the agency's own service that took the child.
        taken_at: when the agency said yes; null where it is not known any more.
    """

    referral: str
    service_name: str
    taken_at: datetime | None


class AskedPage(Body):
    """What an agency is asked to delete.

    Attributes:
        site: the school that asks; null where it is not known.
        due_on: the last day for the confirmation.
        confirmed_at: when the confirmation came; null while it is missing.
    """

    request: str
    agency_name: str
    site: str | None
    referrals: tuple[ReadReferral, ...]
    asked_at: datetime
    due_on: date
    confirmed_at: datetime | None


def deletions_router(context: Context) -> APIRouter:
    """Return the router. A link is the key: nobody signs in here."""
    router = APIRouter(
        prefix="/v1/deletion-answers", tags=["deletions"], dependencies=[Depends(Allow())]
    )

    @router.get("")
    async def show(link: Link) -> AskedPage:
        """Show what is to be deleted; whoever opens a link, a mail scanner too, changes nothing."""
        return await _page(context, await _opened(context, link))

    @router.post("/confirm")
    async def confirm(link: Link, body: ConfirmBody) -> AskedPage:
        """Take the agency's word that it has deleted what it read; a repeat changes nothing."""
        del body
        asked = await _opened(context, link)
        after = await deletions.confirm(context.store, asked.id, context.clock)
        return await _page(context, after)

    return router


async def _opened(context: Context, token: str) -> AskedDeletion:
    async def asked(link: DeletionLink) -> AskedDeletion | None:
        return await context.store.get(AskedDeletion, link.request)

    found, _ = await opened(context, DeletionLink, token, asked)
    return found


async def _page(context: Context, asked: AskedDeletion) -> AskedPage:
    agency = await context.store.get(Agency, asked.agency)
    offerings = await by_id(context.store, Offering, asked.referrals)
    read = [await _read(context, asked, each, offerings.get(each)) for each in asked.referrals]
    return AskedPage(
        request=asked.id,
        agency_name=agency.name if agency else "",
        site=asked.site,
        referrals=tuple(read),
        asked_at=asked.asked_at,
        due_on=asked.due_on,
        confirmed_at=asked.confirmed_at,
    )


async def _read(
    context: Context, asked: AskedDeletion, referral: str, offering: Offering | None
) -> ReadReferral:
    """Return by what the agency knows which referral is meant: its own service, and when."""
    theirs = [
        (claim, offer)
        for claim in (offering.claims if offering else ())
        if (offer := offering.offer(claim.offer) if offering else None) is not None
        and offer.agency == asked.agency
    ]
    if not theirs:
        return ReadReferral(referral=referral, service_name="", taken_at=None)
    claim, offer = theirs[-1]
    service = await context.store.get(Service, offer.service)
    return ReadReferral(
        referral=referral,
        service_name=service.name if service else "",
        taken_at=claim.made_at,
    )
