"""What is known of a child as matching weighs it, and which reasons speak for a place. Pure.

Nothing of it is kept: it goes into the body of one question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.chassis.grades import place_of

SPEAKS_FOR = frozenset(
    {
        *("seats-free", "seat-free", "language-spoken", "interpreter", "on-campus"),
        *("near-home", "near-school", "replies-in-hours", "replies-in-days", "accepts"),
        *("cost-free", "cost-by-insurance", "hours-suit"),
        *("age-fits", "grade-fits", "insurance-taken", "area-fits"),
    }
)
"""Codes of reasons for a place; the others are things to know or to ask before it is chosen."""

PARTS = ("morning", "afternoon", "evening")


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """What decides who can help a child; what is None is not known and excludes nobody.

    Attributes:
        age: in whole years.
        grade: as the district writes it.
        insured: what the school knows of the insurance.
        insurance: the same as agencies name it.
        home_zip: five digits.
        language: that the family speaks.
        interpreter: whether somebody said that it cannot do without that language.
    """

    age: int | None = None
    grade: str | None = None
    insured: str | None = None
    insurance: str | None = None
    home_zip: str | None = None
    language: str | None = None
    interpreter: bool = False

    def body(self) -> dict[str, Any]:
        """Return them as matching takes them; those that are not known are left out."""
        told = {
            "age": self.age,
            "grade": self.grade if place_of(self.grade) is not None else None,
            "insurance": self.insurance,
            "home_zip": self.home_zip,
            "language": self.language,
        }
        return {name: value for name, value in told.items() if value is not None}

    def __repr__(self) -> str:
        """Return nothing of the child: it may end in a log."""
        return "Facts(…)"


def facts_of(
    child: Mapping[str, Any],
    contacts: Sequence[Mapping[str, Any]],
    insurances: Mapping[str, str],
    today: date,
) -> Facts:
    """Return what decides who can help a child.

    Args:
        child: its record, as referral shows it.
        contacts: of its household; the first who may be told speaks for the family.
        insurances: what agencies call the insurances that schools write down.
        today: local to the school.
    """
    told = [each for each in contacts if each.get("may_be_told")]
    speaks = [each.get("speaks") or each.get("reads") for each in told]
    insured = child.get("insurance")
    return Facts(
        age=_age(child.get("birth_date"), today),
        grade=child.get("grade"),
        insured=insured,
        insurance=insurances.get(str(insured)),
        home_zip=child.get("home_zip"),
        language=next((str(each) for each in speaks if each), None),
        interpreter=any(each.get("interpreter") for each in told),
    )


def _age(born: str | None, today: date) -> int | None:
    if not born:
        return None
    day = date.fromisoformat(born)
    return max(0, today.year - day.year - ((today.month, today.day) < (day.month, day.day)))
