"""Whether a child attends, said by hand: for the children whom no roster names."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body, Identifier, IfMatch, expected_version, set_etag
from services.chassis.http.faults import TwoTonguesError
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.handlers import people
from services.referral.model.follow_up import local_date
from services.referral.model.people import Enrolment

_FIRST_YEAR = 1990


def _known(code: Enrolment) -> Enrolment:
    if not code.listed:
        codes = ", ".join(each.value for each in Enrolment)
        raise TwoTonguesError(f"write one of {codes}", f"escriba uno de {codes}")
    return code


def _likely(day: date) -> date:
    if day.year < _FIRST_YEAR:
        raise TwoTonguesError(
            "this cannot be the day: check the year", "este no puede ser el día: revise el año"
        )
    return day


class EnrolmentBody(Body):
    """Whether a child attends.

    Attributes:
        left_on: the first day without the child; left out: today. Only for one who has left.
    """

    enrolment: Annotated[Enrolment, AfterValidator(_known)]
    left_on: Annotated[date, AfterValidator(_likely)] | None = None


class EnrolmentView(Body):
    """Whether a child attends, and since when not."""

    id: str
    version: int
    enrolment: Enrolment
    left_on: date | None


def enrolment_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["people"])
    writers = Depends(Allow(Role.COORDINATOR, Role.ADMIN))

    @router.put("/students/{id}/enrolment")
    async def put_enrolment(
        id: Identifier,
        body: EnrolmentBody,
        response: Response,
        caller: Annotated[Principal, writers],
        if_match: IfMatch = None,
    ) -> EnrolmentView:
        """Say whether a child attends. The next roster that names the child has the last word."""
        student = await child_for(context, caller, id, Role.COORDINATOR)
        after = await people.set_enrolment(
            context.desk,
            student.id,
            body.enrolment,
            body.left_on,
            today=local_date(context.clock.now(), context.settings.zone),
            expected=expected_version(if_match),
        )
        set_etag(response, after.version)
        return EnrolmentView(
            id=after.id, version=after.version, enrolment=after.enrolment, left_on=after.left_on
        )

    return router
