"""What may be published: nothing small, and nothing that follows from what is shown."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.model.suppression import LEAST, TOTAL, Place, Table, published, with_margins


def test_a_small_cell_is_hidden_and_its_total_cannot_give_it_away() -> None:
    table = published({("a", "dental"): 40, ("a", "food"): 3, ("a", "vision"): 25})
    assert table.get("a", "food") is None
    assert [table.get("a", "vision"), table.get("a", TOTAL)].count(None) >= 1


@pytest.mark.parametrize(("people", "shown"), [(9, None), (10, 10)])
def test_ten_people_are_the_fewest_that_are_told(people: int, shown: int | None) -> None:
    table = published({("a", "x"): people, ("a", "y"): 60, ("b", "x"): 60, ("b", "y"): 60})
    assert table.get("a", "x") == shown


def test_large_cells_are_all_shown() -> None:
    table = published({("a", "dental"): 40, ("b", "dental"): 25, ("a", "food"): 12})
    assert table.hidden == frozenset()
    assert table.get("a", TOTAL) == 52


def test_two_hidden_cells_that_together_are_few_take_a_third_with_them() -> None:
    table = published({("a", "dental"): 40, ("a", "food"): 3, ("a", "vision"): 2})
    assert table.get("a", "dental") is None or table.get("a", TOTAL) is None


def test_all_but_a_few_is_as_telling_as_a_few() -> None:
    base = published({("a", "dental"): 40})
    assert published({("a", "dental"): 37}, base).get("a", "dental") is None
    assert published({("a", "dental"): 30}, base).get("a", "dental") == 30
    assert published({("a", "dental"): 40}, base).get("a", "dental") == 40


def test_nobody_of_many_is_hidden_too() -> None:
    base = published({("a", "dental"): 40})
    assert published({}, base).get("a", "dental") is None


def test_nobody_of_a_hidden_cell_is_hidden_too() -> None:
    """A nought beside it would say that the hidden one, hidden for another's sake, is nought."""
    inner = {("a", "x"): 3, ("a", "y"): 0, ("b", "x"): 40, ("b", "y"): 40}
    base = Table(with_margins(inner), frozenset(inner))
    assert published({}, base).get("a", "y") is None


def test_what_two_parts_leave_over_is_not_few() -> None:
    base = published({("a", "dental"): 60})
    verified = published({("a", "dental"): 40}, base)
    assert verified.get("a", "dental") == 40
    assert published({("a", "dental"): 15}, base, verified).get("a", "dental") is None
    assert published({("a", "dental"): 10}, base, verified).get("a", "dental") == 10


def test_a_part_of_a_table_leaves_over_no_few_and_shows_nothing_that_the_whole_hides() -> None:
    """The children of one programme: a part of those who were accepted, and of all in it."""
    whole = published({("a", "dental"): 40, ("b", "dental"): 50})
    in_it = published({("a", "dental"): 37, ("b", "dental"): 30}, whole)
    assert in_it.get("a", "dental") is None, "three are not in it"
    accepted = published({("a", "dental"): 30, ("b", "dental"): 30}, whole)
    wide = published({("a", "dental"): 40, ("b", "dental"): 40}, whole)
    assert published({("a", "dental"): 25, ("b", "dental"): 15}, wide).get("a", "dental") == 25
    part = published({("a", "dental"): 25, ("b", "dental"): 15}, wide, whole=accepted)
    assert part.get("a", "dental") is None, "five of the accepted are not in it"
    hides = Table(accepted.values, frozenset({("b", "dental"), ("b", TOTAL)}))
    assert published({("b", "dental"): 15}, wide, whole=hides).get("b", "dental") is None


counts = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), st.integers(0, 60), max_size=16
)


@settings(deadline=None, max_examples=60)
@given(counts)
def test_no_hidden_cell_follows_from_the_equations_of_the_lines(inner: dict[Place, int]) -> None:
    table = published(inner)
    for place in table.hidden:
        if table.values[place] > 0:
            assert not determined(table, place), place


@settings(deadline=None, max_examples=60)
@given(counts)
def test_no_shown_cell_is_small(inner: dict[Place, int]) -> None:
    table = published(inner)
    shown = [table.get(*place) for place in table.values]
    assert not [value for value in shown if value is not None and 0 < value < LEAST]


def determined(table: Table, place: Place) -> bool:
    """Tell whether the equations of the lines alone settle a cell."""
    unknown = sorted(table.hidden)
    rows = []
    for line in lines(table):
        row = [Fraction(0)] * len(unknown)
        for cell, sign in line:
            if cell in table.hidden:
                row[unknown.index(cell)] += sign
        rows.append(row)
    alone = [Fraction(int(each == place)) for each in unknown]
    return rank(rows) == rank([*rows, alone])


def lines(table: Table) -> list[list[tuple[Place, int]]]:
    rows = sorted({row for row, _ in table.values})
    columns = sorted({column for _, column in table.values})
    return [
        *([((row, c), -1 if c == TOTAL else 1) for c in columns] for row in rows),
        *([((r, column), -1 if r == TOTAL else 1) for r in rows] for column in columns),
    ]


def rank(rows: list[list[Fraction]]) -> int:
    rows = [list(row) for row in rows]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def test_the_check_itself_finds_a_cell_that_follows() -> None:
    values = {("a", "x"): 3, ("a", "y"): 20, ("a", TOTAL): 23}
    values |= {(TOTAL, column): values["a", column] for column in ("x", "y", TOTAL)}
    assert determined(Table(values, frozenset({("a", "x")})), ("a", "x"))
