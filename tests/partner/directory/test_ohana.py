"""The older CSV layout of the Ohana API."""

from pathlib import Path

from contracts.categories import Category
from services.partner.directory import DirectoryPackage, Format, read_directory
from services.partner.directory.model import CalendarDay, LinkKind, LocationType
from tests.tables import folder

FILES = {
    "organizations.csv": "id,name,website,tax_id\n1,Harbor Aid,http://harbor.example,9\n",
    "locations.csv": "id,organization_id,name,website,latitude,longitude,virtual,languages,"
    "accessibility,short_desc\n"
    '1,1,Harbor House,,37.5,-122.2,false,"Spanish, Chinese (Mandarin)","ramp, disabled_parking",x\n'
    "2,7,Nobody's,,,,true,,,\n",
    "services.csv": "id,location_id,name,status,fees,eligibility,audience,keywords,languages,"
    "required_documents,service_areas,taxonomy_ids\n"
    '1,1,Pantry,active,None,Anyone,Families,"food, groceries",Spanish,Picture ID,Fairhaven,'
    '"102-04, 108-02, 102-05"\n',
    "addresses.csv": "id,location_id,address_1,city\n1,1,1 Quay,Fairhaven\n",
    "mail_addresses.csv": "id,location_id,attention,address_1,city\n"
    "1,1,A. Invented,Box 1,Fairhaven\n",
    "phones.csv": "id,location_id,service_id,country_prefix,department,extension,number,"
    "number_type,vanity_number\n"
    "1,1,,,,,650 253-0000,voice,\n2,,1,+1,Pantry,12,650-253-0000,tty,650-253-FOOD\n",
    "regular_schedules.csv": "id,location_id,service_id,weekday,opens_at,closes_at\n"
    "1,1,,Monday,08:00,4:00 PM\n2,,1,Tuesday,9am,03:00\n",
    "holiday_schedules.csv": "id,location_id,service_id,start_date,end_date,closed,opens_at,"
    "closes_at\n"
    '1,1,,"January 01, 0001","January 01, 0001",true,,\n'
    "2,,1,12/24/2026,12/24/26,false,10:00,16:00\n"
    "3,,1,someday,,true,,\n",
    "taxonomy.csv": "taxonomy_id,name,parent_id,parent_name\n102-04,Pantries,102,Meals\n"
    "108-02,Animals,108,Looking after\n",
}


def read(path: Path, **changed: str) -> DirectoryPackage:
    files = {**FILES, **{f"{name}.csv": text for name, text in changed.items()}}
    return read_directory(folder(path / "export", files))


def said(package: DirectoryPackage) -> list[tuple[str, int, str, str]]:
    return [(found.file, found.line, found.field, found.severity) for found in package.problems]


def test_a_service_finds_its_organization_through_its_location(tmp_path: Path) -> None:
    package = read(tmp_path)
    assert package.format == Format.OHANA_CSV
    service = package.services[0]
    assert service.organization_source_id == "1"
    assert (service.fees_description, service.eligibility_description) == ("None", "Anyone")
    assert (service.audience, service.keywords) == ("Families", ("food", "groceries"))
    joined = package.services_at_locations[0]
    assert (joined.source_id, joined.location_source_id) == ("1@1", "1")


def test_terms_become_categories_even_where_the_list_of_terms_lacks_one(tmp_path: Path) -> None:
    package = read(tmp_path)
    service = package.services[0]
    assert service.taxonomy_term_source_ids == ("102-04", "108-02", "102-05")
    assert service.categories == (Category.FOOD,)
    assert [term.source_id for term in package.unmapped_terms] == ["108-02"]


def test_lists_inside_columns_become_records_of_their_own(tmp_path: Path) -> None:
    package = read(tmp_path)
    assert [(found.name, found.code, found.links[0].kind) for found in package.languages] == [
        ("Spanish", "es", LinkKind.LOCATION),
        ("Chinese (Mandarin)", "zh", LinkKind.LOCATION),
        ("Spanish", "es", LinkKind.SERVICE),
    ]
    assert package.locations[0].accessibility == ("ramp", "disabled parking")
    assert [area.name for area in package.service_areas] == ["Fairhaven"]
    assert [paper.document for paper in package.required_documents] == ["Picture ID"]


def test_ids_of_list_parts_do_not_depend_on_their_place(tmp_path: Path) -> None:
    first = read(tmp_path / "1")
    again = read(
        tmp_path / "2", services=FILES["services.csv"].replace("Fairhaven", '"Norport, Fairhaven"')
    )
    assert first.service_areas[0].source_id == again.service_areas[1].source_id


def test_places_have_post_and_street_addresses(tmp_path: Path) -> None:
    package = read(tmp_path)
    assert [(found.source_id, found.address_type) for found in package.locations[0].addresses] == [
        ("1", LocationType.PHYSICAL),
        ("mail:1", LocationType.POSTAL),
    ]
    assert package.locations[1].location_type is LocationType.VIRTUAL


def test_american_phones_are_understood(tmp_path: Path) -> None:
    first, second = read(tmp_path).phones
    assert (first.number, first.e164) == ("650 253-0000", "+16502530000")
    assert (second.e164, second.extension, second.type) == ("+16502530000", "12", "tty")
    assert second.description == "Pantry"


def test_holidays_without_a_year_are_those_of_every_year(tmp_path: Path) -> None:
    first, second = read(tmp_path).holiday_schedules
    assert (first.start_date, first.closed) == (CalendarDay(year=None, month=1, day=1), True)
    assert (second.end_date, second.closed) == (CalendarDay(year=2026, month=12, day=24), False)


def test_problems_speak_in_the_columns_of_the_file(tmp_path: Path) -> None:
    package = read(
        tmp_path,
        services=FILES["services.csv"] + "2,9,Lost,active,,,,,,,,\n3,2,Orphan,active,,,,,,,,\n",
    )
    assert said(package) == [
        ("holiday_schedules.csv", 4, "start_date", "value-ignored"),
        ("holiday_schedules.csv", 4, "start_date", "row-refused"),
        ("locations.csv", 3, "organization_id", "value-ignored"),
        ("regular_schedules.csv", 3, "closes_at", "value-ignored"),
        ("services.csv", 3, "location_id", "row-refused"),
        ("services.csv", 4, "location_id", "row-refused"),
    ]
    assert [service.source_id for service in package.services] == ["1"]


def test_a_services_file_alone_tells_the_layout(tmp_path: Path) -> None:
    only = {"services.csv": FILES["services.csv"]}
    package = read_directory(folder(tmp_path, only))
    assert package.format == Format.OHANA_CSV
    assert said(package) == [
        ("locations.csv", 0, "", "row-refused"),
        ("organizations.csv", 0, "", "row-refused"),
        ("services.csv", 2, "location_id", "row-refused"),
    ]
