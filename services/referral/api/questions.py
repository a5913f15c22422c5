"""What agencies want to know before they answer, over HTTP: read and answered, without identity."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, Field

from contracts.codes import AnswerWord, DayPart, InsuranceKind, Language, QuestionTopic, Urgency
from contracts.referrals import QuestionAnswer
from services.chassis.auth import Allow, Principal, Role
from services.chassis.fields import Moment, each_once
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    identifier,
    set_etag,
)
from services.chassis.languages import need_language
from services.referral.api.context import Context
from services.referral.api.meanwhile import told_meanwhile
from services.referral.api.sight import STAFF, visible
from services.referral.handlers import questions
from services.referral.model.question import AgencyQuestion
from services.referral.model.referral import Referral

AgeBand = Literal["0-4", "5-6", "7-9", "10-12", "13-15", "16-22"]
GradeBand = Literal["pre-k", "k-2", "3-5", "6-8", "9-12"]


class AnswerBody(Body):
    """What the agency is told: bands and codes that fit many children, and no words.

    Attributes:
        word: what holds for whatever has no band: `after-yes`, for example.
        answer_by: until when this agency may answer now; as before without it.
    """

    age: AgeBand | None = None
    grade: GradeBand | None = None
    times: Annotated[tuple[DayPart, ...], Field(max_length=3), AfterValidator(each_once)] = ()
    language: Language | None = None
    insurance: InsuranceKind | None = None
    urgency: Urgency | None = None
    word: AnswerWord | None = None
    answer_by: Moment | None = None


class QuestionView(Body):
    """What an agency wants to know; its words, where it has any, stand with its offer.

    Attributes:
        answer_by: until when the agency could answer, as it asked.
        answer: what it was told; null while it waits.
    """

    question: str
    offer: str
    agency: str
    topics: tuple[QuestionTopic, ...]
    asked_at: datetime
    answer_by: datetime
    answer: QuestionAnswer | None
    answered_by: str | None
    answered_at: datetime | None


class QuestionsView(Body):
    """What agencies have asked about a referral, the oldest first, and the version for If-Match.

    Attributes:
        known: what can be told of the child without telling who it is, as the agencies were asked.
    """

    referral: str
    version: int
    items: tuple[QuestionView, ...]
    known: QuestionAnswer


def questions_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/referrals/{id}/questions", tags=["referrals"])
    reader = Annotated[Principal, Depends(Allow(*STAFF))]
    writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]

    async def told(response: Response, referral: Referral) -> QuestionsView:
        set_etag(response, referral.version)
        found = await questions.of_referral(context.desk, referral.id)
        return QuestionsView(
            referral=referral.id,
            version=referral.version,
            items=tuple(_view(each) for each in found),
            known=_known(referral),
        )

    @router.get("")
    async def get_questions(id: Identifier, response: Response, caller: reader) -> QuestionsView:
        """Return what agencies want to know before they answer, and what they were told."""
        return await told(response, await visible(context, caller, id, *STAFF))

    @router.post("/{question}/answer")
    async def answer(  # noqa: PLR0917 - FastAPI passes the parts of a request by name
        id: Identifier,
        question: Identifier,
        body: AnswerBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> QuestionsView:
        """Answer an agency in bands and codes; the same answer again changes nothing."""
        referral = await visible(context, caller, id, Role.COORDINATOR)
        if body.language is not None:
            need_language(context.desk.rules().spoken, [body.language])
        said = QuestionAnswer.model_validate(body.model_dump(exclude={"answer_by"}))
        async with told_meanwhile(context, caller, referral):
            after = await questions.answer(
                context.desk,
                referral.id,
                identifier(question),
                said,
                caller.subject,
                answer_by=body.answer_by,
                expected=expected_version(if_match),
            )
        return await told(response, after)

    return router


def _view(each: AgencyQuestion) -> QuestionView:
    return QuestionView(
        question=each.id,
        offer=each.offer,
        agency=each.agency,
        topics=each.topics,
        asked_at=each.asked_at,
        answer_by=each.answer_by,
        answer=each.answer,
        answered_by=each.answered_by,
        answered_at=each.answered_at,
    )


def _known(referral: Referral) -> QuestionAnswer:
    bands = referral.bands
    return QuestionAnswer(
        age=bands.age if bands and bands.age != "any" else None,
        grade=bands.grade if bands else None,
        times=bands.times if bands else (),
        language=bands.language if bands else None,
        urgency=referral.urgency,
    )
