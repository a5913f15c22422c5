"""Consent over HTTP."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import Field, model_validator

from contracts.categories import Category
from contracts.codes import ReleasedPart
from contracts.consents import ConsentMethod
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import Body, Identifier, fingerprint, identifier
from services.referral.api.context import Context
from services.referral.handlers import consents
from services.referral.model.consent import Consent
from services.referral.model.follow_up import local_date
from services.referral.model.people import Student


class ConsentBody(Body):
    """A consent as FERPA asks for it: records, party, purpose (the needs), and until when.

    Attributes:
        given_by: a contact's id; the student's own where the law lets a minor consent alone.
        witness: who heard a verbal consent; needed for one.
    """

    student: str
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=20)]
    agencies: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    parts: Annotated[tuple[ReleasedPart, ...], Field(min_length=1, max_length=10)]
    method: ConsentMethod
    witness: str | None = Field(default=None, max_length=100)
    given_by: str
    until: date

    @model_validator(mode="after")
    def _known_and_witnessed(self) -> Self:
        if not all(each.listed for each in (*self.categories, *self.parts, self.method)):
            raise ValueError("a code is not known here: see the API's documentation for the list")
        if self.method is ConsentMethod.VERBAL_WITNESSED and not self.witness:
            raise ValueError("a verbal consent needs its witness")
        return self


def consents_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["consents"])
    staff = Depends(Allow(Role.COORDINATOR, Role.ADMIN))

    async def student_for(caller: Principal, id: str) -> Student:
        student = await context.store.get(Student, identifier(id))
        if student is None:
            raise unknown("student")
        caller.need_site(student.site, Role.COORDINATOR, what="student")
        return student

    @router.put("/consents/{id}")
    async def put_consent(
        id: Identifier, body: ConsentBody, caller: Annotated[Principal, staff]
    ) -> dict[str, str]:
        """Enter a consent for a child."""
        student = await student_for(caller, body.student)
        consent = Consent(
            id=identifier(id),
            categories=body.categories,
            agencies=body.agencies,
            parts=body.parts,
            method=body.method,
            witness=body.witness,
            given_by=identifier(body.given_by),
            given_on=local_date(context.clock.now(), context.settings.zone),
            until=body.until,
            fingerprint=fingerprint(context.secret, body),
        )
        entered = await consents.put_consent(context.desk, student.id, consent)

        return {"id": entered.id}

    @router.post("/students/{student}/consents/{id}/revoke")
    async def revoke_consent(
        student: Identifier, id: Identifier, caller: Annotated[Principal, staff]
    ) -> dict[str, str]:
        """Take a consent back: from now on nothing is released under it."""
        child = await student_for(caller, student)
        await consents.revoke_consent(context.desk, child.id, identifier(id))
        return {"id": id}

    return router
