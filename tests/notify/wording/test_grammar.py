"""What words may do, and what is refused before they are ever run."""

import pytest

from contracts.codes import Language
from services.notify.wording.grammar import MissingValueError, fill, used
from services.notify.wording.source import TemplateFault
from services.notify.wording.values import ALWAYS, VALUES

ALL = {**ALWAYS, **VALUES}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Hola {{ name }}", {"name"}),
        ("{% if number %}SI {{ number }}{% else %}no{% endif %}", {"number"}),
        ("{% if families is one %}una{% else %}{{ families }}{% endif %}", {"families"}),
        ("{% if taken < families and left %}{{ left }}{% endif %}", {"taken", "families", "left"}),
        (
            "{% if paper == 'license' %}x{% elif result != 'done' %}y{% endif %}",
            {"paper", "result"},
        ),
        ("{% if several and number %}{{ number }}{% endif %}", {"several", "number"}),
        ("plain", set()),
    ],
)
def test_values_are_named_and_sentences_chosen(words: str, names: set[str]) -> None:
    assert used(words, Language.SPANISH, ALL) == names


@pytest.mark.parametrize(
    "words",
    [
        "{{ secret }}",
        "{{ name.__class__ }}",
        "{{ name | upper }}",
        "{{ name * 1000000 }}",
        "{{ 'text' }}",
        "{{ range(10) }}",
        "{% for each in name %}{{ each }}{% endfor %}",
        "{% set name = 1 %}",
        "{% include 'other' %}",
        "{% macro m() %}{% endmacro %}",
        "{{ number }}",
        "{% if not number %}{{ number }}{% endif %}",
        "{% if several or number %}{{ number }}{% endif %}",
        "{% if number %}x{% else %}{{ number }}{% endif %}",
        "{{ several }}",
        "{{ paper }}",
        "{% if paper == 'licence' %}x{% endif %}",
        "{% if paper < 'license' %}x{% endif %}",
        "{% if paper %}x{% endif %}",
        "{% if name %}x{% endif %}",
        "{% if name == 'Ana' %}x{% endif %}",
        "{% if families == 'one' %}x{% endif %}",
        "{% if families < name %}x{% endif %}",
        "{% if 1 < taken < families %}x{% endif %}",
        "{% if name is one %}x{% endif %}",
        "{% if families is odd %}x{% endif %}",
        "{% if number %}",
        "{{ name",
    ],
)
def test_everything_else_is_refused(words: str) -> None:
    with pytest.raises(TemplateFault):
        used(words, Language.ENGLISH, ALL)


def test_one_is_what_the_language_counts_as_one() -> None:
    words = "{% if families is one %}one{% else %}{{ families }}{% endif %}"
    said = [fill(words, Language.SPANISH, {"families": each}) for each in (0, 1, 2, 21)]
    assert said == ["0", "one", "2", "21"]


def test_large_counts_are_written_as_their_reader_writes_them() -> None:
    assert fill("{{ families }}", Language.ENGLISH, {"families": 12_000}) == "12,000"


@pytest.mark.parametrize("values", [{}, {"name": None}])
def test_a_value_that_is_missing_is_an_error(values: dict[str, None]) -> None:
    with pytest.raises(MissingValueError, match="name"):
        fill("Hola {{ name }}", Language.SPANISH, values)
