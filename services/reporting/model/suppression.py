"""What of a table of people may be published: no cell under ten, and none that can be worked out.

Method: cell suppression (Willenborg and de Waal, *Elements of Statistical Disclosure Control*,
2001, chapter 4). A table is rows by columns with their margins. First the cells that are small
themselves are hidden, then more of them, until none of the hidden can be computed from the shown:

- the hidden cells of every line add up to at least `LEAST`, and are never alone;
- no hidden cell is the only way between its row and its column: in the graph whose vertices are the
  lines and whose edges are the hidden cells, an edge on no cycle (a bridge) follows from the
  equations of the lines, and any other does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEAST = 10
"""People; a published cell or denominator counts none, or at least so many."""

TOTAL = "*"
"""The name of the margin of rows, and of columns."""

Place = tuple[str, str]
Vertex = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of people with margins, and which of them are hidden."""

    values: Mapping[Place, int]
    hidden: frozenset[Place]

    def get(self, row: str, column: str) -> int | None:
        """Return a cell or margin, or None where it is hidden; one that nobody is in is 0."""
        place = (row, column)
        return None if place in self.hidden else self.values.get(place, 0)


def with_margins(counts: Mapping[Place, int]) -> dict[Place, int]:
    """Return counts with the sums of rows, of columns and of all; no cell is left out."""
    rows, columns = {row for row, _ in counts}, {column for _, column in counts}
    values = {(row, column): 0 for row in (*rows, TOTAL) for column in (*columns, TOTAL)}
    for (row, column), value in counts.items():
        for place in {(row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)}:
            values[place] += value
    return values


def published(
    counts: Mapping[Place, int],
    base: Table | None = None,
    beside: Table | None = None,
    *,
    whole: Table | None = None,
) -> Table:
    """Return a table with everything hidden that could point to a child.

    Args:
        counts: inner cells, people by (row, column).
        base: the table published before it, of which every cell here counts a part: what is hidden
            there is hidden here, and a difference of one to nine is as telling as such a cell.
        whole: one more published table of which every cell here counts a part.
        beside: another published part of `base`; what both leave over must not be few either.
    """
    values = with_margins(counts)
    values = {place: values.get(place, 0) for place in (base.values if base else values)}
    hidden = {
        place
        for place, value in values.items()
        if _tells(value, place, base, beside) or _tells_of_rest(value, place, whole)
    }
    while more := _lacking(values, hidden, base, whole):
        hidden |= more
    return Table(values, frozenset(hidden))


def _is_few(people: int) -> bool:
    return 0 < people < LEAST


def _tells(value: int, place: Place, base: Table | None, beside: Table | None) -> bool:
    """Tell whether a cell by itself says something of few."""
    if base is None:
        return _is_few(value)
    of = base.values[place]
    if of == 0:
        return place in base.hidden  # shown, nobody of a hidden one would say that it is nobody
    if beside is not None and place not in beside.hidden:
        left = of - beside.values[place] - value
        if _is_few(left):
            return True
    # Nobody of so many is a statement on every one of them: hidden too, as is all but a few.
    return value < LEAST or _is_few(of - value) or place in base.hidden


def _tells_of_rest(value: int, place: Place, whole: Table | None) -> bool:
    """Tell whether a cell leaves over few of a whole, or shows what the whole hides."""
    if whole is None:
        return False
    return place in whole.hidden or _is_few(whole.values.get(place, 0) - value)


def _lacking(
    values: Mapping[Place, int], hidden: set[Place], base: Table | None, whole: Table | None
) -> set[Place]:
    """Return what must be hidden besides: for every line that gives a cell away, or one bridge."""
    more: set[Place] = set()
    for line, margin in _lines(values):
        inside = [place for place in line if place in hidden]
        if margin in hidden or not inside:
            continue
        together = sum(values[place] for place in inside)
        left = [
            sum(each.values.get(place, 0) for place in inside) - together
            for each in (base, whole)
            if each is not None
        ]
        if len(inside) == 1 or together < LEAST or any(_is_few(few) for few in left):
            chosen = _least(values, [*line, margin], hidden)
            more |= set() if chosen is None else {chosen}
    if more:
        return more
    for place in sorted(hidden):
        one, other = _sides(place, hidden)
        if one is other:
            continue
        # What is hidden next must join the two sides, or the cell still follows.
        joining = [each for each in values if _joins(each, one, other)]
        chosen = _least(values, joining, hidden)
        if chosen is not None:
            return {chosen}
    return set()


def _lines(values: Mapping[Place, int]) -> list[tuple[list[Place], Place]]:
    """Return every row and column with its margin apart, in a fixed order."""
    rows = sorted({row for row, _ in values})
    columns = sorted({column for _, column in values})
    found = []
    for row in rows:
        line = sorted(place for place in values if place[0] == row and place[1] != TOTAL)
        found.append((line, (row, TOTAL)))
    for column in columns:
        line = sorted(place for place in values if place[1] == column and place[0] != TOTAL)
        found.append((line, (TOTAL, column)))
    return found


def _least(values: Mapping[Place, int], line: Iterable[Place], hidden: set[Place]) -> Place | None:
    """Return the smallest cell of a line that is still shown; one that counts nobody comes last."""
    shown = [place for place in line if place not in hidden]
    return min(shown, key=lambda place: (values[place] == 0, values[place], place), default=None)


def _sides(place: Place, hidden: set[Place]) -> tuple[set[Vertex], set[Vertex]]:
    """Return what hidden cells join to the row of a cell, and to its column, without the cell.

    The same set twice where these are one: the cell lies on a cycle.
    """
    around: dict[Vertex, list[Vertex]] = {}
    for row, column in hidden - {place}:
        around.setdefault(("row", row), []).append(("column", column))
        around.setdefault(("column", column), []).append(("row", row))
    of_row = _reach(("row", place[0]), around)
    of_column = ("column", place[1])
    return (of_row, of_row) if of_column in of_row else (of_row, _reach(of_column, around))


def _reach(start: Vertex, around: Mapping[Vertex, Iterable[Vertex]]) -> set[Vertex]:
    seen, front = {start}, [start]
    while front:
        for vertex in around.get(front.pop(), ()):
            if vertex not in seen:
                seen.add(vertex)
                front.append(vertex)
    return seen


def _joins(place: Place, one: set[Vertex], other: set[Vertex]) -> bool:
    row, column = ("row", place[0]), ("column", place[1])
    return (row in one and column in other) or (row in other and column in one)
