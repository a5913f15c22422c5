"""What a district says of languages: those that it adds, and in which one texts to them are.

Mixteco is mostly spoken: it is added as such, and its speakers' texts are in Spanish.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import StringConstraints, field_validator

from contracts.categories import Names
from contracts.codes import Language
from contracts.rules import DistrictLanguage
from services.chassis.closed import need_listed, one_of
from services.chassis.errors import TwoTonguesError, rule
from services.chassis.languages import LANGUAGES_AS_SHIPPED, WRITTEN, Languages
from services.referral.model.part import Part

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]


class LanguageNames(Part):
    """What a language is called, as it stands in the middle of a sentence."""

    en: Name
    es: Name


class LanguageRule(Part):
    """A language that the district adds, or what is otherwise about one that comes along.

    Attributes:
        code: as BCP 47, in small letters: `mix`, `pt-br`.
        names: what people call it; one that comes along keeps its own where it has none here.
        spoken_only: hardly anybody reads it.
        written: `en` or `es`: in which of the two its people are written to; `en` where it is not
            said.
    """

    code: Language
    names: LanguageNames | None = None
    spoken_only: bool = False
    written: Language | None = None

    _known = field_validator("code", "written")(need_listed)


def languages_of(rules: Iterable[LanguageRule]) -> Languages:
    """Return the languages of a district: those that come along, and what it says."""
    found = dict(LANGUAGES_AS_SHIPPED)
    for each in rules:
        shipped = LANGUAGES_AS_SHIPPED.get(each.code)
        names = each.names and Names(en=each.names.en, es=each.names.es)
        code = each.code.value
        found[each.code] = DistrictLanguage(
            code=each.code,
            names=names or (shipped.names if shipped else Names(en=code, es=code)),
            spoken_only=each.spoken_only,
            written=each.written or (shipped.written if shipped else Language.ENGLISH),
        )
    return Languages(found.values())


def check_languages(rules: Sequence[LanguageRule]) -> None:
    """Refuse what cannot be, by its place.

    Raises:
        TwoTonguesError: a code twice, a name missing or taken, or texts that do not exist.
    """
    for place, each in enumerate(rules):
        _check_one(f"languages.{place} ({each.code.value})", each)
    codes = Counter(each.code.value for each in rules)
    if twice := [code for code, times in codes.items() if times > 1]:
        raise TwoTonguesError(
            f"languages has {twice[0]} twice: make the two one",
            f"languages tiene {twice[0]} dos veces: una las dos",
        )
    for language in ("en", "es"):
        called = Counter(getattr(each.names, language) for each in languages_of(rules).all)
        if same := [name for name, times in called.items() if times > 1]:
            raise TwoTonguesError(
                f"languages has two called {same[0]} ({language}), and nobody could tell them "
                "apart: rename one",
                f"languages tiene dos llamados {same[0]} ({language}), y nadie podría "
                "distinguirlos: cambie el nombre de uno",
            )


def _check_one(place: str, each: LanguageRule) -> None:
    if each.names is None and not each.code.shipped:
        raise TwoTonguesError(
            f"{place} does not come with Enlace, so it needs its names: write "
            "names: {en: …, es: …}",
            f"{place} no viene con Enlace, así que necesita sus nombres: escriba "
            "names: {en: …, es: …}",
        )
    own = each.code in WRITTEN and (each.spoken_only or each.written not in {None, each.code})
    if own or each.written not in {None, *WRITTEN}:
        codes = [written.value for written in WRITTEN]
        raise TwoTonguesError(
            f"{place}: messages exist in {one_of(codes, 'and')}, each written in itself; write "
            f"written: {one_of(codes, 'or')} for a language that has none",
            f"{place}: los mensajes existen en {one_of(codes, 'y')}, cada uno en sí mismo; escriba "
            f"written: {one_of(codes, 'o')} para un idioma que no los tiene",
        )


def check_named_languages(languages: Languages, named: Iterable[tuple[str, Language]]) -> None:
    """Refuse rules in a language that the district has not.

    Raises:
        TwoTonguesError: naming the place.
    """
    for place, language in named:
        if languages.get(language) is None:
            raise TwoTonguesError(
                f"{place} has {language.value}, which is no language of this district: correct it, "
                "or add it to languages",
                f"{place} tiene {language.value}, que no es un idioma de este distrito: corríjalo, "
                "o agréguelo a languages",
            )


def check_languages_kept(before: Languages, after: Languages) -> None:
    """Refuse a change that takes a language away in which a family may have been entered.

    Raises:
        EnlaceError: one is gone.
    """
    gone = [each.code.value for each in before.all if after.get(each.code) is None]
    if gone:
        raise rule(
            "language-gone",
            f"languages no longer has {', '.join(gone)}, and a family may have been entered with "
            "it. Nothing was changed: keep it.",
            es=f"languages ya no tiene {', '.join(gone)}, y puede haber una familia registrada con "
            "él. No se cambió nada: consérvelo.",
        )
