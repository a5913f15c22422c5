"""Where things stand, for whoever of a family was told, behind the link in their text."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header

from contracts.codes import Audience, Language, LinkPurpose
from contracts.people import Profile
from services.chassis.auth import Allow
from services.chassis.errors import unknown
from services.chassis.http.commands import Body
from services.chassis.links import derive_token, hash_token
from services.chassis.store import Change, Found, Ref
from services.referral.api.context import Context
from services.referral.model.household import language_of
from services.referral.model.people import Family, Student
from services.referral.model.referral import BusinessStatus, Referral, State
from services.referral.store import FamilyLink

_RENEWED_AFTER = timedelta(days=1)
"""A link that was renewed later than that ago is renewed: two texts a day need no two writes."""


class FamilyStatus(Body):
    """Where things stand, for a family that holds its link. No need is named here."""

    referral: str
    greeting: str
    reads: Language
    child: str
    coordinator: str
    site: str
    state: State
    business: BusinessStatus | None
    appointment: datetime | None


def family_status_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["release"])

    @router.get("/family-status", dependencies=[Depends(Allow())])
    async def family_status(
        link: Annotated[str, Header(alias="X-Enlace-Link", max_length=64)],
    ) -> FamilyStatus:
        """Tell a family where things stand; the link's token is the key."""
        known = await context.store.get(FamilyLink, hash_token(link))
        if known is None or known.expires <= context.clock.now():
            raise unknown("page")
        return await _status(context, known)

    return router


async def open_page(context: Context, referral: Referral, person: str) -> None:
    """Let the link in a text to this person show where things stand, for as long as links live.

    Asked as the text goes out: whoever hears of a referral has a link that works, also who came to
    hear long after the need was written down. Nobody else has one.
    """
    token = derive_token(
        context.link_key,
        purpose=LinkPurpose.FAMILY_STATUS,
        subject=referral.id,
        recipient=person,
        nonce=referral.nonce,
    )
    ref = Ref(FamilyLink, hash_token(token))
    expires = context.clock.now() + context.settings.link_lifetime

    def keep(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None:
            fresh = FamilyLink(id=ref.id, referral=referral.id, contact=person, expires=expires)
            return Change(None, [fresh])
        if expires - known.expires < _RENEWED_AFTER:
            return Change(None)
        return Change(None, [known.having(expires=expires)])

    await context.store.update([ref], keep)


async def _status(context: Context, link: FamilyLink) -> FamilyStatus:
    referral = await context.store.get(Referral, link.referral)
    student = await context.store.get(Student, referral.student) if referral else None
    if referral is None or student is None:
        raise unknown("page")
    greeting, reads = await _reader(context, referral, student, link.contact)
    record = await context.known_record(student)
    return FamilyStatus(
        referral=referral.id,
        greeting=greeting,
        reads=reads,
        child=record.given_name if record else "",
        coordinator=referral.coordinator,
        site=referral.site,
        state=referral.state,
        business=referral.business,
        appointment=referral.appointment,
    )


async def _reader(
    context: Context, referral: Referral, student: Student, person: str
) -> tuple[str, Language]:
    """Return the name and the language of whoever holds a link, while they may be told.

    Raises:
        EnlaceError: they may not: a student's own affair is on the student's page alone.
    """
    if person == student.id and referral.audience is Audience.STUDENT:
        record = await context.known_record(student)
        if record is None:
            raise unknown("page")
        return record.given_name, language_of(record.reads, context.desk.rules().spoken)
    family = await context.store.get(Family, referral.family)
    contact = family.contact(person) if family else None
    heard = contact is not None and contact.hears_of(student.id)
    if contact is None or not heard or referral.audience is not Audience.GUARDIAN:
        raise unknown("page")
    profile = await context.vault.open_as_if(Profile, contact.profile)
    if profile is None:
        raise unknown("page")
    return profile.given_name, profile.reads
