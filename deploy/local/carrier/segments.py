"""How many parts a text takes, by the rules of GSM 03.38 and 03.40.

A text in the GSM-7 alphabet holds 160 septets, or 153 in each part of several; any other character
turns the whole text into UCS-2: 70 code units, or 67 in each part. What cannot be cut (an escaped
character of GSM-7, a surrogate pair of UCS-2) never straddles two parts, so a part can end short.
"""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")

_LAST_OF_BMP = 0xFFFF


def is_gsm7(text: str) -> bool:
    """Whether every character is in the GSM-7 alphabet or its extension table."""
    return all(character in _BASIC or character in _ESCAPED for character in text)


def count_segments(text: str) -> int:
    """Number of parts that the text is sent in; an empty text is one part."""
    if is_gsm7(text):
        return _pack((2 if character in _ESCAPED else 1 for character in text), 160, 153)
    return _pack((2 if ord(character) > _LAST_OF_BMP else 1 for character in text), 70, 67)


def _pack(widths: Iterable[int], single: int, part: int) -> int:
    sizes = list(widths)
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
