"""Published directories, where they are present. Counts were taken from the files by hand."""

import pytest

from services.chassis.tabular import PackageRefusedError
from services.partner.directory import Format, read_directory
from tests.tables import sample


def test_a_county_directory_is_read() -> None:
    package = read_directory(sample("san-mateo-directory"))
    assert package.format == Format.OHANA_CSV
    assert len(package.organizations) == 8
    assert len(package.services) == 23
    assert len(package.locations) == 22
    assert sum(len(location.addresses) for location in package.locations) == 42
    assert len(package.contacts) == 31
    assert len(package.phones) == 54
    assert sum(phone.e164 is not None for phone in package.phones) == 50
    assert len(package.schedules) == 11
    assert len(package.holiday_schedules) == 4
    assert len(package.taxonomy_terms) == 290
    assert len(package.unmapped_terms) == 33
    assert len(package.uncategorized_services) == 22


def test_every_problem_of_the_county_directory_is_listed() -> None:
    package = read_directory(sample("san-mateo-directory"))
    assert [
        (found.file, found.line, found.field, found.severity) for found in package.problems
    ] == [
        ("phones.csv", 41, "number", "value-ignored"),
        ("phones.csv", 48, "number", "value-ignored"),
        ("phones.csv", 52, "number", "value-ignored"),
        ("phones.csv", 53, "number", "value-ignored"),
        ("regular_schedules.csv", 12, "closes_at", "value-ignored"),
    ]


def test_the_standards_csv_example_is_read() -> None:
    package = read_directory(sample("hsds-3.0") / "csv")
    assert package.format == Format.HSDS_CSV
    counted = {
        name: len(getattr(package, name))
        for name in ("organizations", "programs", "services", "locations", "phones", "schedules")
    }
    assert set(counted.values()) == {1}
    # The example's own references lead nowhere in these places, and its latitude is 100.
    assert [(found.file, found.field, found.severity) for found in package.problems] == [
        ("attributes.csv", "link_id", "row-refused"),
        ("contacts.csv", "organization_id", "value-ignored"),
        ("contacts.csv", "service_at_location_id", "value-ignored"),
        ("locations.csv", "organization_id", "value-ignored"),
        ("locations.csv", "latitude", "value-ignored"),
        ("locations.csv", "longitude", "value-ignored"),
        ("organizations.csv", "parent_organization_id", "value-ignored"),
        ("taxonomy_terms.csv", "parent_id", "value-ignored"),
    ]


def test_the_standards_json_examples_are_one_directory() -> None:
    package = read_directory(sample("hsds-3.0") / "examples")
    assert package.format == Format.HSDS_JSON
    assert len(package.organizations) == len(package.services) == len(package.phones) == 1
    assert package.phones[0].e164 == "+441234234567"
    assert [(found.file, found.line, found.field) for found in package.problems] == [
        ("organization_full.json", 1, "parent_organization_id"),
        ("organization_full.json", 64, "latitude"),
        ("organization_full.json", 64, "longitude"),
        ("organization_full.json", 518, "parent_id"),
        ("organization_list.json", 0, "total_pages"),
        ("service_list.json", 0, "total_pages"),
        ("taxonomy_term_list.json", 0, "total_pages"),
    ]


def test_of_the_whole_published_folder_the_directories_in_it_are_named() -> None:
    named = "2 directories, in folders of their own: csv, examples"
    with pytest.raises(PackageRefusedError, match=named):
        read_directory(sample("hsds-3.0"))
