"""Agencies' questions as an agency reads its own, and as the school's staff read them."""

from datetime import datetime

from contracts.codes import QuestionTopic
from contracts.referrals import QuestionAnswer
from services.chassis.http.commands import Body
from services.partner.api.context import Context
from services.partner.model.offering import Offer
from services.partner.model.told import to_the_minute


class QuestionView(Body):
    """What an agency wants to know before it answers.

    Attributes:
        words: what it wrote; null where it wrote nothing, or its writer was erased.
        answer: the school's, in bands and codes; null while there is none.
    """

    question: str
    topics: tuple[QuestionTopic, ...]
    words: str | None
    asked_at: datetime
    answer: QuestionAnswer | None
    answered_at: datetime | None


async def question_views(context: Context, offer: Offer) -> tuple[QuestionView, ...]:
    """Return what was asked about an offer, the oldest first."""
    return tuple(
        [
            QuestionView(
                question=each.id,
                topics=each.topics,
                words=await context.words(each.words),
                asked_at=to_the_minute(each.asked_at),
                answer=each.answer,
                answered_at=to_the_minute(each.answered_at) if each.answered_at else None,
            )
            for each in offer.questions
        ]
    )
