"""For whom something is, as a form holds it: ages, grades, insurances and ZIP codes. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

INSURANCES = ("medi-cal", "private", "none")
GRADES = ("PK", "KG", *(f"{number:02}" for number in range(1, 13)))
OLDEST = 130
_ZIP = re.compile(r"\d{5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an agreement is for, as typed; what is empty excludes nobody.

    Attributes:
        youngest: in whole years.
        zips: of homes, with spaces or commas between.
    """

    youngest: str = ""
    oldest: str = ""
    first_grade: str = ""
    last_grade: str = ""
    insurance: tuple[str, ...] = ()
    zips: str = ""

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        ages = [each.strip() for each in (self.youngest, self.oldest) if each.strip()]
        whole = all(each.isascii() and each.isdigit() and int(each) <= OLDEST for each in ages)
        if not whole or list(map(int, ages)) != sorted(map(int, ages)):
            return "entry.say-ages"
        if not in_order(self.first_grade, self.last_grade):
            return "entry.say-grades"
        if not all(_ZIP.fullmatch(each) for each in parts(self.zips)):
            return "entry.say-zips"
        return None

    def body(self) -> dict[str, Any]:
        """Return what is sent."""
        return {
            "minimum_age": int(self.youngest) if self.youngest.strip() else None,
            "maximum_age": int(self.oldest) if self.oldest.strip() else None,
            "first_grade": self.first_grade or None,
            "last_grade": self.last_grade or None,
            "insurance": list(self.insurance),
            "zips": list(dict.fromkeys(parts(self.zips))),
        }


def whom_of(known: Mapping[str, Any]) -> Whom:
    """Return what is known as the form begins with it."""
    low, high = known["minimum_age"], known["maximum_age"]
    return Whom(
        youngest="" if low is None else str(low),
        oldest="" if high is None else str(high),
        first_grade=known["first_grade"] or "",
        last_grade=known["last_grade"] or "",
        insurance=tuple(known["insurance"]),
        zips=", ".join(known["zips"]),
    )


def parts(text: str) -> list[str]:
    """Return what stands between spaces, commas and semicolons."""
    return [each for each in re.split(r"[\s,;]+", text) if each]


def in_order(first: str, last: str) -> bool:
    """Tell whether grades go upwards; one that nobody knows here is left to partner."""
    known = [GRADES.index(each) for each in (first, last) if each in GRADES]
    return known == sorted(known)
