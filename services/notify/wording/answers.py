"""What a school answers to an agency's question, in words: bands and codes, and nobody's name."""

from collections.abc import Mapping

from contracts.codes import AnswerWord, DayPart, InsuranceKind, Language, Urgency
from contracts.referrals import QuestionAnswer

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "age": "age {}",
        "grade": "grade {}",
        DayPart.MORNING: "mornings",
        DayPart.AFTERNOON: "afternoons",
        DayPart.EVENING: "evenings",
        "en": "reads English",
        "es": "reads Spanish",
        InsuranceKind.PUBLIC: "public insurance",
        InsuranceKind.PRIVATE: "private insurance",
        InsuranceKind.NONE: "no insurance",
        Urgency.CRISIS: "needed today",
        Urgency.URGENT: "urgent",
        Urgency.SOON: "needed soon",
        Urgency.ROUTINE: "not urgent",
        AnswerWord.YES: "yes",
        AnswerWord.NO: "no",
        AnswerWord.NOT_KNOWN: "not known",
        AnswerWord.AFTER_YES: "more after your yes",
        AnswerWord.SCHOOL_CALLS: "we call you",
    },
    Language.SPANISH: {
        "age": "edad {}",
        "grade": "grado {}",
        DayPart.MORNING: "por la mañana",
        DayPart.AFTERNOON: "por la tarde",
        DayPart.EVENING: "por la noche",
        "en": "lee inglés",
        "es": "lee español",
        InsuranceKind.PUBLIC: "seguro del gobierno",
        InsuranceKind.PRIVATE: "seguro privado",
        InsuranceKind.NONE: "sin seguro",
        Urgency.CRISIS: "hace falta hoy",
        Urgency.URGENT: "urgente",
        Urgency.SOON: "hace falta pronto",
        Urgency.ROUTINE: "no es urgente",
        AnswerWord.YES: "afirmativo",
        AnswerWord.NO: "no",
        AnswerWord.NOT_KNOWN: "no se sabe",
        AnswerWord.AFTER_YES: "lo otro cuando acepten",
        AnswerWord.SCHOOL_CALLS: "les llamamos",
    },
}
"""Spanish without the letters that cost a text its short alphabet."""


def said(answer: QuestionAnswer, language: Language) -> str:
    """Return an answer as a list in words; a code of the district's own stays as it is."""
    words = _WORDS.get(language, _WORDS[Language.ENGLISH])
    codes = [answer.language, answer.insurance, answer.urgency, answer.word]
    told = [
        words["age"].format(answer.age) if answer.age else "",
        words["grade"].format(answer.grade) if answer.grade else "",
        *[words.get(each, each) for each in answer.times],
        *[words.get(each, each) for each in codes if each],
    ]
    return "; ".join(each for each in told if each)
