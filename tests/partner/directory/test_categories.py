"""Terms of classifications and the needs they stand for."""

import pytest

from contracts.categories import RESTRICTED, Category
from services.partner.directory.categories import OPEN_ELIGIBILITY, category_of


@pytest.mark.parametrize(
    ("number", "category"),
    [
        ("106-02", Category.DENTAL),
        ("106-06-04-06", Category.VISION),
        ("106-06-09", Category.MEDICAL),
        ("108-07-01", Category.MENTAL_HEALTH),
        ("106-01-02", Category.SUBSTANCE_USE),
        ("102-04", Category.FOOD),
        ("103-01", Category.HOUSING),
        ("103-03-02", Category.UTILITIES),
        ("104-02-02", Category.CLOTHING),
        ("105-01-01", Category.TRANSPORTATION),
        ("111-04", Category.LEGAL),
        ("111-01-02", Category.IMMIGRATION),
        ("110-01", Category.EMPLOYMENT),
        ("109-03-10", Category.TUTORING),
        ("108-03-02", Category.AFTER_SCHOOL),
        ("108-07-05", Category.MENTORING),
        ("108-03-03", Category.CHILDCARE),
        ("108-07-03", Category.FAMILY_SUPPORT),
        ("101-06-01", Category.DOMESTIC_VIOLENCE),
        ("109-03-09", Category.SPECIAL_NEEDS),
    ],
)
def test_every_need_has_its_terms(number: str, category: Category) -> None:
    assert category_of("Open Eligibility", number) is category


def test_a_term_stands_once_in_the_table() -> None:
    assert len(OPEN_ELIGIBILITY) == 257


def test_headings_and_needs_of_others_stand_for_nothing() -> None:
    for number in ("101", "104", "108-02", "108-04-02", "999"):
        assert category_of("Open Eligibility", number) is None


def test_a_number_of_another_classification_means_nothing() -> None:
    assert category_of("Home-made", "106-02") is None
    assert category_of(None, "106-02") is None


def test_own_codes_come_back_as_they_went() -> None:
    assert category_of("Enlace", "after-school") is Category.AFTER_SCHOOL
    assert category_of("Enlace", "glasses") is None


def test_there_are_twenty_needs_of_which_four_are_restricted() -> None:
    assert len(Category) == 20
    assert {category.value for category in RESTRICTED} == {
        "mental-health",
        "substance-use",
        "immigration",
        "domestic-violence",
    }
