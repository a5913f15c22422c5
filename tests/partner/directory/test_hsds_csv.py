"""Open Referral HSDS 3.0 as CSV."""

from datetime import date, time
from pathlib import Path

from contracts.categories import Category
from services.chassis.tabular import Severity
from services.partner.directory import DirectoryPackage, Format, read_directory
from services.partner.directory.model import LinkKind, LocationType, ServiceStatus
from tests.tables import archive, folder

FILES = {
    "organizations.csv": "id,name,description,email,website,logo\n"
    "o1,Lantern House,Helps,office@lantern.example,www.lantern.example,x.png\n",
    "programs.csv": "id,organization_id,name,description\np1,o1,Bright Smiles,Teeth\n",
    "locations.csv": "id,location_type,organization_id,name,latitude,longitude\n"
    "l1,physical,o1,Lantern Hall,37.5,-122.2\n",
    "addresses.csv": "id,location_id,address_1,city,state_province,postal_code,country,address_type"
    "\na1,l1,1 Lantern Way,Fairhaven,CA,94000,US,physical\n",
    "accessibility.csv": "id,location_id,description,details\nx1,l1,Ramp,At the back door\n",
    "services.csv": "id,organization_id,program_id,name,status,minimum_age,maximum_age\n"
    "s1,o1,p1,Children's dentist,active,3,18\n",
    "service_at_location.csv": "id,service_id,location_id,description\nsl1,s1,l1,Ground floor\n",
    "contacts.csv": "id,organization_id,service_id,name,email\nc1,,s1,Ann Invented,a@l.example\n",
    "phones.csv": 'id,service_id,contact_id,number,type\nt1,s1,c1,"""+1 650 253 0000""",voice\n',
    "schedules.csv": "id,service_at_location_id,valid_from,freq,byday,opens_at,closes_at\n"
    'h1,sl1,2026-09-01,weekly,"MO,We",09:00,5pm\n',
    "languages.csv": "id,service_id,phone_id,name,code\ng1,s1,,Spanish,\ng2,,t1,,vi\n",
    "service_areas.csv": "id,service_id,name\nr1,s1,Fairhaven\n",
    "required_documents.csv": "id,service_id,document\nd1,s1,Insurance card\n",
    "taxonomy_terms.csv": "id,code,name,description,taxonomy\n"
    "x-7,106-02,Teeth,All about teeth,Open Eligibility\n"
    "x-8,zz,Elsewhere,Some other list,Home-made\n",
    "attributes.csv": "id,link_id,taxonomy_term_id,link_type,link_entity\n"
    "1,s1,x-7,taxonomy_term,service\n2,s1,x-8,taxonomy_term,service\n"
    "3,o1,x-7,taxonomy_term,organization\n",
    "funding.csv": "id,organization_id,source\nf1,o1,County\n",
}


def read(path: Path, **changed: str | bytes | None) -> DirectoryPackage:
    """Reads the sample with some files changed (`services="…"`) or left out (None)."""
    files: dict[str, str | bytes] = {**FILES}
    for name, content in changed.items():
        if content is None:
            del files[f"{name}.csv"]
        else:
            files[f"{name}.csv"] = content
    return read_directory(folder(path / "export", files))


def said(package: DirectoryPackage) -> list[tuple[str, int, str, str]]:
    return [(found.file, found.line, found.field, found.severity) for found in package.problems]


def test_a_whole_package_is_read(tmp_path: Path) -> None:
    package = read(tmp_path)
    assert package.problems == ()
    assert package.format == Format.HSDS_CSV
    organization, service = package.organizations[0], package.services[0]
    assert organization.website == "https://www.lantern.example"
    assert (service.organization_source_id, service.program_source_id) == ("o1", "p1")
    assert service.status is ServiceStatus.ACTIVE
    assert (service.minimum_age, service.maximum_age) == (3, 18)
    assert service.categories == (Category.DENTAL,)
    assert [term.source_id for term in package.unmapped_terms] == ["x-8"]
    location = package.locations[0]
    assert location.location_type is LocationType.PHYSICAL
    assert location.coordinates is not None
    assert location.coordinates.latitude == 37.5
    assert location.addresses[0].postal_code == "94000"
    assert location.accessibility == ("Ramp At the back door",)
    joined = package.services_at_locations[0]
    assert (joined.service_source_id, joined.location_source_id) == ("s1", "l1")
    phone = package.phones[0]
    assert (phone.number, phone.e164) == ("+1 650 253 0000", "+16502530000")
    assert [(link.kind, link.source_id) for link in phone.links] == [
        (LinkKind.CONTACT, "c1"),
        (LinkKind.SERVICE, "s1"),
    ]
    schedule = package.schedules[0]
    assert (schedule.freq, schedule.byday) == ("WEEKLY", ("MO", "WE"))
    assert (schedule.valid_from, schedule.opens_at, schedule.closes_at) == (
        date(2026, 9, 1),
        time(9),
        time(17),
    )
    assert [language.code for language in package.languages] == ["es", "vi"]


def test_nothing_is_left_out_in_silence(tmp_path: Path) -> None:
    assert [(left.file, left.field, left.values) for left in read(tmp_path).ignored] == [
        ("attributes.csv", "attribute of organization", 1),
        ("attributes.csv", "link_type", 3),
        ("funding.csv", "*", 1),
        ("organizations.csv", "logo", 1),
    ]


def test_a_zip_reads_like_its_folder(tmp_path: Path) -> None:
    zipped = archive(tmp_path / "a.zip", {f"export/{name}": text for name, text in FILES.items()})
    assert read_directory(zipped) == read(tmp_path)


def test_a_service_without_its_organization_is_refused(tmp_path: Path) -> None:
    services = "id,organization_id,name,status\ns1,o1,One,active\ns2,o9,Two,active\ns3,,Three,\n"
    package = read(tmp_path, services=services)
    assert [service.source_id for service in package.services] == ["s1"]
    assert said(package) == [
        ("services.csv", 3, "organization_id", "row-refused"),
        ("services.csv", 4, "organization_id", "row-refused"),
    ]


def test_what_hangs_on_a_refused_service_is_refused_with_it(tmp_path: Path) -> None:
    package = read(tmp_path, organizations="id,name\no2,Another\n", programs=None)
    assert package.services == ()
    assert package.required_documents == ()
    refused = {found.file for found in package.problems if found.severity == Severity.ROW_REFUSED}
    assert refused == {
        "attributes.csv",
        "contacts.csv",
        "languages.csv",
        "phones.csv",
        "required_documents.csv",
        "schedules.csv",
        "service_areas.csv",
        "service_at_location.csv",
        "services.csv",
    }


def test_of_two_rows_with_one_id_the_first_is_kept(tmp_path: Path) -> None:
    package = read(tmp_path, organizations="id,name\no1,First\no1,Second\n,Third\n")
    assert [organization.name for organization in package.organizations] == ["First"]
    assert said(package) == [
        ("organizations.csv", 3, "id", "row-refused"),
        ("organizations.csv", 4, "id", "row-refused"),
    ]
    assert "Line 2" in package.problems[0].what


def test_an_id_that_cannot_be_one_refuses_its_row(tmp_path: Path) -> None:
    package = read(tmp_path, organizations=f"id,name\no1,First\n{'9' * 256},Second\n")
    assert said(package) == [("organizations.csv", 3, "id", "row-refused")]


def test_bad_optional_values_cost_themselves_only(tmp_path: Path) -> None:
    package = read(
        tmp_path,
        organizations="id,name,email,website\no1,Lantern,nobody,lantern\n",
        locations="id,location_type,organization_id,latitude,longitude\nl1,tent,o7,100,101\n",
        services="id,organization_id,program_id,name,status,minimum_age,maximum_age,email\n"
        "s1,o1,p7,One,open,18,3,x\n",
        schedules="id,service_id,valid_from,valid_to,freq,byday,bymonthday,opens_at,closes_at\n"
        'h1,s1,2026-09-01,2026-08-01,HOURLY,"MO,NO",32,9am,03:00\n',
        languages="id,service_id,code,name\ng1,s1,Not a code,Spanish\n",
        phones="id,service_id,number\nt1,s1,123-456-7890\n",
    )
    assert [(where, field, severity) for where, _, field, severity in said(package)] == [
        ("languages.csv", "code", "value-ignored"),
        ("locations.csv", "organization_id", "value-ignored"),
        ("locations.csv", "location_type", "value-ignored"),
        ("locations.csv", "latitude", "value-ignored"),
        ("locations.csv", "longitude", "value-ignored"),
        ("organizations.csv", "email", "value-ignored"),
        ("organizations.csv", "website", "value-ignored"),
        ("phones.csv", "number", "value-ignored"),
        ("schedules.csv", "closes_at", "value-ignored"),
        ("schedules.csv", "valid_to", "value-ignored"),
        ("schedules.csv", "freq", "value-ignored"),
        ("schedules.csv", "byday", "value-ignored"),
        ("schedules.csv", "bymonthday", "value-ignored"),
        ("services.csv", "maximum_age", "value-ignored"),
        ("services.csv", "program_id", "value-ignored"),
        ("services.csv", "email", "value-ignored"),
        ("services.csv", "status", "value-ignored"),
    ]
    assert (package.services[0].minimum_age, package.services[0].maximum_age) == (18, None)
    assert package.services[0].status is None
    assert package.schedules[0].opens_at == time(9)
    assert package.schedules[0].closes_at is None
    assert (package.phones[0].number, package.phones[0].e164) == ("123-456-7890", None)


def test_people_are_masked_in_problems_and_absent_from_representations(tmp_path: Path) -> None:
    package = read(
        tmp_path,
        contacts="id,service_id,name,email\nc1,s1,Ann Invented,ann.invented at home\n",
        phones="id,contact_id,number\nt1,c1,123-456-7890\n",
    )
    shown = [found.value_shown for found in package.problems]
    assert shown == ["•••.•••••••• •• ••••", "•••-•••-••••"]
    assert "Invented" not in repr(package)
    assert "7890" not in repr(package)


def test_missing_files_are_listed(tmp_path: Path) -> None:
    package = read(tmp_path, organizations=None, programs=None)
    assert package.problems[-1].file == "services.csv"
    assert ("organizations.csv", 0, "", "row-refused") in said(package)
