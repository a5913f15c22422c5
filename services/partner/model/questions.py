"""What an agency wants to know before it answers an offer, and the school's answer. Pure.

An offer stays open while it is asked about, and its time runs on: a question is no way to keep a
child from others. Who answers can grant more time.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.codes import QuestionTopic
from contracts.offerings import OfferQuestionAsked
from contracts.referrals import ReferralQuestionAnswered
from contracts.sealed import Sealed
from services.chassis.errors import rule
from services.partner.model.answers import find, need_pending
from services.partner.model.board import Board
from services.partner.model.offering import Offer, OfferState, Question

MOST_QUESTIONS = 5
"""Of one offer; whoever needs to know more than that calls the school."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agency asks.

    Attributes:
        id: of the question, where it is one.
        topics: what it wants to know.
        mark: keyed hash of the words; empty without any.
        words: sealed under the contact's key.
    """

    id: str
    topics: tuple[QuestionTopic, ...]
    mark: str = ""
    words: Sealed | None = None


def ask(board: Board, referral: str, offer_id: str, wish: Wish, now: datetime) -> None:
    """Ask the school; what it was asked already is not asked again.

    Raises:
        EnlaceError: the offer is open no longer, or too much was asked about it.
    """
    offering, offer = find(board, referral, offer_id)
    need_pending(offer, now)
    fresh = _fresh(offer, wish)
    if not fresh:
        return
    if len(offer.questions) >= MOST_QUESTIONS:
        raise rule(
            "too-many-questions",
            "You have asked several things about this family already. Nothing was asked again: "
            "please call the school, or answer yes or no.",
            es="Usted ya preguntó varias cosas sobre esta familia. No se preguntó nada más: llame "
            "a la escuela, o responda sí o no.",
        )
    question = Question(id=wish.id, topics=fresh, asked_at=now, mark=wish.mark, words=wish.words)
    # It is not silent, so that nobody reminds it; nor has it answered, so that no number counts it.
    board.put(offering.with_offer(offer.id, questions=(*offer.questions, question), remind_at=None))
    board.tell(
        OfferQuestionAsked(
            referral=offering.id,
            round=offer.round,
            offer=offer.id,
            agency=offer.agency,
            contact=offer.contact,
            question=question.id,
            topics=fresh,
            answer_by=offer.answer_by,
        )
    )


def settle(board: Board, event: ReferralQuestionAnswered, now: datetime) -> None:
    """Keep the school's answer, with the time it grants; a late one moves no offer that is over."""
    offering = board.offering(event.referral)
    offer = offering.offer(event.offer) if offering else None
    if offering is None or offer is None:
        return
    known = [
        each.model_copy(update={"answer": event.answer, "answered_at": now})
        if each.id == event.question and each.answer is None
        else each
        for each in offer.questions
    ]
    changes: dict[str, object] = {"questions": tuple(known)}
    if (
        event.answer_by is not None
        and offer.state is OfferState.OPEN
        and not offer.is_late(now)
        and event.answer_by > offer.answer_by
    ):
        changes["answer_by"] = event.answer_by
        offering = offering.having(answer_by=max(offering.answer_by, event.answer_by))
    board.put(offering.with_offer(offer.id, **changes))


def _fresh(offer: Offer, wish: Wish) -> tuple[QuestionTopic, ...]:
    """Return what was not asked before; other words are another question."""
    said = bool(wish.mark) and all(each.mark != wish.mark for each in offer.questions)
    asked = {topic for each in offer.questions for topic in each.topics}
    return tuple(
        each for each in wish.topics if each not in asked or (said and each is QuestionTopic.OTHER)
    )
