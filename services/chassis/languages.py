"""The languages that a district has, as every service and page goes by them. Pure.

Messages exist in English and Spanish; who reads something else is written to in the one of the two
that the district says, and in English where it says nothing.
"""

from collections.abc import Iterable, Mapping

from contracts.categories import Names
from contracts.codes import Language
from contracts.rules import DistrictLanguage
from services.chassis.errors import EnlaceError, Kind

WRITTEN = (Language.ENGLISH, Language.SPANISH)
"""The languages in which messages and pages exist."""


def _shipped(code: Language, en: str, es: str, written: Language) -> DistrictLanguage:
    return DistrictLanguage(
        code=code, names=Names(en=en, es=es), spoken_only=False, written=written
    )


LANGUAGES_AS_SHIPPED: Mapping[Language, DistrictLanguage] = {
    each.code: each
    for each in (
        _shipped(Language.ENGLISH, "English", "inglés", Language.ENGLISH),
        _shipped(Language.SPANISH, "Spanish", "español", Language.SPANISH),
        _shipped(Language.TAGALOG, "Tagalog", "tagalo", Language.ENGLISH),
        _shipped(Language.VIETNAMESE, "Vietnamese", "vietnamita", Language.ENGLISH),
    )
}
"""The languages of a district that has said nothing."""


class Languages:
    """The languages that a district has.

    Args:
        languages: all of them.
    """

    def __init__(self, languages: Iterable[DistrictLanguage]) -> None:
        self.all = tuple(languages)
        self._by_code = {each.code.value: each for each in self.all}

    def get(self, language: str) -> DistrictLanguage | None:
        """Return what the district says of a language; None where it is not known here."""
        return self._by_code.get(language)

    def names(self, language: str) -> Names | None:
        """Return what a language is called; None where it is not known here."""
        known = self._by_code.get(language)
        return known.names if known else None

    def written_in(self, language: str) -> Language:
        """Return the language in which whoever reads this one is written to."""
        known = self._by_code.get(language)
        return known.written if known and known.written in WRITTEN else Language.ENGLISH


def need_language(languages: Languages, given: Iterable[Language]) -> None:
    """Pass languages that the district has.

    Raises:
        EnlaceError: it has not (422); the answer says what may be sent.
    """
    for each in given:
        if languages.get(each) is None:
            may = ", ".join(sorted(known.code.value for known in languages.all))
            raise EnlaceError(
                "language-unknown",
                Kind.MALFORMED,
                f"{each.value} is no language of this district. Nothing was changed: send one of "
                f"{may}; or ask the district's administrator to add it. One that was added just "
                "now is known everywhere within a minute.",
                es=f"{each.value} no es un idioma de este distrito. No se cambió nada: envíe uno "
                f"de {may}; o pida a la administración del distrito que lo agregue. Uno recién "
                "agregado se conoce en todas partes en un minuto.",
            )


SHIPPED_LANGUAGES = Languages(LANGUAGES_AS_SHIPPED.values())
"""Until anything was told: what comes with Enlace."""
