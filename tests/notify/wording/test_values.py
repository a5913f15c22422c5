"""Days, hours and names as readers write them, and telephones can show them."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.codes import Language
from services.chassis.languages import SHIPPED_LANGUAGES
from services.notify.model.segments import is_gsm7
from services.notify.wording import dates
from services.notify.wording.languages import written_in
from services.notify.wording.names import shown_phone, tidy

ES, EN = Language.SPANISH, Language.ENGLISH
PACIFIC, EASTERN = "America/Los_Angeles", "America/New_York"
LATE = datetime(2026, 11, 27, 4, 30, tzinfo=UTC)
"""Thursday, 20:30 in California; Thursday, 23:30 in New York; Friday in London."""


def test_a_day_is_that_of_the_readers_place() -> None:
    assert dates.day(LATE, EN, PACIFIC, in_text=False) == "Thursday, November 26"
    assert dates.day(LATE, EN, "Europe/London", in_text=False) == "Friday, November 27"
    assert dates.day(LATE, ES, PACIFIC, in_text=False) == "jueves 26 de noviembre"
    assert dates.day(LATE, EN, PACIFIC, in_text=True) == "Thu, Nov 26"


def test_a_saturday_is_told_in_spanish_texts_without_what_would_double_their_cost() -> None:
    saturday = LATE + timedelta(days=2)
    assert dates.day(saturday, ES, PACIFIC, in_text=True) == "28 de noviembre"
    assert dates.day(saturday, ES, PACIFIC, in_text=False) == "sábado 28 de noviembre"


@pytest.mark.parametrize("language", [ES, EN])
def test_no_day_or_hour_of_the_year_leaves_the_short_alphabet_in_a_text(language: Language) -> None:
    for each in range(0, 366 * 24, 5):
        at = LATE + timedelta(hours=each)
        said = dates.day(at, language, PACIFIC, in_text=True) + dates.hour(at, language, PACIFIC)
        assert is_gsm7(said), said


@pytest.mark.parametrize(
    ("hour", "spanish", "english"),
    [
        (0, "las 12:05 de la mañana", "12:05 AM"),
        (9, "las 9:05 de la mañana", "9:05 AM"),
        (12, "las 12:05 de la tarde", "12:05 PM"),
        (13, "la 1:05 de la tarde", "1:05 PM"),
        (15, "las 3:05 de la tarde", "3:05 PM"),
        (19, "las 7:05 de la noche", "7:05 PM"),
    ],
)
def test_an_hour_is_said_as_people_do(hour: int, spanish: str, english: str) -> None:
    at = datetime(2026, 11, 26, hour, 5, tzinfo=UTC)
    assert (dates.hour(at, ES, "UTC"), dates.hour(at, EN, "UTC")) == (spanish, english)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("  María   Elena ", "María Elena"),
        ("Ana \N{SPARKLES}\N{PARTY POPPER}", "Ana"),
        ("\u202eanA\u202c", "anA"),
        ("Li\x00\n\tWu", "Li Wu"),
        ("O\u2019Neil-Ruiz", "O\u2019Neil-Ruiz"),
        ("محمد", "محمد"),
        ("Maximiliana " * 17, "Maximiliana Maximiliana Maximiliana"),
        ("x" * 200, "x" * 40),
        ("\u200f", ""),
    ],
)
def test_a_name_is_shown_whole_or_by_its_first_words(given: str, shown: str) -> None:
    assert tidy(given) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("+15105550100", "(510) 555-0100"), ("", ""), ("office", "office")]
)
def test_a_number_is_written_as_its_country_does(phone: str, shown: str) -> None:
    assert shown_phone(phone) == shown


def test_the_language_is_theirs_then_the_districts_choice_then_both() -> None:
    assert written_in(SHIPPED_LANGUAGES, ES) == (ES, None)
    assert written_in(SHIPPED_LANGUAGES, Language.VIETNAMESE) == (EN, None)
    assert written_in(SHIPPED_LANGUAGES, Language("hmn")) == (EN, ES)
