"""Families and students over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, Field, StringConstraints

from contracts.codes import Channel, Language, Relation
from contracts.people import Profile
from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body, Identifier, fingerprint, identifier, set_etag
from services.chassis.people import phone_number
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.handlers import people
from services.referral.handlers.erasures import need_not_erased
from services.referral.model.people import Contact, Family, Student, StudentRecord

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(phone_number)]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", to_lower=True)
]


class ContactBody(Body):
    """Somebody who can be told. Without `may_be_told` nobody is ever texted."""

    id: str
    relation: Relation
    given_name: Name
    reads: Language
    phone: Phone | None = None
    email: Email | None = None
    preferred: Channel = Channel.SMS
    may_be_told: bool = False


class FamilyBody(Body):
    """A household."""

    site: str = Field(max_length=64)
    contacts: Annotated[tuple[ContactBody, ...], Field(max_length=12)]


class StudentBody(Body):
    """A child at a school."""

    site: str = Field(max_length=64)
    family: str
    given_name: Name
    family_name: Name
    birth_date: date | None = None
    grade: str | None = Field(default=None, max_length=8)
    home_zip: str | None = Field(default=None, pattern=r"^\d{5}$")
    insurance: str | None = Field(default=None, max_length=40)
    sis_id: str | None = Field(default=None, max_length=64)
    reads: Language = Language.ENGLISH


class Entered(Body):
    """What a create returns."""

    id: str
    version: int


def people_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["people"])
    writers = Depends(Allow(Role.COORDINATOR, Role.ADMIN))

    @router.put("/families/{id}")
    async def put_family(
        id: Identifier, body: FamilyBody, response: Response, caller: Annotated[Principal, writers]
    ) -> Entered:
        """Enter a household; a repeat with the same body is the same answer."""
        caller.need_site(body.site, Role.COORDINATOR, what="site")
        await need_not_erased(context.store, [identifier(each.id) for each in body.contacts])
        contacts = [
            Contact(
                id=identifier(each.id),
                relation=each.relation,
                reads=each.reads,
                may_be_told=each.may_be_told,
                profile=await context.seal_for(each.id, profile_of(each)),
            )
            for each in body.contacts
        ]
        family = Family(
            id=identifier(id),
            site=body.site,
            contacts=tuple(contacts),
            fingerprint=fingerprint(context.secret, body),
        )
        entered = await people.put_family(context.desk, family)
        set_etag(response, entered.version)
        return Entered(id=entered.id, version=entered.version)

    @router.put("/students/{id}")
    async def put_student(
        id: Identifier, body: StudentBody, response: Response, caller: Annotated[Principal, writers]
    ) -> Entered:
        """Enter a child of a known family."""
        caller.need_site(body.site, Role.COORDINATOR, what="site")
        await need_not_erased(context.store, [identifier(id)])
        record = StudentRecord.model_validate(body.model_dump(exclude={"site", "family", "reads"}))
        profile = Profile(given_name=body.given_name, relation=Relation.SELF, reads=body.reads)
        student = Student(
            id=identifier(id),
            site=body.site,
            family=identifier(body.family),
            record=await context.seal_for(id, record),
            fingerprint=fingerprint(context.secret, body),
            sis_key=context.sis_key(body.sis_id),
        )
        sealed = await context.vault.seal(student.id, profile)
        entered = await people.put_student(context.desk, student, sealed)
        set_etag(response, entered.version)
        return Entered(id=entered.id, version=entered.version)

    @router.get("/students/{id}")
    async def get_student(
        id: Identifier,
        caller: Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))],
    ) -> dict[str, object]:
        """Return a child's record to the staff of its school."""
        student = await child_for(context, caller, id, Role.COORDINATOR, Role.CARE_TEAM)
        record = await context.record_of(student)
        return {
            "id": student.id,
            "site": student.site,
            "family": student.family,
            **record.model_dump(mode="json"),
        }

    return router


def profile_of(contact: ContactBody) -> Profile:
    """Return what other services may read of a contact, once sealed."""
    return Profile(
        given_name=contact.given_name,
        relation=contact.relation,
        reads=contact.reads,
        phone=contact.phone,
        email=contact.email,
        preferred=contact.preferred,
        may_be_told=contact.may_be_told,
    )
