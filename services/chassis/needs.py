"""The kinds of need that a district has, as every service and page goes by them. Pure.

Fails safe: a kind that is not known here is taken as restricted, and shown by its code.
"""

from collections.abc import Iterable, Mapping

from contracts.categories import (
    RESERVED,
    RESTRICTED,
    SHIPPED,
    UNCATEGORIZED,
    WITHHELD,
    Category,
    Names,
)
from contracts.rules import DistrictCategory, RecordsClass
from services.chassis.listed import DistrictList, Unlisted, need_in

_HEALTH = {Category.DENTAL, Category.VISION, Category.MEDICAL, Category.SUBSTANCE_USE}
_LEGAL = {Category.LEGAL, Category.IMMIGRATION}


def _records_of(category: Category) -> RecordsClass:
    if category in _HEALTH:
        return RecordsClass.HEALTH
    if category is Category.MENTAL_HEALTH:
        return RecordsClass.COUNSELING
    return RecordsClass.LEGAL if category in _LEGAL else RecordsClass.EDUCATION


AS_SHIPPED: Mapping[Category, DistrictCategory] = {
    category: DistrictCategory(
        code=category,
        names=names,
        restricted=category in RESTRICTED,
        retired=False,
        records=_records_of(category),
        terms=(),
    )
    for category, names in SHIPPED.items()
}
"""The kinds of need of a district that has said nothing."""


class Needs(DistrictList[DistrictCategory]):
    """The kinds of need that a district has.

    Args:
        categories: all of them, retired ones too.
    """

    def __init__(self, categories: Iterable[DistrictCategory]) -> None:
        super().__init__(categories)
        self._by_term = {
            term: each.code for each in self.all if not each.retired for term in each.terms
        }
        self.harmless = frozenset(
            each.code for each in self.all if not each.restricted and each.code not in RESTRICTED
        )

    def restricted(self, category: Category) -> bool:
        """Tell whether the name alone can harm."""
        return category not in self.harmless and category != UNCATEGORIZED

    def on_topics(self, category: Category) -> Category:
        """Return a category as this district's events may carry it."""
        return WITHHELD if self.restricted(category) else category

    def names(self, code: str) -> Names | None:
        """Return what a kind of need is called; None where it is not known or stands for none."""
        return None if code in RESERVED else super().names(code)

    def of_term(self, number: str) -> Category | None:
        """Return the kind of need that the district says a term of Open Eligibility stands for."""
        return self._by_term.get(number)


class RestrictedNeeds:
    """The kinds of need whose name alone can harm: those that are, and those not known here."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    def __contains__(self, category: object) -> bool:
        """Tell whether a kind of need is one of them."""
        return isinstance(category, Category) and self._needs.restricted(category)

    def intersection(self, categories: Iterable[Category]) -> frozenset[Category]:
        """Return those of some kinds of need that are."""
        return frozenset(each for each in categories if each in self)


_UNKNOWN = Unlisted(
    "category-unknown",
    "is no need of this district",
    "no es una necesidad de este distrito",
)


def need_known(needs: Needs, categories: Iterable[Category]) -> None:
    """Pass kinds of need that the district has; retired ones too.

    Raises:
        EnlaceError: it has not (422); the answer says what may be sent.
    """
    need_in(needs, categories, _UNKNOWN)


SHIPPED_NEEDS = Needs(AS_SHIPPED.values())
"""Until anything was told: what comes with Enlace."""
