"""A field that its directory and staff have both changed, laid out so that one can choose. Pure."""

from collections.abc import Mapping
from typing import Any

_HIDDEN = frozenset({"id", "source_id", "zone"})
"""Parts of a value that say nothing to a reader."""


def parts_of(value: Any, place: str = "") -> dict[str, Any]:
    """Return a value as its parts by place: `0.city`; a plain one, or a list of such, as itself."""
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for name, part in value.items():
            if name not in _HIDDEN:
                found |= parts_of(part, f"{place}.{name}" if place else str(name))
        return found
    if isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value):
        found = {}
        for number, part in enumerate(value):
            found |= parts_of(part, f"{place}.{number}" if place else str(number))
        return found
    return {place: value} if value not in (None, "", []) else {}


def laid_out(before: Any, ours: Any, theirs: Any) -> list[tuple[str, Any, Any, Any]]:
    """Return the parts in which three values differ: place, before, ours, theirs.

    A value that has no parts has the empty place.
    """
    first, second, third = (parts_of(each) for each in (before, ours, theirs))
    places = dict.fromkeys([*second, *third, *first])
    rows = [(place, first.get(place), second.get(place), third.get(place)) for place in places]
    return [row for row in rows if row[2] != row[3]]
