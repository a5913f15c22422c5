"""An agency needs to know more before it answers: it asks behind its link. A GET shows."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from contracts.codes import QuestionTopic
from services.portal.pages.card import Card
from services.portal.pages.context import Pages
from services.portal.pages.doors import Door

Text = Annotated[str, Form(max_length=500)]
Topics = Annotated[list[Annotated[str, StringConstraints(max_length=32)]] | None, Form()]

TOPICS = tuple(each.value for each in QuestionTopic if each is not QuestionTopic.OTHER)
"""What can be chosen; something else is said in words."""

LONGEST_QUESTION = 300


def question_router(pages: Pages, door: Door | None = None) -> APIRouter:
    """Return the router; without a door, of the page behind a link."""
    card = Card(pages, door)
    router = APIRouter(prefix=f"{card.door.prefix}/ask", include_in_schema=False)

    @router.get("")
    async def what(request: Request, token: str) -> Response:
        """Ask what the agency needs to know before it answers."""
        return await card.step(request, token, "question.html", topics=TOPICS, wrote="")

    @router.post("")
    async def ask(request: Request, token: str, topic: Topics = None, words: Text = "") -> Response:
        """Ask the school for more; the offer stays open."""
        chosen = [each for each in topic or () if each in TOPICS]
        if (not chosen and not words.strip()) or len(words) > LONGEST_QUESTION:
            return await card.step(
                request,
                token,
                "question.html",
                status=422,
                topics=TOPICS,
                chosen=chosen,
                wrote=words,
                lacks=True,
            )
        body = {"topics": chosen, **({"words": words} if words.strip() else {})}
        return await card.act(request, token, "question", body)

    return router
