"""What people's spreadsheets do to a roster, and the rows that go back mended."""

import csv
import io
from pathlib import Path

import pytest

from services.chassis.tabular import (
    MAX_TOTAL_BYTES,
    PackageRefusedError,
    PackageTooLargeError,
    open_package,
)
from services.referral.roster import ALL_COLUMNS, Scope, open_roster
from services.referral.roster.mended import write_bad_rows
from tests.referral.roster.whole import Whole, read_roster
from tests.tables import archive, folder

SITE = Scope(site="site-01")
ORGS = "sourcedId,name,type\nO1,Lincoln Elementary,school\n"
USERS = "sourcedId,givenName,familyName,email,phone\nS1,Ana,Campoverde,,\nS2,Luis,Campoverde,,\n"
ROLES = "userSourcedId,orgSourcedId,role,grade\nS1,O1,student,3\nS2,O1,student,5\n"


def files(users: str = USERS, roles: str = ROLES, **more: str) -> dict[str, str]:
    return {"orgs.csv": ORGS, "users.csv": users, "roles.csv": roles} | {
        f"{name}.csv": text for name, text in more.items()
    }


def read(path: Path, content: dict[str, str], encoding: str = "utf-8") -> Whole:
    home = path / "export"
    home.mkdir()
    for name, text in content.items():
        (home / name).write_text(text, encoding=encoding)
    return read_roster(home)


def names(whole: Whole) -> list[str]:
    return [each.given_name for each in whole.students]


def bad_rows(path: Path) -> str:
    with open_roster(path, SITE) as roster:
        return "".join(write_bad_rows(roster.log.bad_rows(), ALL_COLUMNS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_however_a_spreadsheet_saved_it_the_names_are_right(tmp_path: Path, encoding: str) -> None:
    users = USERS.replace("Luis,Campoverde", "Íñigo,Peñascal").replace(",", ";")
    assert names(read(tmp_path, files(users), encoding)) == ["Ana", "Íñigo"]


@pytest.mark.parametrize(
    "cell", ['"=HYPERLINK(""http://x"",""Luis"")"', "+cmd|calc", "@SUM(A1)", "-2+3", "#REF!", "12"]
)
def test_a_formula_is_nobodys_name(tmp_path: Path, cell: str) -> None:
    whole = read(tmp_path, files(USERS.replace("Luis", cell)))
    assert names(whole) == ["Ana"]
    assert [(each.file, each.line, each.field) for each in whole.problems] == [
        ("users.csv", 3, "givenName")
    ]


def test_an_id_that_a_spreadsheet_kept_as_text_is_that_id(tmp_path: Path) -> None:
    whole = read(tmp_path, files(USERS.replace("S2", '="0042"'), ROLES.replace("S2", "0042")))
    assert [each.source_id for each in whole.students] == ["0042", "S1"]


def test_an_id_that_a_spreadsheet_has_shortened_is_refused(tmp_path: Path) -> None:
    whole = read(tmp_path, files(USERS.replace("S2", "1.23457E+11")))
    assert [each.what for each in whole.problems if each.file == "users.csv"] == [
        "A spreadsheet has shortened this id, so that its last digits are lost."
    ]


def test_swapped_columns_are_refused_whole(tmp_path: Path) -> None:
    rows = "".join(f"P{n},2015-03-{n:02},Larkhill,,\n" for n in range(10, 30))
    roles = "".join(f"P{n},O1,student,3\n" for n in range(10, 30))
    with pytest.raises(PackageRefusedError, match=r"users\.csv, 20 of 22 values under givenName"):
        read(tmp_path, files(USERS + rows, ROLES + roles))


def test_a_role_under_another_heading_is_refused_whole(tmp_path: Path) -> None:
    swapped = "userSourcedId,orgSourcedId,role,grade\n"
    swapped += "".join(f"P{n},O1,{n % 9},student\n" for n in range(10, 30))
    with pytest.raises(PackageRefusedError, match=r"roles\.csv, 20 of 20 values under role"):
        read(tmp_path, files(roles=swapped))


def test_the_line_by_which_excel_names_its_separator_is_no_heading(tmp_path: Path) -> None:
    users = "sep=;\n" + USERS.replace(",", ";")
    assert names(read(tmp_path, files(users))) == ["Ana", "Luis"]


def test_a_heading_that_is_another_files_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(PackageRefusedError, match=r"No row of users\.csv could be read"):
        read(tmp_path, files(users=ROLES))


def test_too_much_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    content = folder(tmp_path / "big", files())
    with (
        pytest.raises(PackageRefusedError, match="more than 0 MB when unpacked"),
        open_package(content, max_total_bytes=10),
    ):
        pass


def test_what_is_too_large_is_refused_with_how_a_roster_is_split(tmp_path: Path) -> None:
    content = folder(tmp_path / "huge", files())
    with (content / "users.csv").open("r+b") as users:
        users.truncate(MAX_TOTAL_BYTES + 1)  # a hole: it takes no room on the disk

    with (
        pytest.raises(PackageTooLargeError) as refused,
        open_roster(content, Scope(site="site-01")),
    ):
        pass

    assert "more than 512 MB" in refused.value.detail
    assert "in parts with part=true" in refused.value.detail
    assert "por partes con part=true" in refused.value.es


class TestMended:
    BAD = USERS.replace("Luis,Campoverde", ",=1+1")

    def test_a_bad_row_says_where_it_was_and_what_to_do(self, tmp_path: Path) -> None:
        (row, second) = csv.DictReader(
            io.StringIO(bad_rows(folder(tmp_path / "a", files(self.BAD))).removeprefix("\ufeff"))
        )
        assert (row["file"], row["line"], row["field"]) == ("users.csv", "3", "givenName")
        assert row["what_to_do"] == "Fill in given name and family name."
        assert (row["sourcedId"], row["familyName"]) == ("S2", "'=1+1")
        assert second["field"] == "familyName"

    def test_it_says_so_in_spanish_too(self, tmp_path: Path) -> None:
        users = (
            USERS.replace("Luis", "=1+1")
            + "S2,Twice,There,,\n,No,Id,,\nS3,Only,Given\nS4,Too,Long,,,,,x\nS5,"
            + f"{'x' * 101},Long,,\n1E+11,Short,Ened,,\nG1,Eva,Campoverde,nowhere,12\n"
        )
        roles = ROLES + "S3,O1,student,1\nS7,O1,student,1\nS8,O9,student,1\nS5,O1,student,2\n"
        ties = (
            "userSourcedId,relationshipUserSourcedId,relationshipRole\n"
            "S1,G1,mother\nS1,G1,aunt\nS9,G1,mother\nS1,G9,mother\n"
        )
        births = "userSourcedId,birthDate\nS1,soon\nS1,1700-01-01\nS1,2015-01-01\nS1,2015-01-02\n"
        flags = f"userSourcedId,flag\nS1,{'x' * 41}\n"
        content = files(users, roles, relationships=ties, demographics=births, userFlags=flags)
        sheet = bad_rows(folder(tmp_path / "a", content)).removeprefix("\ufeff")
        rows = list(csv.DictReader(io.StringIO(sheet)))

        assert len({row["what"] for row in rows}) >= 14
        for row in rows:
            assert row["what_es"] != row["what"]
            assert row["what_to_do_es"] != row["what_to_do"]

    def test_nothing_that_is_never_kept_is_among_them(self, tmp_path: Path) -> None:
        users = "sourcedId,givenName,familyName,ssn\nS1,Ana,Campoverde,\nS2,,Larkhill,078-05-1120\n"
        assert "078-05-1120" not in bad_rows(folder(tmp_path / "a", files(users)))

    def test_mended_and_given_back_it_takes_the_place_of_its_row(self, tmp_path: Path) -> None:
        sheet = bad_rows(folder(tmp_path / "a", files(self.BAD)))
        rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))[:1]
        rows[0] |= {"givenName": "Luis", "familyName": "Campoverde"}
        again = io.StringIO()
        writer = csv.DictWriter(again, rows[0])
        writer.writeheader()
        writer.writerows(rows)

        given = files(self.BAD) | {"mended-rows.csv": again.getvalue()}
        whole = read_roster(archive(tmp_path / "b.zip", given))

        assert (names(whole), whole.problems) == (["Ana", "Luis"], ())

    def test_a_row_that_could_not_be_read_at_all_is_given_back_too(self, tmp_path: Path) -> None:
        torn = USERS.replace("S2,Luis,Campoverde,,", "S2,Luis,Campoverde,,,,,too,many")
        assert names(read_roster(folder(tmp_path / "a", files(torn)))) == ["Ana"]

        mended = "file,line,row,sourcedId,givenName,familyName\nusers.csv,3,,S2,Luis,Campoverde\n"
        given = files(torn) | {"mended-rows.csv": mended}
        whole = read_roster(folder(tmp_path / "b", given))

        assert (names(whole), whole.problems) == (["Ana", "Luis"], ())

    def test_a_row_mended_for_another_export_changes_nothing(self, tmp_path: Path) -> None:
        mended = "file,line,row,sourcedId,givenName,familyName\nusers.csv,2,00000000,S9,Eve,Other\n"
        given = files() | {"mended-rows.csv": mended}
        whole = read_roster(folder(tmp_path / "a", given))

        assert names(whole) == ["Ana", "Luis"]
        assert ["belongs to another export" in each.what for each in whole.problems] == [True]
