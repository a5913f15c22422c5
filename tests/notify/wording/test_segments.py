"""Parts of a text, against tables that are written down by hand from 3GPP TS 23.038 and 23.040."""

import sys

import pytest

from deploy.local.carrier.segments import count_segments
from services.notify.model.segments import count_parts, is_gsm7

# Table of 6.2.1, row by row as the standard prints it, by code points; its 0x1B is the escape.
DEFAULT_ALPHABET = """
0040 00A3 0024 00A5 00E8 00E9 00F9 00EC 00F2 00C7 000A 00D8 00F8 000D 00C5 00E5
0394 005F 03A6 0393 039B 03A9 03A0 03A8 03A3 0398 039E ---- 00C6 00E6 00DF 00C9
0020 0021 0022 0023 00A4 0025 0026 0027 0028 0029 002A 002B 002C 002D 002E 002F
0030 0031 0032 0033 0034 0035 0036 0037 0038 0039 003A 003B 003C 003D 003E 003F
00A1 0041 0042 0043 0044 0045 0046 0047 0048 0049 004A 004B 004C 004D 004E 004F
0050 0051 0052 0053 0054 0055 0056 0057 0058 0059 005A 00C4 00D6 00D1 00DC 00A7
00BF 0061 0062 0063 0064 0065 0066 0067 0068 0069 006A 006B 006C 006D 006E 006F
0070 0071 0072 0073 0074 0075 0076 0077 0078 0079 007A 00E4 00F6 00F1 00FC 00E0
"""
EXTENSION = """
000C 005E 007B 007D 005C 005B 007E 005D 007C 20AC
"""
"""Table of 6.2.1.1; its 0x1B is kept for later."""

ONE_SEPTET = [chr(int(each, 16)) for each in DEFAULT_ALPHABET.split() if each != "----"]
TWO_SEPTETS = [chr(int(each, 16)) for each in EXTENSION.split()]

KNOWN = [
    ("", 1),
    ("Hola", 1),
    ("Reply YES or NO", 1),
    ("¿Recibieron ayuda?", 1),
    ("¡Mañana! ¿Qué? Über Ñandú".replace("ú", "u"), 1),
    ("x" * 160, 1),
    ("x" * 161, 2),
    ("x" * 306, 2),
    ("x" * 307, 3),
    ("x" * 459, 3),
    ("x" * 460, 4),
    ("x" * 1530, 10),
    ("x" * 1531, 11),
    ("ñ" * 160, 1),
    ("é" * 161, 2),
    ("€" * 80, 1),
    ("€" * 81, 2),
    ("€" * 152, 2),
    ("€" * 153, 3),
    ("x" * 158 + "€", 1),
    ("x" * 159 + "€", 2),
    ("x" * 152 + "€" + "x" * 151, 2),
    ("x" * 152 + "€" + "x" * 152, 3),
    ("x" * 153 + "€" + "x" * 151, 2),
    ("x" * 153 + "€" + "x" * 152, 3),
    ("á", 1),
    ("x" * 69 + "á", 1),
    ("x" * 70 + "á", 2),
    ("x" * 133 + "á", 2),
    ("x" * 134 + "á", 3),
    ("x" * 200 + "í", 3),
    ("x" * 201 + "ó", 4),
    ("ú" * 67, 1),
    ("Ú" * 71, 2),
    ("ç", 1),
    ("x" * 159 + "ç", 3),
    ("x" * 70 + "\u2019", 2),
    ("\N{THUMBS UP SIGN}", 1),
    ("\N{THUMBS UP SIGN}" * 35, 1),
    ("\N{THUMBS UP SIGN}" * 36, 2),
    ("\N{THUMBS UP SIGN}" * 66, 2),
    ("\N{THUMBS UP SIGN}" * 67, 3),
    ("x" * 66 + "\N{THUMBS UP SIGN}" + "x" * 66, 3),
    ("x" * 65 + "\N{THUMBS UP SIGN}" + "x" * 67, 2),
    ("x" * 66 + "\N{THUMBS UP SIGN}" + "x" * 65, 2),
    ("\N{CYRILLIC SMALL LETTER ZHE}" * 70, 1),
    ("€" + "á" * 69, 1),
    ("€" + "á" * 70, 2),
]


def test_the_tables_have_the_standards_127_and_10_characters() -> None:
    assert (len(set(ONE_SEPTET)), len(set(TWO_SEPTETS))) == (127, 10)


@pytest.mark.parametrize(("text", "parts"), KNOWN, ids=range(len(KNOWN)))
def test_a_text_takes_the_parts_that_were_counted_by_hand(text: str, parts: int) -> None:
    assert count_parts(text) == parts
    assert count_segments(text) == parts, "the carrier's simulator counts by itself"


def test_every_character_there_is_belongs_to_the_alphabet_that_the_standard_says() -> None:
    short = set(ONE_SEPTET) | set(TWO_SEPTETS)
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code <= 0xDFFF:
            assert is_gsm7(chr(code)) is (chr(code) in short), hex(code)


@pytest.mark.parametrize("each", ONE_SEPTET)
def test_160_of_a_character_of_the_short_alphabet_are_one_part(each: str) -> None:
    assert [count_parts(each * count) for count in (160, 161, 306, 307)] == [1, 2, 2, 3]


@pytest.mark.parametrize("each", TWO_SEPTETS)
def test_80_of_an_extended_character_are_one_part(each: str) -> None:
    assert [count_parts(each * count) for count in (80, 81, 152, 153)] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("each", "alone", "part"),
    # How many of the character fit in a text alone, and in a part of several.
    [("x", 160, 153), ("^", 80, 76), ("á", 70, 67), ("\N{GRINNING FACE}", 35, 33)],
)
def test_every_length_up_to_ten_parts_is_counted(each: str, alone: int, part: int) -> None:
    for length in range(1, 10 * part + 1):
        expected = 1 if length <= alone else -(-length // part)
        assert count_parts(each * length) == expected, length
