"""What people answer is read as a bilingual coordinator reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Language, ReplyCode
from services.chassis.texted import MEANINGS
from services.notify.model.answers import read_choice, read_reply
from services.notify.model.crisis import crisis_in
from tests.notify.replies import CRISIS, TABLE

ROWS = [(text, meaning) for meaning, texts in TABLE.items() for text in texts]


@pytest.mark.parametrize(("text", "meaning"), ROWS)
def test_a_reply_means_what_a_bilingual_coordinator_says(text: str, meaning: ReplyCode) -> None:
    assert read_reply(text) is meaning


@pytest.mark.parametrize("text", CRISIS)
def test_what_sounds_like_a_crisis_is_noticed(text: str) -> None:
    assert crisis_in(text) is not None
    assert read_reply(text) not in {ReplyCode.YES, ReplyCode.NOT_YET, ReplyCode.THANKS}


@pytest.mark.parametrize(("text", "_"), ROWS)
def test_what_is_none_is_not_taken_for_a_crisis(text: str, _: ReplyCode) -> None:
    assert crisis_in(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Mi esposo me pega", Language.SPANISH),
        ("llame al 911 por favor", Language.SPANISH),
        ("He hits me", Language.ENGLISH),
        ("911", Language.ENGLISH),
    ],
)
def test_a_crisis_is_answered_in_the_language_it_was_written_in(
    text: str, language: Language
) -> None:
    assert crisis_in(text) is language


def test_the_table_is_of_two_hundred_replies_and_names_none_twice() -> None:
    texts = [text for text, _ in ROWS] + list(CRISIS)
    assert len(texts) >= 200
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("stop", [word for word, code in MEANINGS.items() if code == "stop"])
@pytest.mark.parametrize(
    "shape", ["{}", "{} por favor", "¡{}!", "{} gracias", " {}.\n", "{}, thanks"]
)
def test_stop_is_stop_however_politely_it_is_said(stop: str, shape: str) -> None:
    for text in (shape.format(stop), shape.format(stop).upper()):
        assert read_reply(text, asking=("stop", "alto")) is ReplyCode.STOP


@given(st.text(max_size=300))
def test_any_text_has_a_meaning(text: str) -> None:
    assert isinstance(read_reply(text), ReplyCode)
    read_choice(text)
    crisis_in(text)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", (None, 1)),
        ("la 2", (None, 2)),
        ("El 2.", (None, 2)),
        ("2️⃣", (None, 2)),
        ("2 sí", (ReplyCode.YES, 2)),
        ("Sí 1", (ReplyCode.YES, 1)),
        ("no 2", (ReplyCode.NO, 2)),
        ("1 todavía no", (ReplyCode.NOT_YET, 1)),
        ("1yes", (ReplyCode.YES, 1)),
        ("1 y 2", None),
        ("12", None),
        ("Sí", None),
        ("somos 4 en casa", None),
    ],
)
def test_which_of_several_questions_is_read_from_its_number(
    text: str, choice: tuple[ReplyCode | None, int] | None
) -> None:
    assert read_choice(text) == choice
