"""Recognising layouts, and what a second import sees."""

from pathlib import Path

import pytest

from services.chassis.tabular import PackageRefusedError
from services.partner.directory import Format, read_directory
from tests.partner.directory.test_hsds_csv import FILES, read
from tests.tables import folder


class TestLayout:
    def test_a_single_file_is_a_package(self, tmp_path: Path) -> None:
        path = folder(tmp_path, {"Organizations.csv": "id,name\no1,Lantern\n"})
        package = read_directory(path / "Organizations.csv")
        assert package.format == Format.HSDS_CSV
        assert len(package.organizations) == 1

    def test_csv_goes_before_its_own_description(self, tmp_path: Path) -> None:
        path = folder(tmp_path, {**FILES, "datapackage.json": "{}"})
        assert read_directory(path).format == Format.HSDS_CSV

    @pytest.mark.parametrize("files", [{}, {"readme.txt": "hello"}, {"students.csv": "id\n1\n"}])
    def test_what_is_no_directory_is_refused(self, tmp_path: Path, files: dict[str, str]) -> None:
        with pytest.raises(PackageRefusedError, match="no file of a known directory layout"):
            read_directory(folder(tmp_path / "export", files))

    def test_the_only_directory_among_several_folders_is_read(self, tmp_path: Path) -> None:
        folder(tmp_path / "schema", {"organizations.csv": "id,name\n"})
        folder(tmp_path / "csv", {"organizations.csv": "id,name\no1,Lantern\n"})
        package = read_directory(tmp_path)
        assert [each.name for each in package.organizations] == ["Lantern"]

    def test_where_several_folders_hold_one_each_they_are_named(self, tmp_path: Path) -> None:
        for name in ("north", "south"):
            folder(tmp_path / name, {"organizations.csv": f"id,name\n{name},Lantern\n"})
        with pytest.raises(PackageRefusedError, match="of their own: north, south") as refused:
            read_directory(tmp_path)
        assert "north, south" in refused.value.es

    def test_a_directory_in_windows_1252_keeps_its_accents(self, tmp_path: Path) -> None:
        package = read(tmp_path, organizations="id;name\no1;Casa Niñez\n".encode("cp1252"))
        assert package.organizations[0].name == "Casa Niñez"
        assert [found.line for found in package.problems] == [0]


class TestFingerprint:
    def test_the_order_of_rows_does_not_matter(self, tmp_path: Path) -> None:
        languages = "id,service_id,phone_id,name,code\ng2,,t1,,vi\ng1,s1,,Spanish,\n"
        first, again = read(tmp_path / "1"), read(tmp_path / "2", languages=languages)
        assert again.services[0].fingerprint == first.services[0].fingerprint
        assert len(first.services[0].fingerprint) == 64

    @pytest.mark.parametrize(
        ("file", "old", "new", "changed"),
        [
            ("organizations", "Helps", "Helps all", {"organization"}),
            ("programs", "Teeth", "All teeth", {"organization"}),
            ("services", "dentist", "dentists", {"service"}),
            ("service_at_location", "Ground", "First", {"service"}),
            ("schedules", "5pm", "6pm", {"service"}),
            ("phones", "0000", "0001", {"service"}),
            ("contacts", "Ann", "Bea", {"service"}),
            ("languages", "vi", "tl", {"service"}),
            ("required_documents", "card", "cards", {"service"}),
            ("taxonomy_terms", "106-02", "102-04", {"service"}),
            ("addresses", "1 Lantern", "2 Lantern", {"location"}),
            ("accessibility", "Ramp", "Lift", {"location"}),
            ("funding", "County", "City", set[str]()),
        ],
    )
    def test_a_change_marks_what_it_changes_and_nothing_else(
        self, tmp_path: Path, file: str, old: str, new: str, changed: set[str]
    ) -> None:
        before = read(tmp_path / "1")
        after = read(tmp_path / "2", **{file: FILES[f"{file}.csv"].replace(old, new)})
        marks = {
            "organization": (before.organizations[0], after.organizations[0]),
            "location": (before.locations[0], after.locations[0]),
            "service": (before.services[0], after.services[0]),
        }
        assert {
            name for name, (was, is_) in marks.items() if was.fingerprint != is_.fingerprint
        } == changed
