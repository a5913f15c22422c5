"""What an agency's text about an offer says: a word, and the number that stood in our message.

Agencies answer without an account, some from a telephone that opens no links.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import DeclineReason, OfferReply, QuestionTopic
from services.chassis.aggregate import Aggregate
from services.chassis.texted import bare

_WORDS: dict[OfferReply, tuple[str, ...]] = {
    OfferReply.YES: ("yes", "si", "y", "accept", "acepto", "aceptamos", "si gracias", "yes thanks"),
    OfferReply.NO: ("no", "n", "decline", "rechazo", "no gracias", "no thanks", "no podemos"),
    OfferReply.WAIT: ("wait", "waitlist", "wait list", "espera", "lista de espera"),
    OfferReply.STARTED: ("started", "begun", "empezo", "comenzo", "empezado"),
    OfferReply.COMPLETED: (
        "done",
        "completed",
        "complete",
        "finished",
        "listo",
        "lista",
        "termino",
    ),
    OfferReply.NO_SHOW: ("no show", "noshow", "no vino", "no llego", "no asistio"),
    OfferReply.COULD_NOT_CONTACT: ("no contact", "no answer", "no contacto", "no contesta"),
}
_REPLIES = {word: reply for reply, words in _WORDS.items() for word in words}
_REASONS: dict[DeclineReason, tuple[str, ...]] = {
    DeclineReason.NO_CAPACITY: ("full", "no seats", "lleno", "llena", "sin cupo", "no hay cupo"),
    DeclineReason.OUT_OF_AREA: ("far", "too far", "lejos", "muy lejos"),
    DeclineReason.NOT_ELIGIBLE: ("rules", "not eligible", "requisitos", "no cumple"),
    DeclineReason.LANGUAGE_NOT_AVAILABLE: ("language", "idioma"),
    DeclineReason.SERVICE_NOT_PROVIDED: ("not ours", "we dont do this", "no hacemos eso"),
    DeclineReason.ALREADY_ENROLLED: ("enrolled", "already enrolled", "inscrito", "ya inscrito"),
}
_NOS = ("no", "n", "decline", "rechazo")
_WHY_NOT = {
    f"{no} {word}": reason for reason, words in _REASONS.items() for word in words for no in _NOS
}
_ASKS = ("mas informacion", "informacion", "info", "more", "ask", "mas", "pregunta", "preguntas")
_TOPICS: dict[QuestionTopic, tuple[str, ...]] = {
    QuestionTopic.AGE: ("age", "ages", "old", "grade", "edad", "anos", "grado"),
    QuestionTopic.TIMES: ("time", "times", "when", "hours", "hora", "horas", "horario", "cuando"),
    QuestionTopic.LANGUAGE: ("language", "english", "spanish", "idioma", "ingles", "espanol"),
    QuestionTopic.INSURANCE: ("insurance", "insured", "medicaid", "seguro", "aseguranza"),
    QuestionTopic.URGENCY: ("urgent", "urgency", "soon", "urgente", "urgencia", "pronto"),
}
_QUESTION = re.compile(
    rf"(?:(?:{'|'.join(_ASKS)}) ?(\d{{4,5}})|(\d{{4,5}}) ?(?:{'|'.join(_ASKS)}))\b(.*)"
)
_SEATS = ("seats", "seat", "spots", "cupos", "cupo", "lugares")

_COUNTED = (
    ("zero", "none", "cero", "ninguno"),
    ("one", "uno", "un"),
    ("two", "dos"),
    ("three", "tres"),
    ("four", "cuatro"),
    ("five", "cinco"),
    ("six", "seis"),
    ("seven", "siete"),
    ("eight", "ocho"),
    ("nine", "nueve"),
    ("ten", "diez"),
    ("eleven", "once"),
    ("twelve", "doce"),
)
_IN_WORDS = {word: str(count) for count, words in enumerate(_COUNTED) for word in words}

_CODE = re.compile(r"\d{4,5}")
_COUNT = re.compile(r"[1-9]\d{0,2}")
_SEATS_FIRST = re.compile(rf"(?:{'|'.join(_SEATS)}) ?(\d{{1,3}})(?: (\d{{4,5}}))?")
_NUMBER_FIRST = re.compile(rf"(\d{{1,3}}) (?:{'|'.join(_SEATS)})(?: (\d{{4,5}}))?")

_BELOW_NOTHING = re.compile(r"(?<!\w)[-\u2212\u2013]\d")
"""A minus before a figure: its words alone would make seats of it that are not there."""

_LOWEST, _HIGHEST = 1_000, 10_000
_LONG_LOWEST, _LONG_HIGHEST = 10_000, 100_000
_CROWDED = (_HIGHEST - _LOWEST) // 2

KEPT = timedelta(days=200)
"""How long a number is its offer's: help may take a school year's half to be completed."""


@dataclass(frozen=True, slots=True)
class OfferText:
    """A text about an offer.

    Attributes:
        reply: what it says.
        code: the number that it names; None where it says seats alone.
        seats: how many are free, where it says so.
        reason: why not, of a no that says so.
        topics: what it wants to know, of a question.
        take: how many of those behind the number it takes, of a yes that says so.
    """

    reply: OfferReply
    code: str | None
    seats: int | None = None
    take: int | None = None
    reason: DeclineReason | None = None
    topics: tuple[QuestionTopic, ...] = ()


def read_offer_text(text: str) -> OfferText | None:
    """Return what a text says of an offer; None for one that speaks of none.

    Any case, accents and punctuation; the number before or after the word.
    """
    words = bare(text)
    figures = " ".join(_IN_WORDS.get(each, each) for each in words.split())
    seats = _SEATS_FIRST.fullmatch(figures) or _NUMBER_FIRST.fullmatch(figures)
    if seats is not None:
        if _BELOW_NOTHING.search(text):
            return None
        return OfferText(OfferReply.SEATS, seats.group(2), int(seats.group(1)))
    asks = _QUESTION.fullmatch(words)
    if asks is not None:
        code = asks.group(1) or asks.group(2)
        return OfferText(OfferReply.QUESTION, code, topics=_topics(asks.group(3)))
    spaced = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", words).split()
    digits = [each for each in spaced if each.isdigit()]
    numbers = [each for each in digits if _CODE.fullmatch(each)]
    counts = [int(each) for each in digits if _COUNT.fullmatch(each)]
    said = " ".join(each for each in spaced if not each.isdigit())
    if len(numbers) != 1 or len(digits) != 1 + len(counts):
        return None
    if said in _WHY_NOT and not counts:
        return OfferText(OfferReply.NO, numbers[0], reason=_WHY_NOT[said])
    if said not in _REPLIES:
        return None
    if not counts:
        return OfferText(_REPLIES[said], numbers[0])
    if len(counts) > 1 or _REPLIES[said] is not OfferReply.YES:
        return None
    return OfferText(OfferReply.YES, numbers[0], take=counts[0])


def _topics(words: str) -> tuple[QuestionTopic, ...]:
    """Return what a question is about, by its words: something else where none is known."""
    said = set(words.split())
    found = tuple(topic for topic, known in _TOPICS.items() if not said.isdisjoint(known))
    return found or (QuestionTopic.OTHER,)


def speaks_of_seats(text: str) -> bool:
    """Tell whether a text that was not understood begins or ends as one about seats does."""
    words = bare(text).split()
    return bool(words) and not {words[0], words[-1]}.isdisjoint(_SEATS)


def numbers_in(text: str) -> list[str]:
    """Return what could be numbers of offers in a text that was not understood."""
    return _CODE.findall(bare(text))


class Numbered(BaseModel):
    """An offer behind a number.

    Attributes:
        offer: its id; of many that were made at once, the id of their batch.
        batch: many were made at once; then `referral` and `service` are empty.
    """

    model_config = ConfigDict(frozen=True)

    offer: str
    referral: str
    service: str
    site: str
    at: datetime
    batch: bool = False


class OfferCodes(Aggregate):
    """The numbers of the offers that one contact of an agency was sent; the id is the contact's.

    A number alone opens nothing: a text counts only from the contact's own telephone, and who the
    child is takes the link and its code.

    Attributes:
        codes: offers by number.
    """

    COLLECTION: ClassVar[str] = "offer_codes"

    codes: dict[str, Numbered] = Field(default_factory=dict)

    def number(self, offers: Iterable[Numbered], now: datetime) -> "OfferCodes":
        """Return the book with these offers; one that has its number keeps it."""
        codes = {code: each for code, each in self.codes.items() if now - each.at < KEPT}
        known = {each.offer for each in codes.values()}
        for each in offers:
            if each.offer not in known:
                codes[_free(codes, each.offer)] = each
        return self.having(codes=codes)

    def code_of(self, offer: str) -> str | None:
        """Return an offer's number."""
        return next((code for code, each in self.codes.items() if each.offer == offer), None)

    def meant(self, text: OfferText) -> Numbered | None:
        """Return the offer that a text is about.

        Seats without a number are those of the one service that was asked about, if it is one.
        """
        if text.code is not None:
            return self.codes.get(text.code)
        single = (each for each in self.codes.values() if not each.batch)
        newest = sorted(single, key=lambda each: each.at)
        places = {(each.service, each.site) for each in newest}
        return newest[-1] if len(places) == 1 else None


def _free(taken: Mapping[str, Numbered], offer: str) -> str:
    """Return a number that is free; of five digits once half of the short ones are taken."""
    low, high = (_LOWEST, _HIGHEST) if len(taken) < _CROWDED else (_LONG_LOWEST, _LONG_HIGHEST)
    at = int.from_bytes(hashlib.sha256(offer.encode("utf-8")).digest()[:8], "big")
    numbers = (str(low + (at + step) % (high - low)) for step in range(high - low))
    return next(each for each in numbers if each not in taken)
