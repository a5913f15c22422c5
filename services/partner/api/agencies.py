"""Agencies over HTTP."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from contracts.agencies import ContactProfile
from contracts.codes import Channel, Language
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.fields import Email, Id, Phone, Sought
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.partner import store as reading
from services.partner.api.acting import need_entry, need_own_people
from services.partner.api.addresses import unconfirmed
from services.partner.api.context import (
    Context,
    Name,
    Reader,
    need_agency,
    own_agencies,
    seen,
)
from services.partner.handlers import directory
from services.partner.imports.wanted import address_hash, content_hash
from services.partner.model.agency import Agency, Contact
from services.partner.model.confirmed import Confirmed
from services.partner.model.confirming import morning_after
from services.partner.model.registered import registered


class ContactBody(Body):
    """A person at the agency. Offers go to the first who has a phone or an email address.

    Attributes:
        title: what they are there; left out, what is known stays.
        department: where they work there; the same.
    """

    id: Id
    name: Name
    reads: Language = Language.ENGLISH
    phone: Phone | None = None
    email: Email | None = None
    preferred: Channel = Channel.EMAIL
    title: Name | None = None
    department: Name | None = None


class AgencyBody(Body):
    """An agency, whole."""

    name: Name
    contacts: Annotated[tuple[ContactBody, ...], Field(max_length=50)] = ()
    description: str | None = Field(default=None, max_length=4_000)
    website: str | None = Field(default=None, max_length=500)
    retired: bool = False


class ContactView(Body):
    """A person at the agency; nothing but the id where they were erased."""

    id: str
    name: str | None
    reads: Language
    phone: str | None
    email: str | None
    preferred: Channel | None
    title: str | None
    department: str | None


class AgencySummary(Body):
    """An agency in a list.

    Attributes:
        reachable: whether an offer would find somebody there.
        confirmed: when it last said that its entries hold; null where it never has.
    """

    id: str
    version: int
    name: str
    retired: bool
    reachable: bool
    confirmed: Confirmed | None
    source: str | None


class AgencyView(AgencySummary):
    """An agency with its people.

    Attributes:
        unconfirmed: ids of those whose address was entered later, and that nobody else has said
            to be right: no one-time code goes there.
    """

    description: str | None
    website: str | None
    contacts: tuple[ContactView, ...]
    unconfirmed: tuple[str, ...]


Keeper = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN, Role.AGENCY_ADMIN))]


def agencies_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/agencies", tags=["agencies"])

    @router.put("/{id}")
    async def put_agency(
        id: Identifier,
        body: AgencyBody,
        response: Response,
        caller: Keeper,
        if_match: IfMatch = None,
    ) -> AgencyView:
        """Enter an agency; with `If-Match`, replace it.

        An agency's own staff change its people and its words; its name and whether it takes part
        are the district's. An address that is new waits for somebody else's yes.
        """
        expected = seen(if_match)
        await need_entry(context, caller, identifier(id))
        await context.district.need_language([each.reads for each in body.contacts])
        fresh = Agency(
            id=identifier(id),
            name=body.name,
            contacts=await _contacts(context, identifier(id), body.contacts),
            description=body.description,
            website=body.website,
            retired=body.retired,
            fingerprint=fingerprint(context.secret, body),
            next_due=morning_after(
                context.clock.now(), context.settings.entries_asked_every, context.settings.zone
            ),
        )
        kept = (
            *("source", "source_id", "source_fingerprint", "sourced", "differences", "offered"),
            "listing",
            *("confirmed", "asked", "asked_at", "confirmed_asking", "next_due"),
        )
        agency = await directory.put(
            context.store,
            fresh,
            expected=expected,
            tell=Agency.event,
            keep=kept,
            allow=lambda known: need_own_people(caller, known, fresh),
            finish=lambda known, after: registered(known, after, caller.subject),
        )
        set_etag(response, agency.version)
        return await _view(context, agency)

    @router.get("")
    async def list_agencies(
        caller: Reader,
        q: Annotated[Sought | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[AgencySummary]:
        """List agencies by name; an agency's staff see their own."""
        query = reading.by_name(read_cursor(cursor), q)
        own = own_agencies(caller)
        if own is not None:
            query["$and"] = [{"_id": {"$in": own}}]
        found = await reading.list_named(context.store, Agency, query, limit=limit + 1)
        page = found[:limit]
        return Page[AgencySummary](
            items=[_summary(each) for each in page],
            next=write_cursor(reading.position(page[-1])) if len(found) > limit else None,
        )

    @router.get("/{id}")
    async def get_agency(id: Identifier, response: Response, caller: Reader) -> AgencyView:
        """Return one agency with its people."""
        agency = await context.store.get(Agency, identifier(id))
        if agency is None:
            raise unknown("agency")
        need_agency(caller, agency.id, "agency")
        set_etag(response, agency.version)
        return await _view(context, agency)

    return router


async def _contacts(
    context: Context, agency: str, bodies: Sequence[ContactBody]
) -> tuple[Contact, ...]:
    """Return people as they are kept; of what a body leaves out, what is known."""
    found = await context.store.get(Agency, agency)
    known = {each.id: each for each in found.contacts} if found else {}
    contacts = []
    for each in bodies:
        before = known.get(identifier(each.id))
        stands = await context.profile(before.profile) if before else None
        contacts.append(await _contact(context, each, stands))
    return tuple(contacts)


async def _contact(context: Context, body: ContactBody, stands: ContactProfile | None) -> Contact:
    id = identifier(body.id)
    told = body.model_fields_set
    profile = ContactProfile(
        name=body.name,
        reads=body.reads,
        phone=body.phone,
        email=body.email,
        preferred=body.preferred,
        zone=context.settings.zone,
        title=body.title if "title" in told or stands is None else stands.title,
        department=(
            body.department if "department" in told or stands is None else stands.department
        ),
    )
    return Contact(
        id=id,
        reads=body.reads,
        channels=channels_of(profile),
        profile=await context.seal_for(id, profile),
        mark=content_hash(context.secret, profile),
        address=address_hash(context.secret, profile),
    )


def channels_of(profile: ContactProfile) -> tuple[Channel, ...]:
    """Return by which channels a contact can be reached."""
    known = {Channel.EMAIL: profile.email, Channel.SMS: profile.phone}
    return tuple(channel for channel, address in known.items() if address)


def _summary(agency: Agency) -> AgencySummary:
    return AgencySummary(
        id=agency.id,
        version=agency.version,
        name=agency.name,
        retired=agency.retired,
        reachable=agency.answers is not None,
        confirmed=agency.confirmed,
        source=agency.source,
    )


async def _view(context: Context, agency: Agency) -> AgencyView:
    profiles = await asyncio.gather(*[context.profile(each.profile) for each in agency.contacts])
    return AgencyView(
        **_summary(agency).model_dump(),
        description=agency.description,
        website=agency.website,
        unconfirmed=unconfirmed(agency),
        contacts=tuple(
            ContactView(
                id=contact.id,
                reads=contact.reads,
                name=profile.name if profile else None,
                phone=profile.phone if profile else None,
                email=profile.email if profile else None,
                preferred=profile.preferred if profile else None,
                title=profile.title if profile else None,
                department=profile.department if profile else None,
            )
            for contact, profile in zip(agency.contacts, profiles, strict=True)
        ),
    )
