"""An agency asks for more behind its link, before it answers."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator, Field, model_validator

from contracts.codes import QuestionTopic
from contracts.sealed import Sealed
from services.chassis.errors import TwoTonguesError
from services.chassis.fields import each_once
from services.chassis.http.commands import Body, fingerprint, set_etag
from services.partner.api.card import Card, Opened, card_of
from services.partner.api.context import Context
from services.partner.handlers import questions

Topics = Annotated[tuple[QuestionTopic, ...], Field(max_length=10), AfterValidator(each_once)]


class QuestionBody(Body):
    """What the agency wants to know before it answers; never who the child is.

    Attributes:
        topics: what it is about; none: something else.
        words: what else, in a few words that name nobody; not where codes are all that is told.
    """

    topics: Topics = ()
    words: str | None = Field(default=None, max_length=300)

    @model_validator(mode="after")
    def _said(self) -> Self:
        if not self.topics and not (self.words or "").strip():
            raise TwoTonguesError(
                "choose what you want to know, or say it in a few words",
                "elija qué quiere saber, o dígalo en pocas palabras",
            )
        return self


def add_question(
    router: APIRouter, context: Context, opener: Callable[..., Awaitable[Opened]]
) -> None:
    """Add the question to what an agency can say, whichever way it came."""
    behind = Annotated[Opened, Depends(opener)]

    @router.post("/question")
    async def question(opened: behind, body: QuestionBody, response: Response) -> Card:
        """Ask the school for more before answering; the offer stays open, its time runs on."""

        async def seal(_: str, words: str) -> Sealed:
            return await context.seal_for(opened.contact, words)

        words = (body.words or "").strip()
        mark = fingerprint(context.secret, body) if words else ""
        await questions.ask(
            context.store,
            (opened.offering, opened.offer),
            questions.Asked(body.topics, words, mark),
            await context.district.needs(),
            context.clock,
            seal=seal,
        )
        card = await card_of(context, opened)
        set_etag(response, card.version)
        return card
