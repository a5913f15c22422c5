"""What the pages say, in each language; both are complete, and a test holds them to it."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list
from markupsafe import Markup, escape

from contracts.categories import SHIPPED
from contracts.rules import ReasonedAct
from services.chassis.district import LaidDown
from services.chassis.reasons import SHIPPED_REASONS

LANGUAGES = ("en", "es")
LOCALES = {"en": "en_US", "es": "es_US"}
"""`es` alone is Spain's: 24 hours and 1.234,5."""

OWN_NAMES = {"en": "English", "es": "Español"}

_BEFORE_I = re.compile(r" y (?=(?:i|hi(?!e))[^,]*$)", re.IGNORECASE)

Entry = str | Mapping[str, str]

_AS_SHIPPED = LaidDown()
_ACTS = {
    "reason": ReasonedAct.DECLINE,
    "decline": ReasonedAct.DECLINE,
    "why-cancel": ReasonedAct.CANCEL,
    "why-hold": ReasonedAct.HOLD,
    "why-in-error": ReasonedAct.ENTER_IN_ERROR,
    "snooze": ReasonedAct.SNOOZE,
}
"""Words for reasons, by where they are read: an agency's own are in the first person."""


class MissingWordsError(LookupError):
    """A page asks for words that the catalogue of its language lacks."""


class Words:
    """The catalogue of one language.

    Calling it returns the words of a key with its values put in, safe for HTML: what is put in is
    escaped, the catalogue's own tags stay. An entry with `one` and `other` needs the value `n`.
    What needs, languages and reasons are called is the district's to say.
    """

    def __init__(
        self,
        language: str,
        entries: Mapping[str, Entry],
        district: LaidDown = _AS_SHIPPED,
    ) -> None:
        self.district = district
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

    def of(self, district: LaidDown) -> "Words":
        """Return the same words where things are called as this district calls them."""
        return Words(self.language, self._entries, district)

    def code(self, kind: str, code: str) -> Markup:
        """Return a code in words; one that this release does not know is *other*.

        A need, a language or a reason is called as the district calls it; one that is not known
        here stands for itself.
        """
        key = f"{kind}.{code}"
        if kind in _ACTS:
            return self._reason(key, _ACTS[kind], code)
        if kind == "category" and not self.has(key):
            names = self.district.needs.names(code)
            return escape(getattr(names, self.language) if names else code)
        if kind == "language" and not self.has(key):
            return escape(self._language(code))
        if kind == "need":
            return self._need(key, code)
        return self(key if self.has(key) else f"{kind}.other")

    def _reason(self, key: str, act: ReasonedAct, code: str) -> Markup:
        """Return a reason; in the page's own words unless the district has given it a name."""
        named = self.district.reasons.of(act).names(code)
        if self.has(key) and named in {None, SHIPPED_REASONS.of(act).names(code)}:
            return self(key)
        return escape(getattr(named, self.language) if named else code)

    def _language(self, code: str) -> str:
        """Return what a language is called: by the district, or else by those who list them all."""
        if names := self.district.languages.names(code.lower()):
            return str(getattr(names, self.language))
        return str(Locale.parse(self.locale).languages.get(code.lower(), code))

    def _need(self, key: str, code: str) -> Markup:
        """Return what an agency reads that a child needs; by the name that the district gave."""
        shipped = {each.value: names for each, names in SHIPPED.items()}.get(code)
        if self.has(key) and self.district.needs.names(code) in {None, shipped}:
            return self(key)
        return self.code("category", code)

    def listed(self, items: Sequence[object]) -> str:
        """Return items as a list in a sentence: `a, b and c`."""
        said = str(format_list([str(item) for item in items], locale=self.locale))
        # Spanish says `español e inglés`: no `y` before the sound that it has itself.
        return _BEFORE_I.sub(" e ", said) if self.language == "es" and items[1:] else said

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
