"""How many parts a text takes (GSM 03.38, 03.40). Pure.

One character outside GSM-7 (á í ó ú are; é ñ ¿ ¡ are not) turns a whole text into UCS-2: 70
characters, or 67 a part of several, instead of 160 and 153.
"""

from collections.abc import Callable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
_SHORT = _BASIC | _ESCAPED
_GSM = (160, 153)
_UCS2 = (70, 67)
_LAST_OF_ONE_UNIT = "\uffff"


def count_parts(text: str) -> int:
    """Return the number of parts that a text is sent in; an empty one is one part."""
    if is_gsm7(text):
        return _pack(text, _ESCAPED.__contains__, *_GSM)
    return _pack(text, _LAST_OF_ONE_UNIT.__lt__, *_UCS2)


def is_gsm7(text: str) -> bool:
    """Tell whether every character is in the short alphabet or its extension."""
    return _SHORT.issuperset(text)


def _pack(text: str, is_wide: Callable[[str], bool], alone: int, part: int) -> int:
    """Count parts; a wide character takes two units and never straddles two of them."""
    if len(text) + sum(map(is_wide, text)) <= alone:
        return 1
    parts, used = 1, 0
    for each in text:
        width = 2 if is_wide(each) else 1
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
