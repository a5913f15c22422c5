"""Which need each term of the Open Eligibility classification stands for.

Open Eligibility names what an agency does; Enlace's categories name what a family needs. A term
has its number and place in several branches; the number decides. Terms about ageing, animals,
burial or adult schooling stand for no need of a school's family and are left out on purpose, as
are headings that cover several needs: whoever imports a directory is shown them.
"""

import re

from contracts.categories import Category
from services.chassis.needs import SHIPPED_NEEDS, Needs

OPEN_ELIGIBILITY_NAME = "Open Eligibility"
OWN_TAXONOMY_NAME = "Enlace"
"""The taxonomy under which Enlace's own exports name needs by their codes."""

_NUMBER = re.compile(r"\d{3}(-\d{2})*")

_TERMS: dict[Category, str] = {
    Category.DENTAL: "106-02",
    Category.VISION: "106-06-04-06",
    Category.MEDICAL: """
        101-02-02 104-04 106
        106-03-03 106-03-04 108-04-03 108-04-04
        106-04 106-04-02 106-04-03 106-04-06 109-03-07 109-03-07-01 109-03-07-02 109-03-07-05
        106-05 106-05-03 106-05-04 106-05-05 106-05-06
        106-06 106-06-01 106-06-03 106-06-04 106-06-04-02 106-06-04-03 106-06-04-05 106-06-05
        106-06-06 106-06-07 106-06-07-02 106-06-07-03 106-06-07-04 106-06-07-06 106-06-07-07
        106-06-07-08 106-06-07-09 106-06-07-11 106-06-09
        107-02-03 107-02-03-03 107-02-03-04 107-02-03-05 107-02-03-06 107-06-01""",
    # Grief and residential treatment may be something else; the stricter category is the safe one.
    Category.MENTAL_HEALTH: """
        101-07 106-03-01 106-04-08 106-06-04-04 106-06-07-01 106-06-07-10 106-06-08
        108-04-01 108-06-02 108-07-01 108-07-02 108-07-09-02 109-03-07-07""",
    Category.SUBSTANCE_USE: """
        103-05-04-02 106-01 106-01-01 106-01-02 106-01-04 106-01-05 106-01-06 108-07-09-01""",
    Category.FOOD: """
        101-02-01 101-03 102 102-01 102-02 102-03 102-04 102-05 102-06 102-06-02 102-07
        106-04-04 107-02-02 107-02-02-01 107-03-02 109-03-07-03""",
    Category.HOUSING: """
        101-02-03 101-04 103 103-01 103-02 103-03 103-03-03 103-03-04 103-03-05
        103-04 103-04-01 103-04-02 103-05 103-05-02 103-05-02-02 103-05-02-04 103-05-04
        107-02-04 107-02-04-03 107-02-04-05 107-05-02 107-05-03 107-06-02 108-05-03
        109-03-04-02 109-03-04-03""",
    Category.UTILITIES: "101-02-06 103-03-02 107-02-04-02",
    Category.CLOTHING: """
        104-01-01 104-02 104-02-01 104-02-02 104-02-03 104-02-04 107-02-05-03 109-02-03
        110-02-01""",
    Category.TRANSPORTATION: """
        101-02-04 105 105-01 105-01-01 105-01-02 105-02 105-02-01 105-02-02 106-05-07
        107-02-03-07 107-02-05-05 107-02-06 107-02-06-01 107-02-06-02 109-02-05""",
    Category.LEGAL: """
        110-05 111 111-01 111-01-01 111-01-01-01 111-01-01-02 111-01-01-03 111-01-01-04
        111-01-03 111-01-04 111-01-05 111-01-06 111-01-07 111-02 111-03 111-04""",
    Category.IMMIGRATION: "109-05-01 111-01-02",
    Category.EMPLOYMENT: """
        104-03-05 107-02-07 107-03-05 108-05-05 109-03-06 109-03-08 109-05-02
        109-06 109-06-01 109-06-02 109-06-04 109-06-05 109-06-06 109-06-07
        110 110-01 110-01-01 110-01-02 110-02 110-02-03 110-02-04
        110-03 110-03-01 110-03-02 110-03-03 110-03-04 110-03-05 110-03-06 110-03-07 110-04""",
    Category.TUTORING: "109-03-10",
    Category.AFTER_SCHOOL: "108-03-02 108-03-04 108-03-06 108-06-04",
    Category.MENTORING: "108-07-05",
    Category.CHILDCARE: """
        107-02-01 108-03-03 108-03-03-02 108-03-03-04 108-03-05 108-05-02 109-04""",
    # Also what a family needs money, goods, advice or company for.
    Category.FAMILY_SUPPORT: """
        101-02 101-02-05 104-01 104-01-02 104-03 104-03-01 104-03-02 104-03-03 104-03-04 104-06
        106-04-01 106-04-05 107-02 107-02-05 107-02-05-01 107-02-05-04 107-03 107-03-04
        107-05 107-05-01 107-05-04 107-07 108-01 108-01-01 108-01-02 108-01-03 108-01-04
        108-03-07 108-05 108-05-01 108-05-04 108-07 108-07-03 108-07-04 108-07-06 108-07-07
        108-07-09 108-07-09-03 108-07-10 109-01 109-02 109-02-01 109-02-04 109-03-04
        109-03-04-01 109-03-07-04""",
    Category.DOMESTIC_VIOLENCE: "101-06 101-06-01 101-06-02 103-05-03",
    Category.SPECIAL_NEEDS: """
        104-05-01 106-04-07 106-05-02 106-06-02 106-06-04-01 107-02-03-02 107-03-01
        109-03-07-06 109-03-09""",
}
OPEN_ELIGIBILITY: dict[str, Category] = {
    number: category for category, numbers in _TERMS.items() for number in numbers.split()
}
"""Category by term number."""


def category_of(taxonomy: str | None, code: str, needs: Needs = SHIPPED_NEEDS) -> Category | None:
    """Returns the need that a term stands for, or None if it stands for none that is open.

    Args:
        taxonomy: The name of the classification, as the directory gives it.
        code: The term's code in it.
        needs: The district's; what it says of a term goes before what Enlace knows.
    """
    found = _category_of(taxonomy, code, needs)
    known = None if found is None else needs.get(found)
    return None if known is None or known.retired else known.code


def _category_of(taxonomy: str | None, code: str, needs: Needs) -> Category | None:
    named = re.sub("[^a-z]", "", (taxonomy or "").casefold())
    if named == "openeligibility":
        return needs.of_term(code) or OPEN_ELIGIBILITY.get(code)
    if named == OWN_TAXONOMY_NAME.casefold():
        return next((each.code for each in needs.all if each.code.value == code), None)
    return None


def is_open_eligibility_term(code: str) -> bool:
    """Whether a code has the form of a number of Open Eligibility."""
    return _NUMBER.fullmatch(code) is not None
