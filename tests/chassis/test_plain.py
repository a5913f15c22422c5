"""Texts without what nobody sees, and what is said in Spanish of what may be sent."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, StringConstraints, ValidationError

from services.chassis.closed import one_of
from services.chassis.http.commands import Body
from services.chassis.http.faults import told

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Note(Body):
    """A body of every kind of text."""

    name: Line | None = None
    label: str = Field(default="", max_length=40)
    words: str = Field(default="", max_length=2_000)
    notes: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], Field(max_length=9)] = ()
    tags: Annotated[tuple[Line, ...], Field(max_length=9)] = ()
    shown: str = ""
    among: Literal[1, 2, 3] = 1


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("name", "Ana\0 Rosa\x07", "Ana Rosa"),
        ("name", "Ana\r\nRosa", "Ana Rosa"),
        ("name", "Ana\tRosa\n", "Ana Rosa"),
        ("label", "Work\nphone\x0c", "Work phone"),
        ("words", "One line\r\nAnother\x00\n\tThe last\x7f", "One line\nAnother\n\tThe last"),
        ("words", "Una\u2028línea", "Unalínea"),
        ("notes", ["Two\nlines\x1b"], ("Two\nlines",)),
        ("tags", ["iep\n", "5\x0004"], ("iep", "504")),
        ("shown", "What has\nno limit\0", "What has\nno limit"),
        ("words", "¿Qué tal, Ñandú? 👍🏽 \u200d", "¿Qué tal, Ñandú? 👍🏽 \u200d"),
    ],
)
def test_a_text_loses_what_nobody_sees_and_a_short_one_its_lines(
    field: str, sent: Any, kept: Any
) -> None:
    assert getattr(Note.model_validate({field: sent}), field) == kept


def test_a_name_of_which_nothing_is_seen_is_none() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        Note.model_validate({"name": "\0\x07"})


def test_what_may_be_sent_is_listed_in_each_language() -> None:
    with pytest.raises(ValidationError) as refused:
        Note.model_validate({"among": 7})
    (fault,) = told(refused.value.errors())
    assert fault["what"].endswith("write 1, 2 or 3.")
    assert fault["what_es"].endswith("1, 2 o 3.")


@pytest.mark.parametrize(
    ("values", "last", "text"),
    [
        (["a", "b", "c"], "o", "a, b o c"),
        (["food", "other"], "o", "food u other"),
        (["1", "8"], "o", "1 u 8"),
        (["es", "it"], "y", "es e it"),
        (["food", "other"], "or", "food or other"),
        (["one"], "o", "one"),
    ],
)
def test_or_and_and_go_by_the_sound_that_follows(values: list[str], last: str, text: str) -> None:
    assert one_of(values, last) == text
