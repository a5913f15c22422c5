"""What a district says of languages: those that it adds, and in which one texts to them are.

Mixteco is mostly spoken: it is added as such, and its speakers' texts are in Spanish.
"""

from collections.abc import Iterable, Sequence

from pydantic import field_validator

from contracts.categories import Names
from contracts.codes import Language
from contracts.rules import DistrictLanguage
from services.chassis.closed import need_listed, one_of
from services.chassis.errors import TwoTonguesError
from services.chassis.languages import LANGUAGES_AS_SHIPPED, WRITTEN, Languages
from services.referral.model.lists import (
    TwoNames,
    need_kept,
    need_names,
    need_once,
    need_told_apart,
    place_of,
)
from services.referral.model.part import Part

LISTING = "languages"


class LanguageRule(Part):
    """A language that the district adds, or what is otherwise about one that comes along.

    Attributes:
        code: as BCP 47, in small letters: `mix`, `pt-br`.
        names: what people call it; one that comes along keeps its own where it has none here.
        retired: forms offer it no more; who has it keeps it, and may still be entered with it.
        spoken_only: hardly anybody reads it.
        written: `en` or `es`: in which of the two its people are written to; `en` where it is not
            said.
    """

    code: Language
    names: TwoNames | None = None
    retired: bool = False
    spoken_only: bool = False
    written: Language | None = None

    _known = field_validator("code", "written")(need_listed)


def languages_of(rules: Iterable[LanguageRule]) -> Languages:
    """Return the languages of a district: those that come along, and what it says."""
    found = dict(LANGUAGES_AS_SHIPPED)
    for each in rules:
        shipped = LANGUAGES_AS_SHIPPED.get(each.code)
        names = each.names and each.names.told
        code = each.code.value
        found[each.code] = DistrictLanguage(
            code=each.code,
            names=names or (shipped.names if shipped else Names(en=code, es=code)),
            retired=each.retired,
            spoken_only=each.spoken_only,
            written=each.written or (shipped.written if shipped else Language.ENGLISH),
        )
    return Languages(found.values())


def check_languages(rules: Sequence[LanguageRule]) -> None:
    """Refuse what cannot be, by its place.

    Raises:
        TwoTonguesError: a code twice, a name missing or taken, or texts that do not exist.
    """
    for at, each in enumerate(rules):
        _check_one(place_of(LISTING, at, each.code.value), each)
    need_once(LISTING, [each.code.value for each in rules])
    need_told_apart(LISTING, languages_of(rules).all)


def _check_one(place: str, each: LanguageRule) -> None:
    need_names(place, each.names, shipped=each.code.shipped)
    if each.retired and each.code in WRITTEN:
        raise TwoTonguesError(
            f"{place}: pages and messages exist in it, and staff and families read them: leave "
            "retired out",
            f"{place}: las páginas y los mensajes existen en él, y el personal y las familias los "
            "leen: quite retired",
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
    need_kept(LISTING, "language-gone", before, after)
