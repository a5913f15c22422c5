"""What a text of a person means. Any case, accents and punctuation.

A command is a whole text; asking for help is a first word, with the need after it. Everything else
is for the coordinator to read.
"""

from collections.abc import Collection

from contracts.codes import Language, ReplyCode
from services.chassis.texted import MEANINGS, bare

DEFAULT_WORDS: dict[Language, tuple[str, ...]] = {
    Language.ENGLISH: ("need",),
    Language.SPANISH: ("necesito",),
}
"""By which families ask for help until referral has told this district's own words."""


def read_reply(text: str, asking: Collection[str] = ()) -> ReplyCode:
    """Return the meaning of a text; *other* where a person must read it.

    A command goes before everything: no word of the district's can take STOP's place.

    Args:
        text: as it came.
        asking: the words by which this district's families ask for help, bare.
    """
    words = bare(text)
    if words in MEANINGS:
        return MEANINGS[words]
    first = words.partition(" ")[0]
    return ReplyCode.NEED if first and first in asking else ReplyCode.OTHER


def language_of(text: str, words: dict[Language, tuple[str, ...]]) -> Language:
    """Return the language of the word by which somebody asked."""
    first = bare(text).partition(" ")[0]
    return next((each for each, known in words.items() if first in known), Language.ENGLISH)
