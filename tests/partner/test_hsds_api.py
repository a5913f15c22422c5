"""The directory as the standard's API: every entity valid against the standard's own schemas.

The schemas are read from the published standard where it is beside this repository; without it the
tests that need it say so, and the others go on.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from services.chassis.ids import new_id
from services.partner.model.hsds.organizations import organization
from services.partner.model.hsds.services import full_service, service
from services.partner.model.service import Place
from services.partner.model.terms import Cost, Terms
from tests.partner import build
from tests.partner.district import PEOPLE, District
from tests.partner.test_imports import CONTACTS, SERVICES, counts, package, take
from tests.partner.test_matches_api import change
from tests.partner.whole import WHOLE, archived, exported, taken, without_ids
from tests.tables import archive, sample

FORMATS = FormatChecker()
ENTITIES = {
    "schedules": "schedule",
    "service_areas": "service_area",
    "service_at_locations": "service_at_location",
    "location": "location",
    "locations": "location",
    "addresses": "address",
    "accessibility": "accessibility",
    "phones": "phone",
    "contacts": "contact",
    "program": "program",
    "programs": "program",
    "languages": "language",
    "cost_options": "cost_option",
    "required_documents": "required_document",
    "attributes": "attribute",
    "taxonomy_term": "taxonomy_term",
    "taxonomy_detail": "taxonomy",
    "organization": "organization",
}
"""What a record is, by the field that holds it."""


@FORMATS.checks("uri", raises=ValueError)
def _uri(text: object) -> bool:
    return not isinstance(text, str) or bool(urlsplit(text).scheme and urlsplit(text).netloc)


@FORMATS.checks("uuid", raises=ValueError)
def _uuid(text: object) -> bool:
    return not isinstance(text, str) or str(UUID(text)) == text.lower()


class Standard:
    """The standard's schemas."""

    def __init__(self, folder: Path) -> None:
        def read(name: str) -> dict[str, Any]:
            schema: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
            return schema

        self._whole = read("service_with_definitions")
        self._lists = {"service": read("service_list"), "organization": read("organization_list")}
        self.met: set[str] = set()

    def listed(self, kind: str, records: list[dict[str, Any]]) -> None:
        for each in records:
            _valid(self._lists[kind], each)

    def full(self, record: dict[str, Any]) -> None:
        """Check a service with all that hangs on it, and each thing that does by itself."""
        _valid(self._whole, record)
        self.parts(record)

    def one(self, kind: str, record: dict[str, Any]) -> None:
        self.met.add(kind)
        definitions = self._whole["definitions"]
        _valid({**definitions[kind], "definitions": definitions}, record)
        self.parts(record)

    def parts(self, record: dict[str, Any]) -> None:
        for field, value in record.items():
            if field in ENTITIES:
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, dict):
                        self.one(ENTITIES[field], each)


def _valid(schema: dict[str, Any], record: dict[str, Any]) -> None:
    faults = list(Draft202012Validator(schema, format_checker=FORMATS).iter_errors(record))
    assert not faults, [(fault.json_path, fault.message) for fault in faults]


async def page(district: District, path: str, who: str = "rosa") -> dict[str, Any]:
    answer = await district.get(f"/v1/hsds/{path}", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entered(district: District) -> str:
    """Enter a service of which everything is known that staff can tell; return its id."""
    made = await district.provider("Sonrisas", languages=["es", "mam"])
    place = {
        "name": "Clinic",
        "lines": ["12 Invented Way", "Floor 2"],
        "city": "Oakland",
        "state": "CA",
        "postal_code": "94601",
        "latitude": 37.78,
        "longitude": -122.22,
        "phones": ["+15105550123"],
        "transportation": "Bus 1",
        "accessibility": ["Ramp"],
    }
    terms = {
        "cost": "free",
        "zips": ["94601", "94606"],
        "interpreter": True,
        "hours": [{"day": "MO", "opens_at": "09:00", "closes_at": "17:00"}],
    }
    await change(district, made.service, locations=[place, {"lines": ["Anywhere"]}], terms=terms)
    return made.service


async def check_all(district: District, standard: Standard) -> dict[str, int]:
    """Read everything there is and check each record; return how many there were."""
    services = await page(district, "services?per_page=200")
    standard.listed("service", services["contents"])
    for each in services["contents"]:
        standard.full(await page(district, f"services/{each['id']}"))
    organizations = await page(district, "organizations?per_page=200")
    standard.listed("organization", organizations["contents"])
    for each in organizations["contents"]:
        whole = await page(district, f"organizations/{each['id']}")
        standard.one("organization", whole)
        standard.listed("service", whole.get("services", []))
    placed = await page(district, "service_at_locations?per_page=200")
    for each in placed["contents"]:
        standard.one("service_at_location", each)
        standard.listed("service", [each["service"]])
    one = await page(district, f"service_at_locations/{placed['contents'][0]['id']}")
    assert one["location"] == placed["contents"][0]["location"]
    for path, kind in (("taxonomies", "taxonomy"), ("taxonomy_terms", "taxonomy_term")):
        found = await page(district, f"{path}?per_page=200")
        for each in found["contents"]:
            standard.one(kind, each)
        first = found["contents"][0]
        assert await page(district, f"{path}/{first['id']}") == first
    return {
        "services": services["total_items"],
        "organizations": organizations["total_items"],
        "placed": placed["total_items"],
    }


async def test_every_entity_is_valid_against_the_standards_schemas(district: District) -> None:
    standard = Standard(sample("hsds-3.0") / "schema")
    await entered(district)
    await take(district, archived(WHOLE))
    await check_all(district, standard)
    assert standard.met == set(ENTITIES.values())


async def test_what_was_taken_in_comes_back_and_taken_in_again_says_the_same(
    district: District,
) -> None:
    await take(district, archived(WHOLE))
    first = await export(district)
    assert without_ids(first["services"]) == without_ids(exported(taken(WHOLE, "-"))["services"])
    assert {each["name"] for each in first["organizations"]} == {"Bay Health", "Marisol Clinic"}
    report = await take(district, archived(first), source="back")
    assert [each["value_shown"] for each in report["problems"]] == ["•••• ••• ••••"]
    ids = {each["id"] for some in first.values() for each in some}
    both = await export(district)
    second = {name: [e for e in some if e["id"] not in ids] for name, some in both.items()}
    for kind in ("organizations", "services"):
        assert without_ids(second[kind]) == without_ids(first[kind])
    again = await take(district, archived(first), source="back")
    assert (again["agencies"], again["services"]) == (counts(same=2), counts(same=3))


async def export(district: District) -> dict[str, list[dict[str, Any]]]:
    """Return all that the standard's API gives, in lists as an import takes them."""
    return {
        "organizations": (await page(district, "organizations?full=true"))["contents"],
        "services": (await page(district, "services?full=true"))["contents"],
        "taxonomy_terms": (await page(district, "taxonomy_terms?per_page=200"))["contents"],
    }


async def test_the_standards_own_examples_come_out_valid(
    district: District, tmp_path: Path
) -> None:
    folder = sample("hsds-3.0")
    files = {each.name: each.read_bytes() for each in (folder / "examples").glob("*.json")}
    await take(district, archive(tmp_path / "examples.zip", files).read_bytes())
    standard = Standard(folder / "schema")
    await check_all(district, standard)
    assert {"required_document", "schedule", "language", "attribute"} <= standard.met


async def test_a_real_county_comes_out_valid(district: District, tmp_path: Path) -> None:
    standard = Standard(sample("hsds-3.0") / "schema")
    files = {each.name: each.read_bytes() for each in sample("san-mateo-directory").glob("*.csv")}
    await take(district, archive(tmp_path / "county.zip", files).read_bytes())
    counted = await check_all(district, standard)
    assert (counted["services"], counted["organizations"]) == (23, 8)


async def test_pages_are_as_the_standard_has_them(district: District) -> None:
    await take(district, package())
    first = await page(district, "services?per_page=2")
    assert {name: first[name] for name in first if name != "contents"} == {
        "total_items": 3,
        "total_pages": 2,
        "page_number": 1,
        "size": 2,
        "first_page": True,
        "last_page": False,
        "empty": False,
    }
    second = await page(district, "services?per_page=2&page=2")
    assert (second["size"], second["last_page"]) == (1, True)
    names = [each["name"] for each in first["contents"] + second["contents"]]
    assert names == ["Check-ups", "Glasses", "Groceries"]
    beyond = await page(district, "services?page=9")
    assert (beyond["empty"], beyond["contents"], beyond["last_page"]) == (True, [], True)
    about = await page(district, "")
    assert about["version"] == "3.0"


async def test_lists_are_narrowed(district: District) -> None:
    await take(district, package())
    clinic = (await page(district, "organizations?search=marísol"))["contents"][0]
    own = await page(district, f"services?organization_id={clinic['id']}")
    assert [each["name"] for each in own["contents"]] == ["Check-ups", "Glasses"]
    found = await page(district, "services?search=GLASS&full=true")
    assert found["contents"][0]["organization"]["name"] == "Marisol Clinic"
    await entered(district)
    terms = (await page(district, "taxonomy_terms?per_page=200"))["contents"]
    dental = next(each for each in terms if each.get("code") == "dental")
    narrowed = await page(district, f"services?taxonomy_term_id={dental['id']}")
    assert [each["name"] for each in narrowed["contents"]] == ["Sonrisas"]
    assert (await page(district, "services?modified_after=2100-01-01T00:00:00Z"))["empty"]
    unknown = await district.get("/v1/hsds/taxonomy_terms/0193f6a0-0000-7000-8000-000000000001")
    assert unknown.status_code == 404


async def test_what_has_gone_is_inactive(district: District) -> None:
    await take(district, package())
    await take(district, package(services=SERVICES[:2]))
    listed = await page(district, "services?full=true")
    statuses = {each["name"]: each["status"] for each in listed["contents"]}
    assert statuses == {"Check-ups": "active", "Glasses": "active", "Groceries": "inactive"}


async def test_whom_a_directory_lists_is_given_back_and_whom_staff_entered_is_not(
    district: District,
) -> None:
    await take(district, package())
    (agency,) = (await district.get("/v1/agencies?q=marisol")).json()["items"]
    path = f"/v1/agencies/{agency['id']}"
    shown = await district.get(path)
    mine = {"id": new_id(), "name": "Of Offers Alone", "email": "offers@example.org"}
    people = [*shown.json()["contacts"], mine]
    body = {"name": "Marisol Clinic", "contacts": people}
    entered = await district.put(path, body, if_match=shown.headers["ETag"])
    assert entered.status_code == 200, entered.text
    services = await page(district, "services?full=true")
    organizations = await page(district, "organizations?full=true")
    (asked,) = [each for each in services["contents"] if "contacts" in each]
    assert (asked["name"], asked["contacts"][0]["email"]) == ("Check-ups", CONTACTS[0]["email"])
    told = json.dumps([services, organizations])
    assert "Of Offers Alone" not in told
    assert "offers@example.org" not in told
    await district.put(path, {"name": "Marisol Clinic"}, if_match=entered.headers["ETag"])
    assert CONTACTS[0]["name"] not in json.dumps(await page(district, "services?full=true"))


async def test_what_staff_put_right_is_what_is_exported(district: District) -> None:
    await take(district, archived(WHOLE))
    (before,) = (await district.get("/v1/services?q=check-ups")).json()["items"]
    terms = {
        "cost": "by-insurance",
        "zips": ["94607"],
        "hours": [{"day": "FR", "opens_at": "13:00", "closes_at": "15:00"}],
    }
    (place,) = before["locations"]
    place["phones"] = ["+15105550103", "+15105550109"]
    await change(district, before["id"], terms=terms, locations=[place])
    after = await page(district, f"services/{before['id']}")
    weekly = [each for each in after["schedules"] if each.get("freq") == "WEEKLY"]
    assert [(each["byday"], each["opens_at"]) for each in weekly] == [("FR", "13:00")]
    assert [each["extent"] for each in after["service_areas"]] == ["94607"]
    assert [each["option"] for each in after["cost_options"]] == ["by-insurance"]
    there = after["service_at_locations"][0]["location"]
    assert [each["number"] for each in there["phones"]] == ["510.555.0103", "+15105550109"]
    assert there["schedules"][0]["description"] == "The house"


async def test_an_agencys_staff_read_their_own(district: District) -> None:
    one, other = await district.provider("One"), await district.provider("Other")
    district.as_agency(one.agency)
    for path in ("services", "organizations"):
        listed = await page(district, path, "agent")
        assert [each["name"] for each in listed["contents"]] == ["One"]
    assert (await district.get(f"/v1/hsds/services/{other.service}", "agent")).status_code == 404
    assert (
        await district.get(f"/v1/hsds/organizations/{other.agency}", "agent")
    ).status_code == 404
    assert "lead" in PEOPLE
    assert (await district.get("/v1/hsds/services", "lead")).status_code == 403


@pytest.mark.parametrize("address", ["see our page", "javascript:alert(1)", "https://"])
def test_an_address_that_is_none_is_left_out(address: str) -> None:
    assert "website" not in organization(build.agency(website=address))
    kept = organization(build.agency(website="https://smiles.example"))
    assert kept["website"] == "https://smiles.example"


def test_an_incomplete_address_stays_words_and_what_nobody_told_is_left_out() -> None:
    anywhere = Place(lines=("12 Invented Way",), city="Oakland")
    found = full_service(build.service(locations=(anywhere,)), None, None)
    (placed,) = found["service_at_locations"]
    assert placed["location"]["description"] == "12 Invented Way, Oakland"
    assert "addresses" not in placed["location"]
    assert not {"cost_options", "languages", "schedules", "alert"} & found.keys()
    free = full_service(build.service(terms=Terms(cost=Cost.FREE)), None, None)
    assert free["cost_options"][0]["amount"] == 0
    assert service(build.service(retired=True), None, None)["status"] == "inactive"
