"""Parts of a text; the expected numbers are worked out by hand from GSM 03.38."""

import pytest

from deploy.local.carrier.segments import count_segments, is_gsm7


@pytest.mark.parametrize("character", list("éüñ¿¡àèìòùÇÑ@\n€[]{}~^|\\"))
def test_it_is_in_the_gsm_alphabet(character: str) -> None:
    assert is_gsm7(character)


@pytest.mark.parametrize("character", [*"áíóúÁÍÓÚç`\t", "\N{RIGHT SINGLE QUOTATION MARK}"])
def test_it_is_not_in_the_gsm_alphabet(character: str) -> None:
    assert not is_gsm7(character)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # 152 septets, then an escaped character that may not be cut: 153 is left one short.
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("á" * 70, 1),
        ("á" + "a" * 70, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("\N{GRINNING FACE}" * 35, 1),
        # 67 units hold 33 pairs and leave one short.
        ("\N{GRINNING FACE}" * 66, 2),
        ("\N{GRINNING FACE}" * 67, 3),
    ],
)
def test_a_text_takes_this_many_parts(text: str, parts: int) -> None:
    assert count_segments(text) == parts
