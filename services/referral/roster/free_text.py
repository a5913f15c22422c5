"""What a free text holds that must never stand there: it warns, and a person decides.

The words are looked for in English and Spanish, without case and accents (`forms`). A warning in
doubt costs a second look; a word that was missed stays sealed under the child's key like every
other.
"""

import re
import unicodedata

from services.referral.roster.forms import FORMS, NUMBER, Never

_APOSTROPHES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "`": "'", "\u00b4": "'"})


def _pattern(never: Never) -> re.Pattern[str]:
    forms = rf"\b(?:{'|'.join(f'(?:{each})' for each in FORMS[never])})"
    if never is Never.SOCIAL_SECURITY_NUMBER:
        return re.compile(f"{NUMBER}|{forms}")
    # What a place begins with is no word's end: it looks at what follows by itself.
    return re.compile(forms if never is Never.BIRTHPLACE else rf"{forms}(?!\w)")


_PATTERNS = {never: _pattern(never) for never in Never}


def never_in(text: str) -> tuple[Never, ...]:
    """Return what a text seems to hold that must never be stored."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    folded = " ".join("".join(each for each in spread if not unicodedata.combining(each)).split())
    return tuple(never for never, pattern in _PATTERNS.items() if pattern.search(folded))
