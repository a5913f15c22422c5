"""What an agency wanted to know before it answered, and what the school has answered. Pure."""

from datetime import datetime
from typing import ClassVar

from contracts.codes import QuestionTopic
from contracts.referrals import QuestionAnswer
from services.chassis.aggregate import Aggregate
from services.chassis.errors import EnlaceError, rule


class AgencyQuestion(Aggregate):
    """One question; the id is partner's. Its words, where it has any, stay with who took them.

    Attributes:
        answer_by: until when its agency could answer, as it asked.
        answered_by: who of the school answered.
    """

    COLLECTION: ClassVar[str] = "agency_questions"

    referral: str
    offer: str
    agency: str
    topics: tuple[QuestionTopic, ...]
    asked_at: datetime
    answer_by: datetime
    answer: QuestionAnswer | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


_SAYS = {
    QuestionTopic.AGE: ("age", "grade"),
    QuestionTopic.TIMES: ("times",),
    QuestionTopic.LANGUAGE: ("language",),
    QuestionTopic.INSURANCE: ("insurance",),
    QuestionTopic.URGENCY: ("urgency",),
}
"""By which parts of an answer each topic is answered; *other* by a word alone."""


def need_answered(topics: tuple[QuestionTopic, ...], answer: QuestionAnswer) -> None:
    """Pass an answer that says something to everything that was asked, and to nothing else.

    Raises:
        EnlaceError: something is left open, or something is told that nobody asked for.
    """
    said = {name for name, value in answer if value not in {None, ()}}
    wanted = {name for topic in topics for name in _SAYS.get(topic, ())}
    if said - wanted - {"word"}:
        raise rule(
            "not-asked",
            "The answer tells something that the agency has not asked for. Nothing was sent: "
            "answer what was asked, and no more.",
            es="La respuesta dice algo que la agencia no preguntó. No se envió nada: responda lo "
            "que se preguntó, y nada más.",
        )
    left = [t for t in topics if "word" not in said and not said & set(_SAYS.get(t, ("word",)))]
    if left:
        raise _incomplete()


def _incomplete() -> EnlaceError:
    return rule(
        "answer-incomplete",
        "Something that the agency asked has no answer. Nothing was sent: answer each, or say in "
        "one of the ready words what holds for the rest, for example that it is not known.",
        es="Algo de lo que preguntó la agencia no tiene respuesta. No se envió nada: responda cada "
        "cosa, o diga con una de las frases lo que vale para lo demás, por ejemplo que no se sabe.",
    )
