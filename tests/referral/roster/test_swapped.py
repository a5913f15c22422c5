"""Swapped columns in rosters of a few rows, and odd rosters in which none are."""

import csv
import io
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest

from services.chassis.tabular import PackageRefusedError
from tests.referral.roster.whole import Whole, read_roster

ROSTER = {
    "orgs.csv": "sourcedId,name,type\nO1,Lincoln Elementary,school\n",
    "users.csv": (
        "sourcedId,givenName,familyName,email,phone,preferredLanguage\n"
        "S1,Ana,Campoverde,,,\n"
        "S2,Luis,Otero Vidal,,,\n"
        "G1,Marta,Campoverde,marta@example.org,(510) 555-0123,es\n"
    ),
    "roles.csv": (
        "userSourcedId,orgSourcedId,role,grade,isPrimary,roleStartDate,roleEndDate\n"
        "S1,O1,student,3,true,2026-08-20,2027-06-10\n"
        "S2,O1,student,KG,true,2026-08-20,2027-06-10\n"
    ),
    "relationships.csv": (
        "userSourcedId,relationshipUserSourcedId,relationshipRole\nS1,G1,guardian\n"
    ),
    "demographics.csv": "userSourcedId,birthDate\nS1,2017-03-09\nS2,2020-11-30\n",
    "userflags.csv": "userSourcedId,flag\nS1,iep\n",
}
UNTOLD = {
    ("users.csv", "givenName", "familyName"),
    ("users.csv", "familyName", "preferredLanguage"),
    ("users.csv", "givenName", "preferredLanguage"),
}
"""Either could be the other: nobody can tell by a few values."""


def read(path: Path, content: Mapping[str, str]) -> Whole:
    home = path / "export"
    home.mkdir()
    for name, text in content.items():
        (home / name).write_text(text)
    return read_roster(home)


def swapped(text: str, one: str, two: str) -> str:
    """Swap two columns under their headings."""
    heading, *rows = csv.reader(io.StringIO(text))
    places = [heading.index(one), heading.index(two)]
    for row in rows:
        row[places[0]], row[places[1]] = row[places[1]], row[places[0]]
    out = io.StringIO()
    csv.writer(out).writerows([heading, *rows])
    return out.getvalue()


def pairs() -> list[tuple[str, str, str]]:
    found = []
    for file, text in ROSTER.items():
        heading = next(csv.reader(io.StringIO(text)))
        found += [(file, *each) for each in combinations(heading, 2)]
    return [each for each in found if each not in UNTOLD]


def test_a_roster_of_two_children_is_taken(tmp_path: Path) -> None:
    whole = read(tmp_path, ROSTER)
    assert [each.given_name for each in whole.students] == ["Ana", "Luis"]
    assert whole.problems == ()


@pytest.mark.parametrize(("file", "one", "two"), pairs())
def test_any_two_columns_that_are_swapped_are_refused_whole(
    tmp_path: Path, file: str, one: str, two: str
) -> None:
    with pytest.raises(PackageRefusedError, match="columns were swapped") as refused:
        read(tmp_path, {**ROSTER, file: swapped(ROSTER[file], one, two)})
    assert "las columnas están cambiadas" in refused.value.es


@pytest.mark.parametrize("rows", [1, 3, 5])
def test_a_role_under_grade_is_seen_in_a_single_row(tmp_path: Path, rows: int) -> None:
    roles = "userSourcedId,orgSourcedId,grade,role\n"
    roles += "".join(f"S{n},O1,student,{n}\n" for n in range(1, rows + 1))
    with pytest.raises(PackageRefusedError, match=r"In roles\.csv, the values under role"):
        read(tmp_path, {**ROSTER, "roles.csv": roles})


def test_another_columns_values_alone_are_seen_too(tmp_path: Path) -> None:
    """The column that they come from is not among those that are read."""
    users = "sourcedId,givenName,familyName\nS1,ana@example.org,Campoverde\n"
    users += "S2,luis@example.org,Otero\n"
    with pytest.raises(PackageRefusedError, match="no value under givenName can be what"):
        read(tmp_path, {**ROSTER, "users.csv": users})


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("users.csv", "(510) 555-0123", "+11234567890", id="a number that is none"),
        pytest.param("users.csv", "marta@example.org", "mcampoverde", id="an account for an email"),
        pytest.param("demographics.csv", "2017-03-09", "unknown", id="one unknown day of birth"),
        pytest.param("roles.csv", "KG", "Ungraded", id="a grade of their own"),
        pytest.param("roles.csv", "S2,O1,student,KG", "S2,O1,3,student", id="one row of two"),
        pytest.param("users.csv", "Ana,", "3,", id="one number for a name"),
        pytest.param("relationships.csv", "S1,G1", "S1,S2", id="two children of one another"),
        pytest.param("relationships.csv", "guardian", "tía", id="a relation of their own"),
        pytest.param("roles.csv", "2026-08-20,2027-06-10\nS2", "2027-06-10,2026-08-20\nS2",
                     id="one end before its beginning"),
        pytest.param("users.csv", "S1,Ana", "S1,Li", id="a name as short as a language"),
        pytest.param("orgs.csv", "school", "kinder", id="a kind of school of their own"),
    ],
)  # fmt: skip
def test_what_is_odd_is_no_swap(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert old in ROSTER[file]
    assert read(tmp_path, {**ROSTER, file: ROSTER[file].replace(old, new)}).students


def test_days_of_birth_that_nobody_knows_are_no_swap(tmp_path: Path) -> None:
    born = "userSourcedId,birthDate\nS1,unknown\nS2,unknown\n"
    assert len(read(tmp_path, {**ROSTER, "demographics.csv": born}).students) == 2
