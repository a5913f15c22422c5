"""The need categories that every service, page and partner speaks of.

A category is what a family needs, not what an agency is called. Those listed here come with Enlace;
a district adds its own, renames and retires them by its rules, which the topic `rules` tells. Codes
are stable: they appear in events, in stored records and in published tables, so a code may be added
but never renamed or reused.
"""

from typing import Annotated

from pydantic import AfterValidator

from contracts.code import DistrictCode
from contracts.event import Part


class Category(DistrictCode):
    """A kind of need, by its code: one that comes with Enlace, or a district's own."""

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


class Names(Part):
    """What something is called, in both languages; as it stands in the middle of a sentence."""

    en: str
    es: str


SHIPPED: dict[Category, Names] = {
    Category.DENTAL: Names(en="dentist", es="dentista"),
    Category.VISION: Names(en="glasses", es="lentes"),
    Category.MEDICAL: Names(en="doctor", es="médico"),
    Category.MENTAL_HEALTH: Names(en="counselling", es="consejería"),
    Category.SUBSTANCE_USE: Names(en="help with substances", es="ayuda con sustancias"),
    Category.FOOD: Names(en="food", es="comida"),
    Category.HOUSING: Names(en="housing", es="vivienda"),
    Category.UTILITIES: Names(en="light, water and gas", es="luz, agua y gas"),
    Category.CLOTHING: Names(en="clothes", es="ropa"),
    Category.TRANSPORTATION: Names(en="transport", es="transporte"),
    Category.LEGAL: Names(en="legal help", es="ayuda legal"),
    Category.IMMIGRATION: Names(en="immigration help", es="ayuda migratoria"),
    Category.EMPLOYMENT: Names(en="work", es="empleo"),
    Category.TUTORING: Names(en="tutoring", es="tutoría"),
    Category.AFTER_SCHOOL: Names(en="after-school club", es="actividades después de clases"),
    Category.MENTORING: Names(en="mentor", es="mentoría"),
    Category.CHILDCARE: Names(en="childcare", es="cuidado infantil"),
    Category.FAMILY_SUPPORT: Names(en="family support", es="apoyo a la familia"),
    Category.DOMESTIC_VIOLENCE: Names(en="safety at home", es="seguridad en casa"),
    Category.SPECIAL_NEEDS: Names(en="special needs", es="necesidades especiales"),
}
"""The needs that come with Enlace, and what they are called where the district has not said."""

RESTRICTED: frozenset[Category] = frozenset(
    {
        Category.MENTAL_HEALTH,
        Category.SUBSTANCE_USE,
        Category.IMMIGRATION,
        Category.DOMESTIC_VIOLENCE,
    }
)
"""Needs whose mere name can harm, in every district: never offered widely, never named in a text
message, and carried by events only as `restricted`. A district adds to them and takes none away."""

WITHHELD = Category("restricted")
"""What an event says instead of a restricted category."""

UNCATEGORIZED = Category("other")
"""What a service is entered under while nobody has said which need it meets."""

RESERVED = frozenset({WITHHELD, UNCATEGORIZED, Category("unknown")})
"""Codes that stand for the lack of one: no district has a need by these names."""


def on_topics(category: Category) -> Category:
    """Return a category as an event may carry it."""
    return WITHHELD if category in RESTRICTED else category


TopicCategory = Annotated[Category, AfterValidator(on_topics)]
"""A category in an event: whatever it was made with, one that every district restricts is withheld.
Those that a district restricts besides are withheld by who makes the event."""
