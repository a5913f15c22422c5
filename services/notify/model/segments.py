"""How many parts a text takes (GSM 03.38, 03.40). Pure.

One character outside GSM-7 (á í ó ú are; é ñ ¿ ¡ are not) turns a whole text into UCS-2: 70
characters, or 67 a part of several, instead of 160 and 153.
"""

from collections.abc import Sequence

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
_GSM = (160, 153)
_UCS2 = (70, 67)
_LAST_OF_ONE_UNIT = "\uffff"


def count_parts(text: str) -> int:
    """Return the number of parts that a text is sent in; an empty one is one part."""
    if all(each in _BASIC or each in _ESCAPED for each in text):
        return _pack([2 if each in _ESCAPED else 1 for each in text], *_GSM)
    return _pack([2 if each > _LAST_OF_ONE_UNIT else 1 for each in text], *_UCS2)


def _pack(widths: Sequence[int], alone: int, part: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        # What takes two units never straddles two parts.
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
