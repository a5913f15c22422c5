"""Open Referral HSDS 3.0 as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.categories import Category
from services.partner.directory import DirectoryPackage, Format, read_directory
from services.partner.directory.model import LinkKind
from tests.tables import folder


def phone() -> dict[str, Any]:
    return {"id": "t1", "number": '"+1 650 253 0000"', "extension": 100}


def place() -> dict[str, Any]:
    return {"id": "l1", "location_type": "physical", "latitude": 37.5, "longitude": -122.2}


def service() -> dict[str, Any]:
    return {
        "id": "s1",
        "name": "Tutors",
        "status": "active",
        "minimum_age": 6,
        "organization": {"id": "o1", "name": "Lantern House", "description": "Helps"},
        "service_at_locations": [{"id": "sl1", "location": place(), "phones": [phone()]}],
        "phones": [phone()],
        "attributes": [
            {
                "id": "a1",
                "taxonomy_term": {
                    "id": "x",
                    "code": "109-03-10",
                    "name": "Tutors",
                    "description": "",
                    "taxonomy": "Open Eligibility",
                },
            }
        ],
        "cost_options": [{"id": "z", "amount": 35}],
    }


def read(path: Path, **files: object) -> DirectoryPackage:
    return read_directory(
        folder(
            path / "export",
            {
                f"{name}.json": content if isinstance(content, str) else json.dumps(content)
                for name, content in files.items()
            },
        )
    )


def said(package: DirectoryPackage) -> list[tuple[str, int, str, str]]:
    return [(found.file, found.line, found.field, found.severity) for found in package.problems]


def test_nested_records_become_those_of_the_tables(tmp_path: Path) -> None:
    package = read(tmp_path, service_full=service())
    assert package.problems == ()
    assert package.format == Format.HSDS_JSON
    assert package.services[0].organization_source_id == "o1"
    assert package.services[0].categories == (Category.TUTORING,)
    assert package.services_at_locations[0].location_source_id == "l1"
    assert (package.phones[0].e164, package.phones[0].extension) == ("+16502530000", "100")
    assert package.cost_options[0].amount == 35
    assert package.ignored == ()


def test_a_record_under_several_parents_belongs_to_all_of_them(tmp_path: Path) -> None:
    package = read(tmp_path, service_full=service())
    assert [(link.kind, link.source_id) for link in package.phones[0].links] == [
        (LinkKind.SERVICE, "s1"),
        (LinkKind.SERVICE_AT_LOCATION, "sl1"),
    ]


def test_a_page_a_list_and_a_record_read_alike(tmp_path: Path) -> None:
    expected = read(tmp_path / "1", service=service()).services
    assert read(tmp_path / "2", services=[service()]).services == expected
    page = {"total_pages": 1, "page_number": 1, "contents": [service()]}
    assert read(tmp_path / "3", services=page).services == expected


def test_an_organization_brings_its_services(tmp_path: Path) -> None:
    nested = service()
    del nested["organization"]
    organization = {"id": "o1", "name": "Lantern House", "services": [nested]}
    package = read(tmp_path, organization_full=organization)
    assert package.services[0].organization_source_id == "o1"
    assert package.problems == ()


def test_repeats_fill_in_what_was_missing_and_conflicts_are_listed(tmp_path: Path) -> None:
    package = read(
        tmp_path,
        organization_1={"id": "o1", "name": "Lantern House"},
        organization_2={"id": "o1", "name": "Lantern Hall", "description": "Helps"},
    )
    organization = package.organizations[0]
    assert (organization.name, organization.description) == ("Lantern House", "Helps")
    assert said(package) == [("organization_2.json", 1, "name", "value-ignored")]


def test_problems_name_the_line_of_the_record(tmp_path: Path) -> None:
    text = '[\n {"id": "o1", "name": "A } {", "email": "x"},\n {\n  "id": "o2",\n  "phones": [\n'
    text += '   {"id": "t1", "number": "1"}\n  ]},\n {"name": "No id"}\n]'
    assert said(read(tmp_path, organizations=text)) == [
        ("organizations.json", 2, "email", "value-ignored"),
        ("organizations.json", 3, "name", "row-refused"),
        ("organizations.json", 6, "organization_id", "value-ignored"),
        ("organizations.json", 6, "id", "row-refused"),
        ("organizations.json", 8, "id", "row-refused"),
    ]


def test_missing_pages_are_listed(tmp_path: Path) -> None:
    def page(number: int, id_: str) -> dict[str, Any]:
        return {
            "total_pages": 3,
            "page_number": number,
            "contents": [{"id": id_, "name": "Lantern"}],
        }

    package = read(tmp_path, organizations_1=page(1, "o1"), organizations_2=page(2, "o2"))
    assert len(package.organizations) == 2
    assert said(package) == [("organizations_1.json", 0, "total_pages", "row-refused")]
    assert package.problems[0].what == "Only 2 of 3 pages of this list are in the package."


def test_values_of_the_wrong_kind_are_listed(tmp_path: Path) -> None:
    record = {
        "id": "o1",
        "name": "Lantern House",
        "description": ["Helps"],
        "email": "a\0@example.org",
        "website": "\ud800",
        "phones": ["650 253 0000"],
    }
    package = read(tmp_path, organization=record)
    assert [(field, severity) for _, _, field, severity in said(package)] == [
        ("description", "value-ignored"),
        ("email", "value-ignored"),
        ("website", "value-ignored"),
        ("phones", "value-ignored"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ('{"id": "o1",\n "name": "Lant', 2),
        ('"\\"\\"\\"\\"', 1),
        ("[" * 200_000, 0),
        ('{"services":' * 200_000, 0),
    ],
    ids=["empty", "cut off", "unclosed", "deep lists", "deep records"],
)
def test_what_is_no_json_is_refused(tmp_path: Path, text: str, line: int) -> None:
    package = read(tmp_path, organizations=text)
    assert said(package) == [("organizations.json", line, "", "row-refused")]


def test_records_nested_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    record: dict[str, Any] = {"id": "s0", "name": "Tutors", "status": "active"}
    for number in range(1, 60):
        parent = {"id": f"o{number}", "name": "Lantern", "services": [record]}
        record = {"id": f"s{number}", "name": "Tutors", "status": "active", "organization": parent}
    problems = read(tmp_path, services=[record]).problems
    assert "The records are nested too deeply." in {found.what for found in problems}


def test_what_is_no_record_is_counted(tmp_path: Path) -> None:
    package = read(
        tmp_path,
        base={"version": "3.0"},
        organizations=[{"id": "o1", "name": "Lantern"}, 7],
        export={"id": "q", "colour": "red"},
    )
    assert [(left.file, left.field) for left in package.ignored] == [
        ("base.json", "*"),
        ("organizations.json", "(no record)"),
    ]
    assert said(package) == [("export.json", 1, "", "row-refused")]
