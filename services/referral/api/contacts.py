"""The people around a child over HTTP: staff read them, and decide who may be told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

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
from services.chassis.languages import need_language
from services.referral.api.children import family_for
from services.referral.api.context import Context
from services.referral.api.people import ContactBody, contact_of, contact_warnings
from services.referral.api.words import Warned
from services.referral.handlers import people
from services.referral.handlers.erasures import erased, need_not_erased
from services.referral.model.household import ContactDetails
from services.referral.model.people import Contact, Family, Student


class ContactView(ContactBody):
    """Somebody around a child, as staff of the school see them; sent back, it changes nothing.

    `custody_note` is None for whoever does not lead the school's referrals.
    """


class HouseholdChild(Body):
    """A child of the household."""

    id: str
    site: str
    attends: bool


class FamilyView(Body):
    """A household as staff of its children's schools see it.

    Attributes:
        absorbed: households that were merged into it.
        merged_into: the household into which this one was merged.
        warnings: texts that seem to hold what must never be stored.
    """

    id: str
    version: int
    site: str
    contacts: tuple[ContactView, ...]
    students: tuple[HouseholdChild, ...]
    absorbed: tuple[str, ...] = ()
    merged_into: str | None = None
    warnings: tuple[Warned, ...] = ()


def contacts_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/families", tags=["people"])
    reader = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    async def view(family: Family, caller: Principal) -> FamilyView:
        children = [
            HouseholdChild(id=each.id, site=each.site, attends=each.attends)
            async for each in context.store.find(Student, {"family": family.id}, limit=40)
        ]
        schools = family.schools(each.site for each in children)
        leads = bool({"*", *schools} & caller.sites(Role.COORDINATOR))
        return FamilyView(
            id=family.id,
            version=family.version,
            site=family.site,
            contacts=tuple([await _view(context, each, leads=leads) for each in family.contacts]),
            students=tuple(children),
            absorbed=family.absorbed,
            merged_into=family.merged_into,
        )

    @router.get("/{id}")
    async def get_family(id: Identifier, response: Response, caller: reader) -> FamilyView:
        """Return a household."""
        family = await family_for(context, caller, id, Role.COORDINATOR, Role.CARE_TEAM)
        if family.erased_at is not None:
            raise erased()
        set_etag(response, family.version)
        return await view(family, caller)

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
        need_language(context.desk.rules().spoken, [body.reads])
        await need_not_erased(context.store, [identifier(contact)])
        known = family.contact(identifier(contact))
        fresh = await contact_of(context, body, known)
        after = await people.put_contact(
            context.desk, family.id, fresh, expected=expected_version(if_match)
        )
        set_etag(response, after.version)
        found = await view(after, caller)
        return found.model_copy(update={"warnings": contact_warnings(body)})

    return router


async def _view(context: Context, contact: Contact, *, leads: bool) -> ContactView:
    profile = await context.vault.open_as(Profile, contact.profile)
    details = ContactDetails()
    if contact.details is not None:
        details = await context.vault.open_as(ContactDetails, contact.details)
    seen = details if leads else details.model_copy(update={"custody_note": None})
    return ContactView(
        id=contact.id,
        relation=contact.relation,
        given_name=profile.given_name,
        reads=contact.reads,
        phone=profile.phone,
        email=profile.email,
        preferred=profile.preferred,
        may_be_told=contact.may_be_told,
        do_not_contact=contact.do_not_contact,
        only_of=contact.only_of,
        **seen.model_dump(),
    )
