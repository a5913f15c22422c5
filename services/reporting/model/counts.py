"""Names of counts: lists written as JSON, so that no code in them can be taken for a separator."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

FUNNEL = "funnel"
UNMET = "unmet"
ACCEPT_HOURS = "accept-hours"
FOLLOW_UP = "follow-up"
SEATS = "seats"
PROGRAMME = "programme"


def count_name(measure: str, *parts: str) -> str:
    """Return the name of one count."""
    return json.dumps([measure, *parts], ensure_ascii=False, separators=(",", ":"))


def programme_stage(programme: str, stage: str) -> str:
    """Return what is counted of a programme: how far its children's referrals have come."""
    return f"{stage} {programme}"


def of_programmes(found: Iterable["Cell"]) -> dict[str, list["Cell"]]:
    """Return cells by programme, in its order, each of a stage."""
    sorted_out: dict[str, list[Cell]] = {}
    for cell in found:
        stage, _, programme = cell.of.partition(" ")
        sorted_out.setdefault(programme, []).append(replace(cell, of=stage))
    return dict(sorted(sorted_out.items()))


def prefix(measure: str) -> str:
    """Return what every name of a measure's counts starts with."""
    return f'["{measure}",'


@dataclass(frozen=True, slots=True)
class Cell:
    """One count of referrals: by school, need, month of creation (`2026-09`) and what is counted.

    Attributes:
        of: a stage, a reason or a bucket, by the measure.
    """

    site: str
    category: str
    month: str
    of: str
    value: int


def of_closed_months(found: Iterable[Cell], month: str) -> list[Cell]:
    """Return the cells of all months before one, summed over them, in a fixed order."""
    sums: dict[tuple[str, str, str], int] = {}
    for cell in found:
        if cell.month < month:
            place = (cell.site, cell.category, cell.of)
            sums[place] = sums.get(place, 0) + cell.value
    return [Cell(site, need, month, of, value) for (site, need, of), value in sorted(sums.items())]


def cells(counts: Mapping[str, int]) -> list[Cell]:
    """Read counts of one measure of referrals, in a fixed order."""
    found = []
    for name, value in sorted(counts.items()):
        _, site, category, month, of = json.loads(name)
        found.append(Cell(site, category, month, of, value))
    return found
