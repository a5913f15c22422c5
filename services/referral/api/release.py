"""What leaves the school: identity to an agency, leave to send a message."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from contracts.codes import Language, NotSentReason, ReleasedPart, Template
from contracts.people import Profile
from contracts.sealed import Sealed
from services.chassis.auth import ACCOUNT_CLAIM, Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.fields import Id
from services.chassis.http.commands import Body, Identifier, identifier
from services.referral.api.context import Context
from services.referral.api.family_status import open_page
from services.referral.api.notes import notes_for_partner
from services.referral.handlers import release
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral
from services.referral.model.telling import AGENCY_TEMPLATES, ON_CONSENT, Telling, refusal


class Identity(Body):
    """Who the child is, as far as the consent lets this agency read."""

    referral: str
    name: str | None = None
    birth_date: str | None = None
    grade: str | None = None
    language: Language | None = None
    need: str | None = None
    contacts: tuple[dict[str, str], ...] = ()
    notes: tuple[str, ...] = ()


class MessageCheck(Body):
    """A message that is about to go out, with the asking, yes or appointment that it tells of."""

    referral: Id
    template: Template
    person: Id
    round: int | None = Field(default=None, ge=1, le=1_000_000)
    claim: Id | None = None
    appointment: AwareDatetime | None = None


class MessageVerdict(Body):
    """Whether it may, and why not.

    Attributes:
        wait_until: not yet: the asking that it tells of can be undone until then, and nobody has
            acted; ask again before, for somebody may act.
    """

    may_send: bool
    reason: NotSentReason | None = None
    wait_until: datetime | None = None


def release_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["release"])

    @router.get("/referrals/{id}/identity")
    async def read_identity(
        id: Identifier, caller: Annotated[Principal, Depends(Allow(Role.CLAIMANT))]
    ) -> Identity:
        """Let the agency that took the child read who it is; every reading is a disclosure."""
        claims = caller.claims
        if caller.subject != "partner" or claims.get("referral") != identifier(id):
            raise unknown("referral")
        referral, parts = await release.disclose(
            context.desk,
            identifier(id),
            str(claims["claim"]),
            str(claims["agency"]),
            frozenset(str(claims.get("meets", "")).split()),
            reader=claims.get(ACCOUNT_CLAIM),
        )
        return await _identity(context, referral, parts)

    @router.post("/message-checks")
    async def check_message(
        body: MessageCheck, caller: Annotated[Principal, Depends(Allow(Role.SERVICE))]
    ) -> MessageVerdict:
        """Tell notify whether the cause still holds and the person may be told, just now."""
        del caller
        referral = await context.store.get(Referral, identifier(body.referral))
        family = await context.store.get(Family, referral.family) if referral else None
        covered = (
            referral is not None
            and body.template in ON_CONSENT
            and await release.covered(context.desk, referral)
        )
        telling = Telling(body.template, body.person, body.round, body.claim, body.appointment)
        reason = refusal(referral, family, telling, covered=covered)
        if referral is not None and reason is None:
            until = await release.undo_until(context.desk, referral, body.template)
            if until is None and body.template not in AGENCY_TEMPLATES:
                # The text has their link to where things stand: from now on it works.
                await open_page(context, referral, body.person)
            return MessageVerdict(may_send=until is None, wait_until=until)
        return MessageVerdict(may_send=reason is None, reason=reason)

    return router


async def _identity(
    context: Context, referral: Referral, parts: tuple[ReleasedPart, ...]
) -> Identity:
    student = await context.store.get(Student, referral.student)
    family = await context.store.get(Family, referral.family)
    if student is None or family is None:
        raise unknown("referral")
    record = await context.record_of(student)
    shown = set(parts)
    identity = Identity(referral=referral.id)
    fields: dict[str, object] = {}
    if ReleasedPart.NAME in shown:
        fields["name"] = f"{record.given_name} {record.family_name}"
        fields["birth_date"] = record.birth_date.isoformat() if record.birth_date else None
    if ReleasedPart.GRADE in shown:
        fields["grade"] = record.grade
    if ReleasedPart.LANGUAGE in shown:
        fields["language"] = family.reads
    if ReleasedPart.NEED in shown:
        fields["need"] = await context.vault.open(referral.need)
    if ReleasedPart.CONTACT in shown:
        fields["contacts"] = tuple(
            [
                await _contact(context, each.profile)
                for each in family.contacts
                if each.hears_of(student.id)
            ]
        )
    if ReleasedPart.NOTES in shown:
        fields["notes"] = await notes_for_partner(context, referral.id)
    return identity.model_copy(update=fields)


async def _contact(context: Context, sealed: Sealed) -> dict[str, str]:
    profile = await context.vault.open_as_if(Profile, sealed)
    if profile is None:
        return {}
    shown = {
        "name": profile.given_name,
        "relation": profile.relation.value,
        "reads": profile.reads.value,
        "phone": profile.phone,
        "email": profile.email,
    }
    return {name: value for name, value in shown.items() if value is not None}
