"""The words by which this district's families ask for help, and their languages. Pure."""

from contracts.codes import Language
from services.chassis.texted import bare

DEFAULT_WORDS: dict[Language, tuple[str, ...]] = {
    Language.ENGLISH: ("need",),
    Language.SPANISH: ("necesito",),
}
"""By which families ask for help until referral has told this district's own words."""


def language_of(text: str, words: dict[Language, tuple[str, ...]]) -> Language:
    """Return the language of the word by which somebody asked."""
    first = bare(text).partition(" ")[0]
    return next((each for each, known in words.items() if first in known), Language.ENGLISH)
