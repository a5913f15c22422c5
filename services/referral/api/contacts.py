"""The people around a child over HTTP: staff read them, and decide who may be told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.codes import Channel, Language, Relation
from contracts.people import Profile
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    identifier,
    set_etag,
)
from services.referral.api.children import family_for
from services.referral.api.context import Context
from services.referral.api.people import ContactBody, profile_of
from services.referral.handlers import people
from services.referral.handlers.erasures import erased, need_not_erased
from services.referral.model.people import Contact, Family


class ContactView(Body):
    """Somebody who can be told, as staff of the school see them."""

    id: str
    relation: Relation
    given_name: str
    reads: Language
    phone: str | None
    email: str | None
    preferred: Channel
    may_be_told: bool


class FamilyView(Body):
    """A household as staff of its school see it."""

    id: str
    version: int
    site: str
    contacts: tuple[ContactView, ...]


def contacts_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/families", tags=["people"])
    reader = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    async def view(family: Family) -> FamilyView:
        return FamilyView(
            id=family.id,
            version=family.version,
            site=family.site,
            contacts=tuple([await _view(context, each) for each in family.contacts]),
        )

    @router.get("/{id}")
    async def get_family(id: Identifier, response: Response, caller: reader) -> FamilyView:
        """Return a household."""
        family = await family_for(context, caller, id, Role.COORDINATOR, Role.CARE_TEAM)
        if family.erased_at is not None:
            raise erased()
        set_etag(response, family.version)
        return await view(family)

    @router.put("/{id}/contacts/{contact}")
    async def put_contact(  # noqa: PLR0917 - FastAPI passes them by name
        id: Identifier,
        contact: Identifier,
        body: ContactBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> FamilyView:
        """Change somebody around a child: address, language, and whether they may be told."""
        family = await family_for(context, caller, id, Role.COORDINATOR)
        if identifier(body.id) != identifier(contact):
            raise unknown("contact")
        await need_not_erased(context.store, [identifier(contact)])
        known = family.contact(identifier(contact))
        fresh = Contact(
            id=identifier(contact),
            relation=body.relation,
            reads=body.reads,
            may_be_told=body.may_be_told,
            profile=await context.seal_for(identifier(contact), profile_of(body)),
            roster=known.roster if known else None,
        )
        after = await people.put_contact(
            context.desk, family.id, fresh, expected=expected_version(if_match)
        )
        set_etag(response, after.version)
        return await view(after)

    return router


async def _view(context: Context, contact: Contact) -> ContactView:
    profile = await context.vault.open_as(Profile, contact.profile)
    return ContactView(
        id=contact.id,
        relation=contact.relation,
        given_name=profile.given_name,
        reads=contact.reads,
        phone=profile.phone,
        email=profile.email,
        preferred=profile.preferred,
        may_be_told=contact.may_be_told,
    )
