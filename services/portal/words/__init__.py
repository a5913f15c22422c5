"""What the pages say, in each language; both are complete, and a test holds them to it."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel.lists import format_list
from markupsafe import Markup

LANGUAGES = ("en", "es")
LOCALES = {"en": "en_US", "es": "es_US"}
"""`es` alone is Spain's: 24 hours and 1.234,5."""

OWN_NAMES = {"en": "English", "es": "Español"}

Entry = str | Mapping[str, str]


class MissingWordsError(LookupError):
    """A page asks for words that the catalogue of its language lacks."""


class Words:
    """The catalogue of one language.

    Calling it returns the words of a key with its values put in, safe for HTML: what is put in is
    escaped, the catalogue's own tags stay. An entry with `one` and `other` needs the value `n`.
    """

    def __init__(self, language: str, entries: Mapping[str, Entry]) -> None:
        self.language = language
        self.locale = LOCALES[language]
        self._entries = entries

    def __call__(self, key: str, **values: Any) -> Markup:
        """Return the words of a key.

        Raises:
            MissingWordsError: there are none.
        """
        entry = self._entries.get(key)
        if entry is None:
            raise MissingWordsError(f"{self.language}: {key}")
        if not isinstance(entry, str):
            entry = entry["one" if values["n"] == 1 else "other"]
        return Markup(entry).format(**values)  # noqa: S704 - the catalogue's own text

    def has(self, key: str) -> bool:
        """Tell whether there are words for a key."""
        return key in self._entries

    def code(self, kind: str, code: str) -> Markup:
        """Return a code in words; one that this release does not know is *other*."""
        key = f"{kind}.{code}"
        return self(key if self.has(key) else f"{kind}.other")

    def listed(self, items: Sequence[object]) -> str:
        """Return items as a list in a sentence: `a, b and c`."""
        return str(format_list([str(item) for item in items], locale=self.locale))

    @property
    def keys(self) -> frozenset[str]:
        """Every key, for the test that compares languages."""
        return frozenset(self._entries)


@cache
def words_in(language: str) -> Words:
    """Return the catalogue of a language."""
    path = Path(__file__).with_name(f"{language}.json")
    return Words(language, json.loads(path.read_text(encoding="utf-8")))


def chosen_language(asked: str | None, kept: str | None, accepts: str) -> str:
    """Return the language to speak: asked for just now, kept from before, or the browser's."""
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return str(wish)
    for part in accepts.split(","):
        wish = part.split(";")[0].strip().lower()[:2]
        if wish in LANGUAGES:
            return wish
    return LANGUAGES[0]
