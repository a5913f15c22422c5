"""An entry of the directory as a form holds it: from what is known, checked, and as it is sent.

Pure. What the form does not show stays as it is: the point of a place, the campuses, a second span
of hours on one day.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from services.portal.model.whom import OLDEST, in_order, parts

WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
COSTS = ("free", "sliding-scale", "by-insurance", "fee")
LONGEST_NAME, LONGEST_TEXT = 200, 4_000
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ZIP = re.compile(r"\d{5}")

Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What the form of a service holds.

    Attributes:
        also: codes of the needs that it meets besides its own.
        sites: schools; none: every one that its agreement covers.
        zips: of the homes that it takes, with spaces or commas between.
        interpreter: `yes`, `no`, or empty where nobody has told.
        hours: opening and closing, by day; both empty: closed, or not told.
        phones: those of each place, with commas between, in the order of the places.
    """

    name: str = ""
    description: str = ""
    category: str = ""
    also: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    youngest: str = ""
    oldest: str = ""
    first_grade: str = ""
    last_grade: str = ""
    insurance: tuple[str, ...] = ()
    zips: str = ""
    interpreter: str = ""
    cost: str = ""
    hours: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    phones: tuple[str, ...] = ()

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        if not 0 < len(self.name) <= LONGEST_NAME or len(self.description) > LONGEST_TEXT:
            return "entry.say-name"
        ages = [_age(each) for each in (self.youngest, self.oldest)]
        typed = [each for each in ages if each is not None]
        if -1 in typed or typed != sorted(typed):
            return "entry.say-ages"
        if not in_order(self.first_grade, self.last_grade):
            return "entry.say-grades"
        if not all(_ZIP.fullmatch(each) for each in parts(self.zips)):
            return "entry.say-zips"
        if not all(_open(*each) for each in self.hours.values()):
            return "entry.say-hours"
        return None

    def body(self, known: Known) -> dict[str, Any]:
        """Return what is sent; terms and places go along only where the form has changed them."""
        terms = self._terms(known["terms"])
        places = self._places(known["locations"])
        return {
            "agency": known["agency"],
            "name": self.name,
            "category": self.category,
            "also": [each for each in self.also if each != self.category],
            "description": self.description or None,
            "sites": list(self.sites),
            "languages": list(self.languages),
            "minimum_age": _age(self.youngest),
            "maximum_age": _age(self.oldest),
            "retired": known["retired"],
            **({"terms": terms} if terms != known["terms"] else {}),
            **({"locations": places} if places != known["locations"] else {}),
        }

    def _terms(self, known: Known) -> dict[str, Any]:
        told = {"yes": True, "no": False}
        insurance = [each for each in known["insurance"] if each in self.insurance]
        return {
            **known,
            "first_grade": self.first_grade or None,
            "last_grade": self.last_grade or None,
            "insurance": [*insurance, *(i for i in self.insurance if i not in insurance)],
            "zips": list(dict.fromkeys(parts(self.zips))),
            "interpreter": told.get(self.interpreter),
            "cost": self.cost or None,
            "hours": self._hours(known["hours"]),
        }

    def _hours(self, known: Sequence[Known]) -> list[dict[str, Any]]:
        """Return the hours; in the order in which they are known where the form changed none."""
        shown = first_hours(known)
        further = [dict(each) for each in known if each not in shown.values()]
        typed = [
            {"day": day, "opens_at": opens, "closes_at": closes}
            for day, (opens, closes) in self.hours.items()
            if opens
        ]
        before = [dict(each) for each in known]
        same = sorted([*typed, *further], key=str) == sorted(before, key=str)
        return before if same else [*typed, *further]

    def _places(self, known: Sequence[Known]) -> list[dict[str, Any]]:
        pairs = zip_longest(known, self.phones[: len(known)], fillvalue=None)
        return [
            {**place, "phones": list(place["phones"]) if typed is None else _phones(typed)}
            for place, typed in pairs
            if place is not None
        ]


def draft_of(service: Known) -> EntryDraft:
    """Return a known service as the form begins with it."""
    terms, told = service["terms"], {True: "yes", False: "no"}
    hours = {
        day: (each["opens_at"], each["closes_at"])
        for day, each in first_hours(terms["hours"]).items()
    }
    return EntryDraft(
        name=service["name"],
        description=service["description"] or "",
        category=service["category"],
        also=tuple(service["also"]),
        sites=tuple(service["sites"]),
        languages=tuple(service["languages"]),
        youngest=_said(service["minimum_age"]),
        oldest=_said(service["maximum_age"]),
        first_grade=terms["first_grade"] or "",
        last_grade=terms["last_grade"] or "",
        insurance=tuple(terms["insurance"]),
        zips=", ".join(terms["zips"]),
        interpreter=told.get(terms["interpreter"], ""),
        cost=terms["cost"] or "",
        hours=hours,
        phones=tuple(", ".join(each["phones"]) for each in service["locations"]),
    )


def first_hours(hours: Sequence[Known]) -> dict[str, Known]:
    """Return the first span of each day, which the form shows."""
    first: dict[str, Known] = {}
    for each in hours:
        first.setdefault(each["day"], each)
    return first


def typed_hours(opens: Sequence[str], closes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the hours of a week, of the two columns of a form."""
    rows = zip(WEEK, zip_longest(opens[:7], closes[:7], fillvalue=""), strict=False)
    return {day: (one.strip(), two.strip()) for day, (one, two) in rows if one or two}


def _phones(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[,;\n]+", text) if each.strip()]


def _age(text: str) -> float | None:
    """Return an age in years; None where none was typed, -1 for what is none."""
    typed = text.strip().replace(",", ".")
    if not typed:
        return None
    fits = re.fullmatch(r"\d{1,3}(\.\d{1,2})?", typed, re.ASCII) is not None
    return float(typed) if fits and float(typed) <= OLDEST else -1


def _said(age: float | None) -> str:
    return "" if age is None else f"{age:g}"


def _open(opens: str, closes: str) -> bool:
    return bool(_CLOCK.fullmatch(opens) and _CLOCK.fullmatch(closes)) and opens < closes
