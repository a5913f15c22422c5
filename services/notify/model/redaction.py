"""Takes card and social-security numbers out of a family's text before it is kept. Pure."""

import re

TAKEN_OUT = "[número quitado · number removed]"
"""Stands in the kept words where a number stood."""

_CARD = re.compile(r"(?<![\d+])(?:\d[ .-]?){12,18}\d(?!\d)")
_CARD_LENGTHS = range(13, 20)
# 000, 666 and 900-999 are no area of a social-security number (SSA); 9xx is a tax number (ITIN).
_SOCIAL = re.compile(r"(?<![\d+(-])(?!000|666)\d{3}([ .-])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])")
_SAID = re.compile(
    r"((?:seguro\s+social|social\s+security|social|ssn|ss\s?#|itin|seguro)\D{0,20})(\d{9})(?!\d)",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return a text without card (ISO/IEC 7812-1, Luhn's check) and social-security numbers.

    Nine digits in a row are taken for one where the words before say so; a telephone number stays.
    """
    without = _CARD.sub(lambda found: TAKEN_OUT if _is_card(found[0]) else found[0], text)
    without = _SAID.sub(lambda found: f"{found[1]}{TAKEN_OUT}", without)
    return _SOCIAL.sub(TAKEN_OUT, without)


def _is_card(text: str) -> bool:
    digits = [int(each) for each in text if each.isdigit()]
    if len(digits) not in _CARD_LENGTHS or len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * each, 10)) for each in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
