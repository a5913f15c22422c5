"""What a service asks and offers, in the reader's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.portal.when import When
from services.portal.words import Words

Fact = tuple[str, Sequence[str]]
"""The key of what it is, and what is said of it, line by line."""


def facts_of(service: Mapping[str, Any], words: Words, when: When) -> list[Fact]:
    """Return what is known of a service, in the order in which somebody asks for it."""
    listing, terms = service["listing"], service["terms"]
    eligible = [*_whom(service, words), *_lines(listing["eligibility_description"])]
    money = [words.code("cost", terms["cost"])] if terms["cost"] else []
    facts: list[Fact] = [
        ("eligibility", eligible),
        ("languages", _languages(service, words)),
        ("hours", [*hours_of(service, words, when), *_special(listing, words, when)]),
        ("cost", [*map(str, money), *_lines(listing["fees_description"])]),
        ("where", [place for each in service["locations"] for place in _place(each, words)]),
        ("areas", _areas(service)),
        ("papers", [each["document"] for each in listing["papers"]]),
        ("apply", _lines(listing["application_process"])),
        ("wait", _lines(listing["wait_time"])),
    ]
    return [(name, lines) for name, lines in facts if lines]


def hours_of(service: Mapping[str, Any], words: Words, when: When) -> list[str]:
    """Return when it is open in a usual week; days with the same hours together."""
    together: dict[tuple[str, str], list[str]] = {}
    for each in service["terms"]["hours"]:
        together.setdefault((each["opens_at"], each["closes_at"]), []).append(each["day"])
    said = [
        str(
            words(
                "listing.open",
                days=when.weekdays(days),
                opens=when.hour(opens),
                closes=when.hour(closes),
            )
        )
        for (opens, closes), days in together.items()
    ]
    told = [each["description"] for each in service["listing"]["schedules"] if each["description"]]
    return [*said, *told]


def code_of(words: Words, kind: str, code: str) -> str:
    """Return a code in words; one of the district's own making stands for itself."""
    known = kind in {"category", "language"} or words.has(f"{kind}.{code}")
    return str(words.code(kind, code)) if known else code


def _special(listing: Mapping[str, Any], words: Words, when: When) -> list[str]:
    """Return the days on which the usual hours do not hold."""
    said = []
    for each in listing["special_days"]:
        ends = dict.fromkeys(when.day_of_year(each[end]) for end in ("first", "last"))
        days = " – ".join(ends)  # noqa: RUF001 - a span of days takes a dash
        if each["closed"] or not (each["opens_at"] and each["closes_at"]):
            said.append(words("listing.closed", days=days))
        else:
            opens, closes = when.hour(each["opens_at"]), when.hour(each["closes_at"])
            said.append(words("listing.open", days=days, opens=opens, closes=closes))
    return [str(each) for each in said]


def _whom(service: Mapping[str, Any], words: Words) -> list[str]:
    return whom_in_words(words, service, service["terms"])


def whom_in_words(words: Words, ages: Mapping[str, Any], terms: Mapping[str, Any]) -> list[str]:
    """Return for whom something is: by ages, grades and insurances."""
    low, high = ages["minimum_age"], ages["maximum_age"]
    said = []
    if low is not None and high is not None:
        said.append(words("listing.ages", low=f"{low:g}", high=f"{high:g}"))
    elif low is not None:
        said.append(words("listing.from-age", low=f"{low:g}"))
    elif high is not None:
        said.append(words("listing.to-age", high=f"{high:g}"))
    first, last = terms["first_grade"], terms["last_grade"]
    if first or last:
        said.append(words("listing.grades", first=first or "…", last=last or "…"))
    if terms["insurance"]:
        taken = [code_of(words, "insurance", code) for code in terms["insurance"]]
        said.append(words("listing.insurance", what=words.listed(taken)))
    return [str(each) for each in said]


def _languages(service: Mapping[str, Any], words: Words) -> list[str]:
    spoken = [words.code("language", code) for code in service["languages"]]
    said = [words.listed(spoken)] if spoken else []
    if service["terms"]["interpreter"]:
        said.append(str(words("listing.interpreter")))
    return [*said, *_lines(service["listing"]["interpretation_services"])]


def _areas(service: Mapping[str, Any]) -> list[str]:
    zips = service["terms"]["zips"]
    named = [each["name"] or each["description"] for each in service["listing"]["areas"]]
    return [*([", ".join(zips)] if zips else []), *(each for each in named if each)]


def _place(place: Mapping[str, Any], words: Words) -> list[str]:
    town = " ".join(filter(None, (place["state"], place["postal_code"])))
    street = ", ".join(filter(None, (place["name"], *place["lines"], place["city"], town)))
    access = [words("listing.access", what=words.listed(place["accessibility"]))]
    return [
        *([street] if street else []),
        *_lines(place["transportation"]),
        *(map(str, access) if place["accessibility"] else []),
    ]


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
