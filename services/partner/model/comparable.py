"""What of a directory's words can be compared, so that it decides whether a service fits. Pure.

What a sentence leaves open stays untold: it excludes nobody.
"""

import re
from collections.abc import Sequence

from services.partner.model.listing import Area, Opening, Price
from services.partner.model.terms import Cost, Hours, Weekday

_FREE = frozenset(
    {"free", "free of charge", "no cost", "no charge", "no fee", "none", "gratis", "sin costo"}
)
_SLIDING = frozenset({"sliding scale", "sliding fee scale"})
_COSTS = {each.value: each for each in Cost}
_ZIPS = re.compile(r"[0-9]{5}(?:[\s,;]+[0-9]{5})*")
_DAYS = {day.value: day for day in Weekday}
_MOST_ZIPS = 500
_CLOCK = len("09:00")


def interpreter_of(text: str | None) -> bool | None:
    """Tell whether a service brings an interpreter; None where nothing says that it does."""
    speaks = (text or "").strip().casefold()
    return True if speaks and not speaks.startswith(("no", "n/a")) else None


def cost_of(fees: str | None, prices: Sequence[Price] = ()) -> Cost | None:
    """Return what a family pays, where the words or all prices say one thing and no other."""
    return _in_words(fees) or _of_all(prices)


def _in_words(text: str | None) -> Cost | None:
    plain = " ".join((text or "").casefold().replace(".", " ").split())
    if plain in _FREE:
        return Cost.FREE
    return Cost.SLIDING if plain in _SLIDING else _COSTS.get(plain)


def _of_all(prices: Sequence[Price]) -> Cost | None:
    said = {
        Cost.FREE if each.amount == 0 and not each.option else _in_words(each.option)
        for each in prices
    }
    return said.pop() if len(said) == 1 else None


def zips_of(areas: Sequence[Area]) -> tuple[str, ...]:
    """Return the ZIP codes of areas that are lists of such, all of them; else none."""
    found: dict[str, None] = {}
    for area in areas:
        text = next((each for each in (area.extent, area.name) if each), "").strip()
        if _ZIPS.fullmatch(text) is None:
            return ()
        found |= dict.fromkeys(re.findall("[0-9]{5}", text))
    return tuple(found) if len(found) <= _MOST_ZIPS else ()


def hours_of(schedules: Sequence[Opening]) -> tuple[Hours, ...]:
    """Return the hours of a usual week; what is monthly or without times is left to the words."""
    return tuple(dict.fromkeys(hour for each in schedules for hour in weekly(each)))


def weekly(each: Opening) -> list[Hours]:
    """Return the hours of a usual week that one line of a schedule says."""
    if not each.opens_at or not each.closes_at or each.opens_at >= each.closes_at:
        return []
    often = (each.freq or "WEEKLY").upper()
    if often not in {"DAILY", "WEEKLY"} or each.interval not in {None, 1}:
        return []
    opens_at, closes_at = each.opens_at[:_CLOCK], each.closes_at[:_CLOCK]
    return [
        Hours(day=_DAYS[day], opens_at=opens_at, closes_at=closes_at)
        for day in (each.byday.split(",") if each.byday else _DAYS if often == "DAILY" else ())
        if day in _DAYS and opens_at < closes_at
    ]
