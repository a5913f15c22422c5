"""Values as they are in schools, to try words on: plainly invented, from short to long.

A share of texts fits when it fits for these, each with each in turn.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from contracts.codes import Channel, Language
from services.notify.model.segments import is_gsm7
from services.notify.wording import dates
from services.notify.wording.names import shown_phone
from services.notify.wording.source import Source
from services.notify.wording.values import VALUES, Kind, Value

ADDRESS = "https://enlace.example.org"
"""As long as a district's own address usually is."""

SCHOOLS = (
    "Lincoln Elementary",
    "Manzanita Elementary",
    "Cedar Hollow Elementary",
    "Oak Hill School",
    "Puente Verde Elementary",
    "Harbor View Elementary",
    "Las Palomas Elementary",
    "Roosevelt K-8",
    "Washington Middle School",
    "Bayside High School",
    "East Valley Academy",
    "Juniper Elementary",
    "Martin Luther King Jr. Elementary",
)
COORDINATORS = (
    *("Rosa Mendez", "Denise Clark", "Marisol Jacarandas", "Ana Ruiz", "José Encinales"),
    *("Guadalupe Lightfoot", "María González", "Kofi Elmhurst", "Leticia Dovetail", "Li Wu"),
    "Priscilla Castlewood-Orchardson",
)
NAMES = ("Elena", "Ana", "José", "María Guadalupe", "Bartholomew-James", "Li", "Itzel")

_DAY = datetime(2026, 9, 1, 20, tzinfo=UTC)
_TOKEN = "kJ8_x0Qz-7mWvR3nT5bYcA"  # noqa: S105 - as long as a real one
_ZONE = "America/Los_Angeles"
_COUNTS = (1, 4, 18, 30)
_SIGNED = tuple(each for each in COORDINATORS if is_gsm7(each))
"""A colleague's own name stands as it is, though an accent costs a part: none is shorter."""
_CHOICES = {
    Language.SPANISH: "1 por la del martes 24 de noviembre, 2 por la del jueves 26 de noviembre",
    Language.ENGLISH: "1 for Tue, Nov 24, 2 for Thu, Nov 26",
}
_SAID = {
    Language.SPANISH: "Gracias por escribir. Le llamo hoy a las tres.",
    Language.ENGLISH: "Thank you. I will call you at three.",
}


def of(source: Source, language: Language, channel: Channel, number: int) -> dict[str, Any]:
    """Return one set of values, the same for the same number."""
    in_text = channel is not Channel.EMAIL
    at = _DAY + timedelta(days=number * 11)
    values: dict[str, Any] = {
        "name": NAMES[number % len(NAMES)],
        "school": SCHOOLS[number % len(SCHOOLS)],
        "coordinator": COORDINATORS[number % len(COORDINATORS)],
        "phone": shown_phone("+15105550100"),
    }
    link = f"{ADDRESS}/{'f' if source.header.audience == 'family' else 'a'}/{_TOKEN}"
    given: dict[str, Any] = {
        "link": link,
        "links": link,
        "number": "4821",
        "several": False,
        "code": "482113",
        "minutes": 10,
        "answer_by": dates.day(at, language, _ZONE, in_text=in_text),
        "day": dates.day(at, language, _ZONE, in_text=in_text),
        "hour": dates.hour(at + timedelta(minutes=15 * (number % 12)), language, _ZONE),
        "families": _COUNTS[number % len(_COUNTS)],
        "taken": max(1, _COUNTS[number % len(_COUNTS)] - number % 3),
        "left": number % 3,
        "updates": 3 + number % 3,
        "choices": _CHOICES[language],
        "said_by": _SIGNED[number % len(_SIGNED)],
        "said": _SAID[language],
    }
    for name in source.header.values:
        if codes := [each.value for each in VALUES[name].codes or ()]:
            given[name] = codes[number % len(codes)]
    return values | {name: given[name] for name in source.header.values}


def variants(source: Source, language: Language, channel: Channel) -> Iterator[dict[str, Any]]:
    """Yield values that lead through every branch of the words, with short plain names."""
    plain = of(source, language, channel, 0) | {"name": "Ana", "school": "School", "link": ""}
    plain |= {"coordinator": "Ana", "links": ""}
    axes = [
        (name, choices)
        for name in ("phone", *source.header.values)
        if (choices := _choices(VALUES.get(name) or Value(Kind.MAYBE), plain.get(name)))
    ]
    for chosen in product(*(choices for _, choices in axes)):
        yield plain | dict(zip((name for name, _ in axes), chosen, strict=True))


def _choices(value: Value, shown: Any) -> tuple[Any, ...]:
    match value.kind:
        case Kind.MAYBE:
            return ("", shown)
        case Kind.FLAG:
            return (False, True)
        case Kind.COUNT:
            return (1, 3)
        case Kind.CHOICE:
            return tuple(each.value for each in value.codes or ())
    return ()


def extreme(
    source: Source, language: Language, channel: Channel, *, longest: bool
) -> dict[str, Any]:
    """Return the values with which the words come out longest, or shortest."""
    values = of(source, language, channel, 0)
    values |= {
        "name": _extreme(NAMES, longest=longest),
        "school": _extreme(SCHOOLS, longest=longest),
        "coordinator": _extreme(COORDINATORS, longest=longest),
    }
    for name in {"answer_by", "day"} & set(values):
        days = (_DAY + timedelta(days=each) for each in range(366))
        in_text = channel is not Channel.EMAIL
        shown = (dates.day(each, language, _ZONE, in_text=in_text) for each in days)
        values[name] = _extreme(shown, longest=longest)
    counts = {
        name: _choices(VALUES[name], values[name])
        for name in source.header.values
        if VALUES[name].kind is Kind.COUNT
    }
    return values | {name: each[-1 if longest else 0] for name, each in counts.items()}


def _extreme(texts: Iterable[str], *, longest: bool) -> str:
    return max(texts, key=len) if longest else min(texts, key=len)
