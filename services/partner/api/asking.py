"""An agency asks for more behind its link, before it answers."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, model_validator

from contracts.codes import QuestionTopic
from services.chassis.errors import TwoTonguesError
from services.chassis.fields import each_once
from services.chassis.http.commands import Body, fingerprint, set_etag
from services.partner.api.card import Card, card_of, open_link
from services.partner.api.context import Context
from services.partner.api.page_links import Link
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


def add_question(router: APIRouter, context: Context) -> None:
    """Add the question to what a link can say."""

    @router.post("/question")
    async def question(link: Link, body: QuestionBody, response: Response) -> Card:
        """Ask the school for more before answering; the offer stays open, its time runs on."""
        opened = await open_link(context, link)
        words = (body.words or "").strip()
        mark = fingerprint(context.secret, body) if words else ""
        await questions.ask(
            context.store,
            (opened.offering, opened.offer),
            questions.Asked(body.topics, words, mark),
            await context.district.needs(),
            context.clock,
            seal=context.seal_for,
        )
        card = await card_of(context, opened)
        set_etag(response, card.version)
        return card
