"""Recognising layouts, and what is more than a directory can be."""

from pathlib import Path

import pytest

from services.chassis.tabular import PackageRefusedError
from services.partner.directory import Format, collect, read_directory
from services.partner.directory import read as read_module
from tests.partner.directory.test_hsds_csv import FILES, read
from tests.tables import archive, folder


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


class TestBounds:
    def test_rows_without_end_are_refused_before_the_memory_ends(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(collect, "MOST_RECORDS", 20)
        rows = "".join(f"o{n},Lantern {n}\n" for n in range(21))
        path = folder(tmp_path, {"organizations.csv": f"id,name\n{rows}"})
        with pytest.raises(PackageRefusedError, match="more than 20 records") as refused:
            read_directory(path)
        assert "20 registros" in refused.value.es

    def test_more_to_mend_than_anybody_would_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(collect, "MOST_PROBLEMS", 5)
        path = folder(tmp_path, {"organizations.csv": "id,name\n" + "o1,Lantern\n" * 9})
        with pytest.raises(PackageRefusedError, match="more than 5 problems"):
            read_directory(path)

    def test_what_unpacks_to_more_than_a_directory_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(read_module, "MAX_BYTES", 1_000_000)
        bomb = {"organizations.csv": "id,name\n" + "o1,x" * 500_000}
        with pytest.raises(PackageRefusedError, match="when unpacked"):
            read_directory(archive(tmp_path / "bomb.zip", bomb))

    def test_a_chain_of_parents_without_end_is_walked_once(self, tmp_path: Path) -> None:
        rows = "".join(f"o{n},Lantern,o{n + 1}\n" for n in range(20_000))
        content = f"id,name,parent_organization_id\n{rows}o20000,Lantern,o0\n"
        package = read_directory(folder(tmp_path, {"organizations.csv": content}))
        assert len(package.organizations) == 20_001
        assert (
            sum(each.parent_organization_source_id is None for each in package.organizations) == 1
        )
