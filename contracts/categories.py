"""The need categories that every service, page and partner speaks of.

A category is what a family needs, not what an agency is called. Codes are
stable: they appear in events, in stored records and in published tables, so a
code may be added but never renamed or reused.
"""

from typing import Annotated

from pydantic import AfterValidator

from contracts.code import Code


class Category(Code):
    """A kind of need, by its code."""

    DENTAL = "dental"
    VISION = "vision"
    MEDICAL = "medical"
    MENTAL_HEALTH = "mental-health"
    SUBSTANCE_USE = "substance-use"
    FOOD = "food"
    HOUSING = "housing"
    UTILITIES = "utilities"
    CLOTHING = "clothing"
    TRANSPORTATION = "transportation"
    LEGAL = "legal"
    IMMIGRATION = "immigration"
    EMPLOYMENT = "employment"
    TUTORING = "tutoring"
    AFTER_SCHOOL = "after-school"
    MENTORING = "mentoring"
    CHILDCARE = "childcare"
    FAMILY_SUPPORT = "family-support"
    DOMESTIC_VIOLENCE = "domestic-violence"
    SPECIAL_NEEDS = "special-needs"


RESTRICTED: frozenset[Category] = frozenset(
    {
        Category.MENTAL_HEALTH,
        Category.SUBSTANCE_USE,
        Category.IMMIGRATION,
        Category.DOMESTIC_VIOLENCE,
    }
)
"""Needs whose mere name can harm: never offered widely, never named in a text message, and
carried by events only as `restricted`."""

WITHHELD = Category("restricted")
"""What an event says instead of a restricted category."""


def on_topics(category: Category) -> Category:
    """Return a category as an event may carry it."""
    return WITHHELD if category in RESTRICTED else category


TopicCategory = Annotated[Category, AfterValidator(on_topics)]
"""A category in an event: whatever it was made with, a restricted one is withheld."""
