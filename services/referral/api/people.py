"""Families and students over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BeforeValidator, Field
from pymongo.errors import DuplicateKeyError

from contracts.codes import Channel, Language, Relation
from contracts.people import Profile
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import rule
from services.chassis.fields import Email, Id, LanguageTag, Phone, SchoolId, ZipCode, none_if_blank
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    fingerprint,
    identifier,
    set_etag,
)
from services.chassis.languages import need_language
from services.referral.api.children import child_for, household_for
from services.referral.api.context import Context
from services.referral.api.fields import (
    BirthDate,
    ClockTime,
    CustodyNote,
    Grade,
    Label,
    Name,
    Programmes,
    SisId,
)
from services.referral.api.moves import known_site
from services.referral.api.words import Warned, name_warnings, seal_words, warnings_of
from services.referral.handlers import people
from services.referral.handlers.erasures import need_not_erased
from services.referral.model.household import MAX_PHONES, ContactDetails, Insurance, check_contact
from services.referral.model.people import Contact, Family, Student, StudentRecord


class PhoneBody(Body):
    """One more number, and where it rings."""

    number: Phone
    label: Label = ""


class ContactBody(Body):
    """Somebody around a child. Without `may_be_told` nobody is ever texted.

    Attributes:
        reads: the language of messages.
        speaks: what they speak, apart from that.
        interpreter: whether one is needed.
        preferred: how messages go.
        reach_from: local time from which they like to be called and texted, and `reach_until`;
            texts keep to the hours of all besides.
        do_not_contact: nobody may turn to them on any way; never together with `may_be_told`.
        custody_note: what a court says; read by the coordinator and the district's admin alone.
        only_of: the children of whom they may be told; left out: all of the household.
    """

    id: Id
    relation: Relation
    given_name: Name
    family_name: Name | None = None
    reads: Language
    speaks: LanguageTag | None = None
    interpreter: bool | None = None
    phone: Phone | None = None
    phones: Annotated[tuple[PhoneBody, ...], Field(max_length=MAX_PHONES)] = ()
    email: Email | None = None
    preferred: Channel = Channel.SMS
    reach_from: ClockTime | None = None
    reach_until: ClockTime | None = None
    may_be_told: bool = False
    do_not_contact: bool = False
    custody_note: CustodyNote | None = None
    only_of: Annotated[tuple[Id, ...], Field(max_length=40)] | None = None


class FamilyBody(Body):
    """A household."""

    site: SchoolId
    contacts: Annotated[tuple[ContactBody, ...], Field(max_length=12)]


class StudentDetailsBody(Body):
    """Who a child is: all of it, for what is left out is not known.

    Attributes:
        insurance: its kind.
        programmes: marks by which reports are sliced.
        reads: the language in which the student would be written to.
        speaks: what the student speaks.
    """

    given_name: Name
    family_name: Name
    birth_date: BirthDate | None = None
    grade: Grade | None = None
    home_zip: ZipCode | None = None
    insurance: Insurance | None = None
    programmes: Programmes = ()
    reads: Language = Language.ENGLISH
    speaks: LanguageTag | None = None
    interpreter: bool | None = None


class StudentBody(StudentDetailsBody):
    """A child at a school."""

    site: SchoolId
    family: Id
    sis_id: Annotated[SisId | None, BeforeValidator(none_if_blank)] = None


class Sibling(Body):
    """Another child of the household."""

    id: str
    site: str


class Entered(Body):
    """What a create returns."""

    id: str
    version: int
    warnings: tuple[Warned, ...] = ()


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
        known_site(context, body.site)
        await need_not_erased(context.store, [identifier(each.id) for each in body.contacts])
        need_language(context.desk.rules().spoken, [each.reads for each in body.contacts])
        contacts = [await contact_of(context, each) for each in body.contacts]
        family = Family(
            id=identifier(id),
            site=body.site,
            contacts=tuple(contacts),
            fingerprint=fingerprint(context.secret, body),
        )
        entered = await people.put_family(context.desk, family)
        set_etag(response, entered.version)
        warnings = [
            warning
            for n, each in enumerate(body.contacts)
            for warning in contact_warnings(each, f"contacts.{n}.")
        ]
        return Entered(id=entered.id, version=entered.version, warnings=tuple(warnings))

    @router.put("/students/{id}")
    async def put_student(
        id: Identifier, body: StudentBody, response: Response, caller: Annotated[Principal, writers]
    ) -> Entered:
        """Enter a child of a household that the caller knows: one with somebody at their school.

        A brother or sister at another school comes into one household by a roster of the district,
        by who leads at both schools, or by a merge.
        """
        caller.need_site(body.site, Role.COORDINATOR, what="site")
        known_site(context, body.site)
        need_language(context.desk.rules().spoken, [body.reads])
        await need_not_erased(context.store, [identifier(id)])
        await household_for(context, caller, body.family)
        record, profile = _who(body), _profile(body)
        student = Student(
            id=identifier(id),
            site=body.site,
            family=identifier(body.family),
            record=await context.seal_for(id, record),
            fingerprint=fingerprint(context.secret, body),
            sis_key=context.sis_key(body.sis_id),
        )
        await _check_sis_id(context, student)
        sealed = await context.vault.seal(student.id, profile)
        try:
            entered = await people.put_student(context.desk, student, sealed)
        except DuplicateKeyError:
            await _check_sis_id(context, student)
            raise
        set_etag(response, entered.version)
        warnings = name_warnings(_names(body))
        return Entered(id=entered.id, version=entered.version, warnings=warnings)

    @router.get("/students/{id}")
    async def get_student(
        id: Identifier,
        response: Response,
        caller: Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))],
    ) -> dict[str, object]:
        """Return a child's record to the staff of its school."""
        student = await child_for(context, caller, id, Role.COORDINATOR, Role.CARE_TEAM)
        set_etag(response, student.version)
        return await _view(context, student)

    @router.put("/students/{id}/details")
    async def put_details(
        id: Identifier,
        body: StudentDetailsBody,
        response: Response,
        caller: Annotated[Principal, writers],
        if_match: IfMatch = None,
    ) -> dict[str, object]:
        """Correct who a child is. What a roster says later goes over it once it says otherwise."""
        student = await child_for(context, caller, id, Role.COORDINATOR)
        need_language(context.desk.rules().spoken, [body.reads])
        before = await context.record_of(student)
        record = _who(body).model_copy(update={"sis_id": before.sis_id})
        after = await people.change_student(
            context.desk,
            student.id,
            await seal_words(context, student.id, record.model_dump_json(exclude_none=True)),
            await context.vault.seal(student.id, _profile(body)),
            expected=expected_version(if_match),
        )
        set_etag(response, after.version)
        warnings = [each.model_dump(mode="json") for each in name_warnings(_names(body))]
        return {**await _view(context, after), "warnings": warnings}

    return router


def _names(body: StudentDetailsBody) -> list[tuple[str, str | None]]:
    return [("given_name", body.given_name), ("family_name", body.family_name)]


def contact_warnings(body: ContactBody, before: str = "") -> tuple[Warned, ...]:
    """Return what to look at again in what was written of somebody around a child.

    Args:
        body: as it was written.
        before: what stands before the fields' names.
    """
    names = [
        (f"{before}given_name", body.given_name),
        (f"{before}family_name", body.family_name),
        *((f"{before}phones.{n}.label", each.label) for n, each in enumerate(body.phones)),
    ]
    note = (f"{before}custody_note", body.custody_note)
    return (*name_warnings(names), *warnings_of([note]))


def _who(body: StudentDetailsBody) -> StudentRecord:
    told = body.model_dump(mode="json", exclude={"site", "family"})
    return StudentRecord.model_validate(told)


def _profile(body: StudentDetailsBody) -> Profile:
    return Profile(given_name=body.given_name, relation=Relation.SELF, reads=body.reads)


async def _view(context: Context, student: Student) -> dict[str, object]:
    record = await context.record_of(student)
    others = {"family": student.family, "_id": {"$ne": student.id}}
    siblings = [
        Sibling(id=each.id, site=each.site).model_dump()
        async for each in context.store.find(Student, others, limit=40)
    ]
    return {
        "id": student.id,
        "version": student.version,
        "site": student.site,
        "family": student.family,
        "enrolment": student.enrolment.value,
        "left_on": student.left_on.isoformat() if student.left_on else None,
        "siblings": siblings,
        **record.model_dump(mode="json"),
    }


async def _check_sis_id(context: Context, student: Student) -> None:
    """Let a child pass whose id in the school system nobody else has.

    Raises:
        EnlaceError: another child has it; the text names that child's school.
    """
    if student.sis_key is None:
        return
    query = {"sis_key": student.sis_key, "_id": {"$ne": student.id}}
    async for other in context.store.find(Student, query, limit=1):
        here, there = (context.sites.get(each.site).name for each in (student, other))
        raise rule(
            "sis-id-taken",
            f"A child at {there} has this id of the school system already; this one is at {here}. "
            "Nothing was entered: look the child up there, enter a transfer in a roll-over if it "
            "is the same, or correct the id.",
            es=f"Un niño de {there} ya tiene este número del sistema escolar; este está en {here}. "
            "No se guardó nada: búsquelo allí, ponga un traslado en el cambio de curso si es el "
            "mismo, o corrija el número.",
        )


async def contact_of(context: Context, body: ContactBody, known: Contact | None = None) -> Contact:
    """Return a contact as somebody wrote it, sealed; what rosters know them by stays.

    Raises:
        EnlaceError: nobody may turn to them, and yet they may be told.
    """
    id = identifier(body.id)
    check_contact(may_be_told=body.may_be_told, do_not_contact=body.do_not_contact)
    details = ContactDetails.model_validate(
        body.model_dump(mode="json", include=set(ContactDetails.model_fields))
    )
    profile = await context.seal_for(id, profile_of(body))
    return Contact(
        id=id,
        relation=body.relation,
        reads=body.reads,
        may_be_told=body.may_be_told,
        do_not_contact=body.do_not_contact,
        only_of=None if body.only_of is None else tuple(map(identifier, body.only_of)),
        profile=profile,
        details=None if details.empty else await context.vault.seal(id, details),
        roster=known.roster if known else None,
        said=known.said if known else {},
        sis_key=known.sis_key if known else None,
    )


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
        reach_from=contact.reach_from,
        reach_until=contact.reach_until,
    )
