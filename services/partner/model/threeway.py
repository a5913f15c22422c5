"""What a directory says now, what it said last, and what staff made of it: field by field. Pure.

A change of the source is taken where staff have left the field alone; what staff have changed is
never overwritten; where both have changed it, staff's stays and the difference waits to be settled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

Fields = dict[str, Any]


class Difference(BaseModel):
    """A field that the source and staff have both changed.

    Attributes:
        field: its name; `terms.cost` for a part.
        before: what the source said last.
        source: what it says now.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    before: Any = None
    source: Any = None


@dataclass(frozen=True, slots=True)
class Merged:
    """What stands after an import.

    Attributes:
        fields: what stands now.
        sourced: what the source says now.
        differences: those that wait to be settled.
    """

    fields: Fields
    sourced: Fields
    differences: tuple[Difference, ...]


def merge(
    ours: Fields,
    sourced: Mapping[str, Any],
    theirs: Fields,
    waiting: tuple[Difference, ...] = (),
    *,
    edited: bool = False,
) -> Merged:
    """Merge an import into what stands.

    Args:
        ours: what stands, by field.
        sourced: what the source said last; a field may be missing in what an earlier release took.
        theirs: what the source says now.
        waiting: differences of earlier imports.
        edited: staff have written the record since the last import: where `sourced` is missing.
    """
    known = {each.field: each for each in waiting}
    fields: Fields = {}
    differences = []
    for field, theirs_now in theirs.items():
        mine = ours.get(field)
        before = sourced.get(field, mine if not edited else None)
        if mine in (theirs_now, before):
            # Untouched by staff, or agreed with.
            fields[field] = theirs_now
        elif theirs_now == before:
            fields[field] = mine
            if field in known:
                differences.append(known[field])
        else:
            fields[field] = mine
            first = known[field].before if field in known else before
            differences.append(Difference(field=field, before=first, source=theirs_now))
    return Merged(fields, dict(theirs), tuple(differences))


def still(waiting: tuple[Difference, ...], ours: Fields) -> tuple[Difference, ...]:
    """Return the differences that there are still: staff may have settled one by hand."""
    return tuple(each for each in waiting if ours.get(each.field) != each.source)
