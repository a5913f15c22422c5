"""What a district says of kinds of need: its own, new names, what it restricts, what it retires.

Under a retired one nothing new is written down; what is open goes on.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from contracts.categories import RESERVED, RESTRICTED, Category, Names
from contracts.rules import DistrictCategory, RecordsClass
from services.chassis.closed import need_listed
from services.chassis.errors import TwoTonguesError, rule
from services.chassis.needs import AS_SHIPPED, Needs, need_known
from services.referral.model.lists import (
    TwoNames,
    need_kept,
    need_names,
    need_once,
    need_told_apart,
    place_of,
)
from services.referral.model.part import Part

LISTING = "categories"
Term = Annotated[str, StringConstraints(pattern=r"^\d{3}(-\d{2}){0,4}$")]


class CategoryRule(Part):
    """A kind of need of the district's own, or what is otherwise about one that comes along.

    Attributes:
        code: small letters, figures and hyphens; stands in records and tables for good.
        names: what people call it; a need that comes along keeps its own where it has none here.
        restricted: its name alone can harm: asked of one agency at a time, named in no message,
            seen by named roles. Once it is, it stays so.
        retired: nothing new is written down under it; what is open goes on.
        records: what sort of records a release about it is of; education where it is not said.
        terms: numbers of the Open Eligibility classification that stand for it in directories.
    """

    code: Category
    names: TwoNames | None = None
    restricted: bool | None = None
    retired: bool = False
    records: RecordsClass | None = None
    terms: Annotated[tuple[Term, ...], Field(max_length=50)] = ()

    _known = field_validator("code", "records")(need_listed)


def needs_of(rules: Iterable[CategoryRule]) -> Needs:
    """Return the kinds of need of a district: those that come along, and what it says."""
    found = dict(AS_SHIPPED)
    for each in rules:
        found[each.code] = _told(each, AS_SHIPPED.get(each.code))
    return Needs(found.values())


def _told(each: CategoryRule, shipped: DistrictCategory | None) -> DistrictCategory:
    names = each.names and each.names.told
    return DistrictCategory(
        code=each.code,
        names=names or (shipped.names if shipped else Names(en=each.code, es=each.code)),
        restricted=bool(each.restricted) or each.code in RESTRICTED,
        retired=each.retired,
        records=each.records or (shipped.records if shipped else RecordsClass.EDUCATION),
        terms=each.terms,
    )


def check_categories(rules: Sequence[CategoryRule]) -> None:
    """Refuse what cannot be, by its place.

    Raises:
        TwoTonguesError: a code twice or reserved, a name missing or taken, a term twice, or no
            kind of need left.
    """
    for at, each in enumerate(rules):
        _check_one(place_of(LISTING, at, each.code.value), each)
    need_once(LISTING, [each.code.value for each in rules])
    need_once(LISTING, [f"{term}" for each in rules for term in each.terms])
    needs = needs_of(rules)
    if not needs.open:
        raise TwoTonguesError(
            "categories retires every kind of need: keep one that referrals can be written under",
            "categories retira todos los tipos de necesidad: deje uno para escribir derivaciones",
        )
    need_told_apart(LISTING, needs.open)


def _check_one(place: str, each: CategoryRule) -> None:
    if each.code in RESERVED:
        raise TwoTonguesError(
            f"{place} stands for the lack of a need in events and tables: take another code",
            f"{place} indica la falta de una necesidad en eventos y tablas: tome otro código",
        )
    need_names(place, each.names, shipped=each.code.shipped)
    if each.restricted is False and each.code in RESTRICTED:
        raise TwoTonguesError(
            f"{place} is restricted in every district: leave restricted out",
            f"{place} está restringida en todos los distritos: quite restricted",
        )


def check_named(
    needs: Needs, *, planned: Sequence[Category], consented: Iterable[Category]
) -> None:
    """Refuse rules on kinds of need that the district has not, or takes no more.

    Raises:
        TwoTonguesError: naming the place.
    """
    places = [(f"overrides.{at}", each) for at, each in enumerate(planned)]
    places += [("minor_consents_from", each) for each in consented]
    for place, category in places:
        known = needs.get(category)
        if known is None:
            raise TwoTonguesError(
                f"{place} is for {category.value}, which is no need of this district: correct it, "
                "or add the need to categories",
                f"{place} es para {category.value}, que no es una necesidad de este distrito: "
                "corríjala, o agréguela a categories",
            )
        if known.retired and place.startswith("overrides"):
            raise TwoTonguesError(
                f"{place} is a plan for {category.value}, which categories retires: take the plan "
                "out, or keep the need",
                f"{place} es un plan para {category.value}, que categories retira: quite el plan, "
                "o conserve la necesidad",
            )


def check_categories_kept(before: Needs, after: Needs) -> None:
    """Refuse a change that takes away what records and people rely on.

    Raises:
        EnlaceError: a kind of need is gone, or a restricted one no longer is.
    """
    need_kept(LISTING, "category-gone", before, after)
    opened = [
        each.code.value
        for each in before.all
        if each.restricted and not after.restricted(each.code)
    ]
    if opened:
        raise rule(
            "category-restricted",
            f"{', '.join(opened)} is restricted, and families were told that it is. Nothing was "
            "changed: keep restricted: true; or retire it, and add another under a new code.",
            es=f"{', '.join(opened)} está restringida, y así se dijo a las familias. No se cambió "
            "nada: deje restricted: true; o retírela, y agregue otra con un código nuevo.",
        )


def need_open(needs: Needs, category: Category) -> None:
    """Pass a kind of need under which something new can be written down.

    Raises:
        EnlaceError: the district has it not (422), or has retired it (409).
    """
    need_known(needs, [category])
    known = needs.get(category)
    if known is not None and known.retired:
        raise rule(
            "category-retired",
            f"This district takes nothing new under {known.names.en} any more. Nothing was "
            "written down: choose another kind of need. What is open goes on.",
            es=f"Este distrito ya no recibe nada nuevo bajo {known.names.es}. No se guardó nada: "
            "elija otro tipo de necesidad. Lo que está abierto sigue su curso.",
        )
