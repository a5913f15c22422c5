"""Grades, against syllables counted by hand and sentences whose grade is worked out by hand."""

import pytest

from contracts.codes import Language
from services.notify.wording.reading import grade, syllables_en, syllables_es


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("familia", 3), ("día", 2), ("escuela", 3), ("quién", 1), ("aceptar", 3), ("leer", 2)),
        *(("ahora", 3), ("guerra", 2), ("pingüino", 3), ("muy", 1), ("rey", 1), ("y", 1)),
        *(("ciudad", 2), ("país", 2), ("línea", 3), ("quiere", 2), ("solicitud", 4), ("oír", 2)),
        *(("contraseña", 4), ("envíen", 3), ("teléfono", 4), ("ayuda", 3), ("responda", 3)),
    ],
)
def test_spanish_syllables_are_those_of_the_academys_rules(word: str, count: int) -> None:
    assert syllables_es(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("family", 3), ("table", 2), ("asked", 1), ("needed", 2), ("people", 2), ("answer", 2)),
        *(("schools", 1), ("agreement", 3), ("directory", 4), ("please", 1), ("service", 2)),
        *(("created", 3), ("idea", 3), ("use", 1), ("little", 2), ("waited", 2), ("boxes", 2)),
        *(("comes", 1), ("insurance", 3), ("confirmation", 4), ("somebody", 3), ("once", 1)),
    ],
)
def test_english_syllables_are_those_of_a_dictionary(word: str, count: int) -> None:
    assert syllables_en(word) == count


def test_the_english_grade_is_flesch_and_kincaids() -> None:
    # 10 words, 2 sentences, 12 syllables: 0.39 * 5 + 11.8 * 1.2 - 15.59.
    text = "We have your message. A person at the school reads."
    assert grade(text, Language.ENGLISH) == pytest.approx(0.52)


def test_the_spanish_grade_is_crawfords() -> None:
    # 8 words, 2 sentences, 19 syllables: -0.205 * 25 + 0.049 * 237.5 - 3.407.
    text = "Recibimos su mensaje. Una persona de la escuela."
    assert grade(text, Language.SPANISH) == pytest.approx(-5.125 + 11.6375 - 3.407 - 0.049 * 12.5)


def test_an_officials_sentence_is_above_the_sixth_grade() -> None:
    english = (
        "Confirmation of the aforementioned authorization is required in order to facilitate the "
        "continuation of coordinated intervention services for your household."
    )
    spanish = (
        "Se requiere la confirmación de la autorización anteriormente mencionada para posibilitar "
        "la continuidad de los servicios coordinados de intervención correspondientes a su hogar."
    )
    assert grade(english, Language.ENGLISH) > 12
    assert grade(spanish, Language.SPANISH) > 6


@pytest.mark.parametrize("language", [Language.ENGLISH, Language.SPANISH])
def test_no_words_are_read_by_everybody(language: Language) -> None:
    assert grade("123 :", language) == 0.0
