"""Reading tables from strangers: archives, encodings, rows, values."""

import stat
import zipfile
from datetime import date, time
from pathlib import Path

import pytest

from services.chassis.tabular import (
    Columns,
    PackageRefusedError,
    Problem,
    ReadingLog,
    Severity,
    mask,
    open_package,
    read_rows,
    split_list,
)
from services.chassis.tabular.text import MAX_LINE_CHARS
from services.chassis.tabular.values import (
    UnreadableValueError,
    parse_calendar_day,
    parse_date,
    parse_email,
    parse_flag,
    parse_number,
    parse_phone,
    parse_time,
    parse_url,
)
from tests.tables import archive, folder

COLUMNS = Columns(read=frozenset({"id", "name"}), required=frozenset({"id"}))


def read(
    path: Path, content: str | bytes, columns: Columns = COLUMNS
) -> tuple[list[tuple[int, dict[str, str]]], ReadingLog]:
    log = ReadingLog()
    with open_package(folder(path, {"things.csv": content})) as package:
        rows = [
            (row.line, dict(row.values)) for row in read_rows(package, "things.csv", columns, log)
        ]
    return rows, log


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1
    return problems[0]


class TestPackage:
    def test_a_zip_with_a_folder_inside_is_read_like_the_folder(self, tmp_path: Path) -> None:
        path = archive(
            tmp_path / "a.zip",
            {"Export 2026/Things.CSV": "id\n1\n", "__MACOSX/Export 2026/._Things.CSV": "junk"},
        )
        with open_package(path) as package:
            assert sorted(package.members) == ["things.csv"]

    def test_a_zip_is_known_by_its_content(self, tmp_path: Path) -> None:
        with open_package(archive(tmp_path / "a.bin", {"things.csv": "id\n1\n"})) as package:
            assert sorted(package.members) == ["things.csv"]

    @pytest.mark.parametrize(
        "name", ["../things.csv", "a/../../things.csv", "/etc/things.csv", "C:\\things.csv"]
    )
    def test_a_member_outside_its_folder_refuses_the_archive(
        self, tmp_path: Path, name: str
    ) -> None:
        path = archive(tmp_path / "a.zip", {name: "id\n1\n"})
        with pytest.raises(PackageRefusedError, match="outside its own folder"), open_package(path):
            pass

    @pytest.mark.parametrize("name", ["", ".", "/", "./", "//", "./."])
    def test_an_entry_without_a_name_is_passed_over(self, tmp_path: Path, name: str) -> None:
        path = archive(tmp_path / "a.zip", {"things.csv": "id\n1\n"})
        with (
            zipfile.ZipFile(path, "a") as made,
            made.open(zipfile.ZipInfo(name), "w") as entry,
        ):
            entry.write(b"junk")
        with open_package(path) as package:
            assert sorted(package.members) == ["things.csv"]

    def test_a_link_in_an_archive_refuses_it(self, tmp_path: Path) -> None:
        entry = zipfile.ZipInfo("things.csv")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
            made.writestr(entry, "/etc/passwd")
        refused = pytest.raises(PackageRefusedError, match="outside its own folder")
        with refused, open_package(tmp_path / "a.zip"):
            pass

    def test_a_link_out_of_a_folder_is_not_followed(self, tmp_path: Path) -> None:
        outside = folder(tmp_path / "outside", {"secret.csv": "id\n1\n"})
        inside = folder(tmp_path / "inside", {"things.csv": "id\n1\n"})
        (inside / "linked.csv").symlink_to(outside / "secret.csv")
        with open_package(inside) as package:
            assert sorted(package.members) == ["things.csv"]

    def test_a_bomb_is_refused_before_it_is_unpacked(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.zip", {"things.csv": b"0" * 3_000_000})
        assert path.stat().st_size < 10_000
        refused = pytest.raises(PackageRefusedError, match="more than 2 MB when unpacked")
        with refused, open_package(path, max_total_bytes=2 * 1024 * 1024):
            pass

    def test_an_archive_of_too_many_files_is_refused(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.zip", {f"{number}.csv": "" for number in range(2_001)})
        with pytest.raises(PackageRefusedError, match="more than 2000 files"), open_package(path):
            pass

    def test_two_files_of_one_name_are_refused(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.zip", {"old/things.csv": "id\n1", "new/things.csv": "id\n2"})
        refused = pytest.raises(PackageRefusedError, match=r"two files called .* are: new, old")
        with refused, open_package(path):
            pass
        with open_package(path, only="new") as package, package.open("things.csv") as file:
            assert file.read() == b"id\n2"

    def test_what_is_called_zip_and_is_none_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and then nothing")
        refused = pytest.raises(PackageRefusedError, match="no zip archive")
        with refused, open_package(tmp_path / "a.zip"):
            pass

    def test_a_damaged_member_refuses_the_archive(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.zip", {"things.csv": "id,name\n" + "1,One\n" * 1_000})
        data = bytearray(path.read_bytes())
        data[60] ^= 0xFF
        path.write_bytes(data)
        log = ReadingLog()
        with (
            pytest.raises(PackageRefusedError, match="damaged"),
            open_package(path) as package,
        ):
            list(read_rows(package, "things.csv", COLUMNS, log))

    def test_a_path_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        refused = pytest.raises(PackageRefusedError, match="no file or folder called nothing")
        with refused, open_package(tmp_path / "nothing"):
            pass

    def test_an_error_of_the_reader_itself_is_not_taken_for_damage(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.zip", {"things.csv": "id\n1\n"})
        with (
            pytest.raises(RuntimeError, match="of the reader"),
            open_package(path) as package,
            package.open("things.csv"),
        ):
            raise RuntimeError("of the reader")


class TestEncoding:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
    def test_unicode_is_read_however_it_is_written(self, tmp_path: Path, encoding: str) -> None:
        rows, log = read(tmp_path, "id,name\r\n1,Niñez\r\n".encode(encoding))
        assert rows == [(2, {"id": "1", "name": "Niñez"})]
        assert log.problems == ()

    def test_windows_1252_is_read_and_listed(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "id,name\n1,Niñez “y” más\n".encode("cp1252"))
        assert rows == [(2, {"id": "1", "name": "Niñez “y” más"})]
        problem = only(log.problems)
        assert (problem.line, problem.severity) == (0, Severity.VALUE_IGNORED)
        assert "Windows-1252" in problem.what

    def test_a_letter_across_two_chunks_is_still_utf_8(self, tmp_path: Path) -> None:
        name = "x" * (64 * 1024 - 11) + "ñ"
        rows, log = read(tmp_path, f"id,name\n1,{name}\n")
        assert rows == [(2, {"id": "1", "name": name})]
        assert log.problems == ()


class TestRows:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_taken_from_the_heading(self, tmp_path: Path, delimiter: str) -> None:
        rows, _ = read(tmp_path, f"id{delimiter}name\n1{delimiter}One\n")
        assert rows == [(2, {"id": "1", "name": "One"})]

    def test_columns_are_known_in_any_case_and_order(self, tmp_path: Path) -> None:
        rows, _ = read(tmp_path, " Name ,ID\nOne,1\n")
        assert rows == [(2, {"id": "1", "name": "One"})]

    def test_a_row_is_known_by_the_line_where_it_starts(self, tmp_path: Path) -> None:
        rows, _ = read(tmp_path, 'id,name\n1,"One\nand\nmore"\n\n2,Two\n')
        assert [line for line, _ in rows] == [2, 6]

    def test_columns_that_are_not_read_are_counted(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "id,colour,\n1,red,x\n2,,\n3,blue,\n")
        assert [values for _, values in rows] == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
        assert [(tally.field, tally.values) for tally in log.ignored] == [
            ("(no heading)", 1),
            ("colour", 2),
        ]

    def test_what_must_never_be_kept_is_in_no_row(self, tmp_path: Path) -> None:
        columns = Columns(
            COLUMNS.read,
            COLUMNS.required,
            never=lambda column: column == "name",
            never_value=lambda value: value == "hidden",
        )
        rows, log = read(tmp_path, "id,name\n1,One\nhidden,\n", columns)
        assert rows == [(2, {"id": "1"}), (3, {})]
        assert [(tally.field, tally.values) for tally in log.dropped] == [("id", 1), ("name", 1)]

    @pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
    def test_an_empty_file_is_listed(self, tmp_path: Path, content: str) -> None:
        rows, log = read(tmp_path, content)
        assert rows == []
        assert only(log.problems).what == "The file is empty."

    def test_a_heading_alone_is_no_problem(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "id,name")
        assert (rows, log.problems) == ([], ())

    def test_a_file_without_a_required_column_is_refused_as_a_whole(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "number,name\n1,One\n")
        assert rows == []
        problem = only(log.problems)
        assert (problem.line, problem.field, problem.severity) == (0, "id", Severity.ROW_REFUSED)

    def test_a_row_longer_than_its_heading_is_refused(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "id,name\n1,One, or two\n2,Two,\n3\n")
        assert rows == [(3, {"id": "2", "name": "Two"}), (4, {"id": "3"})]
        problem = only(log.problems)
        assert (problem.line, problem.severity) == (2, Severity.ROW_REFUSED)

    def test_of_two_columns_of_one_name_the_first_is_read(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "id,name,name\n1,One,Uno\n")
        assert rows == [(2, {"id": "1", "name": "One"})]
        assert (only(log.problems).line, only(log.problems).field) == (1, "name")

    def test_a_quote_that_never_closes_loses_no_row_in_silence(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, 'id,name\n1,One\n2,"Two\n3,Three\n')
        assert rows == [(2, {"id": "1", "name": "One"})]
        problem = only(log.problems)
        assert (problem.line, problem.severity) == (3, Severity.ROW_REFUSED)
        assert problem.what == "The quotes do not match; lines 3 to 4 were lost."

    def test_reading_goes_on_after_a_stray_quote(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, 'id,name\n1,"One" more\n2,Two\n')
        assert rows == [(3, {"id": "2", "name": "Two"})]
        assert only(log.problems).line == 2

    def test_a_huge_value_is_refused_and_reading_goes_on(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, f"id,name\n1,{'x' * 200_000}\n2,Two\n")
        assert rows == [(3, {"id": "2", "name": "Two"})]
        assert only(log.problems).what == "A value is longer than 131,072 characters."

    def test_an_endless_line_is_stepped_over(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, f"id,name\n1,{'x,' * MAX_LINE_CHARS}\n2,Two\n")
        assert rows == [(3, {"id": "2", "name": "Two"})]
        assert only(log.problems).line == 2

    def test_a_nul_byte_costs_its_value_only(self, tmp_path: Path) -> None:
        rows, log = read(tmp_path, "id,name\n1,On\0e\n2,Two\n")
        assert rows == [(2, {"id": "1"}), (3, {"id": "2", "name": "Two"})]
        problem = only(log.problems)
        assert (problem.line, problem.field) == (2, "name")


class TestValues:
    @pytest.mark.parametrize(
        "text",
        [
            "2015-12-24",
            "20151224",
            "12/24/2015",
            "12/24/15",
            "December 24, 2015",
            "Dec 24, 2015",
            "24 December 2015",
            "2015-12-24T10:30:45.123Z",
        ],
    )
    def test_a_date_is_understood_in_several_shapes(self, text: str) -> None:
        assert parse_date(text) == date(2015, 12, 24)

    @pytest.mark.parametrize("text", ["January 01, 0001", "24/12/2015", "2015-02-30", "soon"])
    def test_what_is_no_date_is_not_guessed(self, text: str) -> None:
        with pytest.raises(UnreadableValueError):
            parse_date(text)

    def test_a_birth_date_needs_four_digits_of_year(self) -> None:
        with pytest.raises(UnreadableValueError):
            parse_date("12/24/15", two_digit_years=False)

    def test_year_one_means_every_year(self) -> None:
        assert parse_calendar_day("June 01, 0001") == (None, 6, 1)
        assert parse_calendar_day("12/24/15") == (2015, 12, 24)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("08:00", time(8)),
            ("9am", time(9)),
            ("3pm", time(15)),
            ("4:00 PM", time(16)),
            ("12 a.m.", time(0)),
            ("12:30pm", time(12, 30)),
            ("10:00:00", time(10)),
            ("17:30Z", time(17, 30)),
            ("17:30-08:00", time(17, 30)),
        ],
    )
    def test_a_time_is_understood_in_several_shapes(self, text: str, expected: time) -> None:
        assert parse_time(text) == expected

    @pytest.mark.parametrize("text", ["25:00", "13pm", "0am", "9", "noonish", "10:61"])
    def test_what_is_no_time_is_not_guessed(self, text: str) -> None:
        with pytest.raises(UnreadableValueError):
            parse_time(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("650 253-0000", ("+16502530000", None)),
            ("(650) 253-0000 x12", ("+16502530000", "12")),
            ('"+44 1234 234567"', ("+441234234567", None)),
            ("+52 55 5093 3000", ("+525550933000", None)),
        ],
    )
    def test_a_phone_is_written_in_e164(self, text: str, expected: tuple[str, str | None]) -> None:
        assert parse_phone(text) == expected

    @pytest.mark.parametrize("text", ["+11234567890", "123-456-7890", "call us", "911 or so", "1"])
    def test_a_phone_that_cannot_exist_is_refused(self, text: str) -> None:
        with pytest.raises(UnreadableValueError):
            parse_phone(text)

    def test_addresses(self) -> None:
        assert parse_email("mailto:office@example.org") == "office@example.org"
        assert parse_url("www.example.org/a") == "https://www.example.org/a"
        for wrong in ("office at example.org", "a@example.org, b@example.org", "a@b"):
            with pytest.raises(UnreadableValueError):
                parse_email(wrong)
        with pytest.raises(UnreadableValueError):
            parse_url("javascript:alert(1)")

    def test_flags_and_numbers(self) -> None:
        assert (parse_flag("TRUE"), parse_flag("n")) == (True, False)
        assert parse_number("37.5", -90, 90) == 37.5
        for wrong in ("100", "nan", "inf", "north"):
            with pytest.raises(UnreadableValueError):
                parse_number(wrong, -90, 90)

    def test_a_list_is_split_once_each(self) -> None:
        assert list(split_list("Spanish, Tagalog;Spanish,, ")) == ["Spanish", "Tagalog"]


def test_a_masked_value_shows_its_shape_alone() -> None:
    assert mask("+1 650-253 ñ") == "+• •••-••• •"
    assert mask("a" * 100) == "•" * 59 + "…"


def test_problems_come_by_file_and_line() -> None:
    log = ReadingLog()
    for file, line in (("b.csv", 2), ("a.csv", 9), ("a.csv", 3)):
        log.problem(Severity.ROW_REFUSED, file=file, line=line, what="x", what_to_do="y")
    assert [(found.file, found.line) for found in log.problems] == [
        ("a.csv", 3),
        ("a.csv", 9),
        ("b.csv", 2),
    ]
