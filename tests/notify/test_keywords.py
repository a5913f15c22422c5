"""What a text means, however it is written."""

import pytest

from contracts.codes import Language, ReplyCode
from services.notify.model.answers import read_reply
from services.notify.model.keywords import DEFAULT_WORDS, language_of

STOPS = (
    "STOP",
    "stop",
    " Stop. ",
    "STOPALL",
    "Unsubscribe",
    "CANCEL",
    "End",
    "quit",
    "ALTO",
    "¡Alto!",
    "PARAR",
    "Cancelar",
    "basta",
    "BAJA",
    "detener",
    "NO MAS",
    "no más",
    "¡No más!",
    "no ma\u0301s",
    "NO MÁS MENSAJES",
)


@pytest.mark.parametrize("text", STOPS)
def test_every_form_of_stop_is_stop(text: str) -> None:
    assert read_reply(text) is ReplyCode.STOP


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("START", ReplyCode.START),
        ("alta", ReplyCode.START),
        ("SÍ", ReplyCode.YES),
        ("si", ReplyCode.YES),
        ("Sí!", ReplyCode.YES),
        ("yes", ReplyCode.YES),
        ("No", ReplyCode.NO),
        ("todavía no", ReplyCode.NOT_YET),
        ("Aún no.", ReplyCode.NOT_YET),
        ("not yet", ReplyCode.NOT_YET),
        ("Ayuda", ReplyCode.HELP),
        ("HELP", ReplyCode.HELP),
        ("No alto", ReplyCode.OTHER),
        ("Si no llega, ¿qué hago?", ReplyCode.OTHER),
        ("Can we cancel the visit?", ReplyCode.OTHER),
        ("", ReplyCode.OTHER),
    ],
)
def test_answers_are_read_and_sentences_are_left_to_a_person(text: str, meaning: ReplyCode) -> None:
    assert read_reply(text) is meaning


ASKING = ("need", "necesito")


@pytest.mark.parametrize(
    "text", ["NECESITO", "necesito comida para hoy", "¡Necesito!", "Need a bed", "NECESÍTO"]
)
def test_the_districts_word_first_is_asking_for_help(text: str) -> None:
    assert read_reply(text, ASKING) is ReplyCode.NEED
    assert read_reply(text) is ReplyCode.OTHER


@pytest.mark.parametrize("text", [*STOPS, "HELP", "ayuda", "No", "¿Qué necesito?", "needle"])
def test_no_word_of_the_district_takes_the_place_of_stop_or_of_an_answer(text: str) -> None:
    everything = (*ASKING, "stop", "alto", "help", "no")
    assert read_reply(text, everything) is read_reply(text)


def test_the_word_tells_the_language() -> None:
    assert language_of("Necesito comida", DEFAULT_WORDS) is Language.SPANISH
    assert language_of("need food", DEFAULT_WORDS) is Language.ENGLISH
