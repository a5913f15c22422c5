"""Names and numbers as they are put into words."""

import unicodedata
from functools import cache

import phonenumbers

LONGEST_NAME = 40
"""Letters of a name that are shown: of a longer one whole words, as many as fit."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"})
_JOINING = frozenset({"\u200c", "\u200d"})


def tidy(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a name without what a telephone shows as a box, and no longer than fits.

    Marks that turn the reading direction, emoji and control characters go; letters of every script
    stay. It is cut between words, or within one that is too long by itself.
    """
    kept = "".join(
        " " if each.isspace() else each
        for each in unicodedata.normalize("NFC", name)
        if each.isspace() or each in _JOINING or unicodedata.category(each) not in _DROPPED
    )
    words = kept.split()
    while len(words) > 1 and len(" ".join(words)) > longest:
        words.pop()
    return " ".join(words)[:longest].strip()


@cache
def shown_phone(phone: str) -> str:
    """Return a number as people of its country write it."""
    if not phone:
        return ""
    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
