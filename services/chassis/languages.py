"""The languages that a district has, as every service and page goes by them. Pure.

Messages exist in English and Spanish; who reads something else is written to in the one of the two
that the district says, and in English where it says nothing.
"""

from collections.abc import Iterable, Mapping

from contracts.categories import Names
from contracts.codes import Language
from contracts.rules import DistrictLanguage
from services.chassis.listed import DistrictList, Unlisted, need_in

WRITTEN = (Language.ENGLISH, Language.SPANISH)
"""The languages in which messages and pages exist."""


def _shipped(code: Language, en: str, es: str, written: Language) -> DistrictLanguage:
    return DistrictLanguage(
        code=code,
        names=Names(en=en, es=es),
        retired=False,
        spoken_only=False,
        written=written,
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


class Languages(DistrictList[DistrictLanguage]):
    """The languages that a district has."""

    def written_in(self, language: str) -> Language:
        """Return the language in which whoever reads this one is written to."""
        known = self.get(language)
        return known.written if known and known.written in WRITTEN else Language.ENGLISH


_UNKNOWN = Unlisted(
    "language-unknown",
    "is no language of this district",
    "no es un idioma de este distrito",
)


def need_language(languages: Languages, given: Iterable[Language]) -> None:
    """Pass languages that the district has; retired ones too: a mother reads what she reads.

    Raises:
        EnlaceError: it has not (422); the answer says what may be sent.
    """
    need_in(languages, given, _UNKNOWN)


SHIPPED_LANGUAGES = Languages(LANGUAGES_AS_SHIPPED.values())
"""Until anything was told: what comes with Enlace."""
