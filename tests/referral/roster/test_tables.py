"""A roster's rows on disk: whole, in order, and gone with the process. All people are invented."""

from pathlib import Path

from services.referral.roster import Scope, open_roster
from tests.tables import folder

SITE = Scope(site="site-01")


def roster(path: Path, children: int) -> Path:
    users = [f"S{n},Ana,Campoverde" for n in range(children)]
    users += [f"G{n},Elena,Campoverde" for n in range(children // 2)]
    roles = [f"S{n},O1,student,3" for n in range(children)]
    ties = [f"S{n},G{n // 2},mother" for n in range(children)]
    return folder(
        path,
        {
            "orgs.csv": "sourcedId,name,type\nO1,Lincoln Elementary,school\n",
            "users.csv": "\n".join(["sourcedId,givenName,familyName", *users]),
            "roles.csv": "\n".join(["userSourcedId,orgSourcedId,role,grade", *roles]),
            "relationships.csv": "\n".join(
                ["userSourcedId,relationshipUserSourcedId,relationshipRole", *ties]
            ),
        },
    )


def test_every_household_comes_once_in_groups_of_the_size_asked_for(tmp_path: Path) -> None:
    with open_roster(roster(tmp_path / "a", 14), SITE) as found:
        groups = list(found.tables.households(3))

    assert [len(group) for group in groups] == [3, 3, 1]
    homes = [home for group in groups for home in group]
    assert [home.number for home in homes] == list(range(1, 8))
    children = [row.source_id for home in homes for _, row in home.students]
    assert sorted(children) == sorted(f"S{n}" for n in range(14))


def test_a_group_is_of_one_school(tmp_path: Path) -> None:
    path = roster(tmp_path / "a", 8)
    roles = (path / "roles.csv").read_text().replace("S6,O1", "S6,O2").replace("S7,O1", "S7,O2")
    (path / "roles.csv").write_text(roles)
    orgs = "sourcedId,name,type\nO1,Lincoln,school\nO2,Mesa,school\n"
    (path / "orgs.csv").write_text(orgs)
    with open_roster(path, Scope(sites={"O1": "site-01", "O2": "site-02"})) as found:
        groups = [[home.site for home in group] for group in found.tables.households(10)]
    assert groups == [["site-01"] * 3, ["site-02"]]


def test_they_come_the_same_whenever_it_is_read(tmp_path: Path) -> None:
    path = roster(tmp_path / "a", 10)
    with open_roster(path, SITE) as one, open_roster(path, SITE) as other:
        assert list(one.tables.households(2)) == list(other.tables.households(2))


def test_a_familys_id_is_given_to_one_household(tmp_path: Path) -> None:
    with open_roster(roster(tmp_path / "a", 4), SITE) as found:
        assert found.tables.take("fam-1", 1)
        assert found.tables.take("fam-1", 1)
        assert not found.tables.take("fam-1", 2)


def test_a_search_by_id_scans_no_table(tmp_path: Path) -> None:
    """What takes the square of a district's children is seen here, and not in a small test."""
    with open_roster(roster(tmp_path / "a", 4), SITE) as found:
        plan = found.tables.db.execute(
            "EXPLAIN QUERY PLAN SELECT 1 FROM temp.around WHERE around.id = 'S1'"
        ).fetchall()
    assert all("SCAN" not in str(row) for row in plan)


def test_nothing_of_it_lies_in_a_folder(tmp_path: Path) -> None:
    path = roster(tmp_path / "a", 4)
    with open_roster(path, SITE) as found:
        (row,) = found.tables.db.execute("PRAGMA database_list").fetchall()[:1]
        assert row[2] == ""
