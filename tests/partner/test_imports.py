"""Directories taken in: whole or not at all, twice as well as once, nobody's name in the open."""

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.partner.district import District
from tests.tables import archive, sample

Rows = list[dict[str, str]]

ORGANIZATIONS: Rows = [
    {"id": "o1", "name": "Marisol Clinic"},
    {"id": "o2", "name": "Harbor Pantry"},
]
SERVICES: Rows = [
    {"id": "s1", "organization_id": "o1", "name": "Check-ups", "status": "active"},
    {"id": "s2", "organization_id": "o1", "name": "Glasses", "status": "active"},
    {"id": "s3", "organization_id": "o2", "name": "Groceries", "status": "active"},
]
CONTACTS: Rows = [
    {
        "id": "c1",
        "service_id": "s1",
        "name": "Marked Person",
        "email": "marked@example.org",
    }
]


def package(
    organizations: Rows = ORGANIZATIONS, services: Rows = SERVICES, contacts: Rows = CONTACTS
) -> bytes:
    """Return an HSDS directory as CSV in a zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, rows in (
            ("organizations.csv", organizations),
            ("services.csv", services),
            ("contacts.csv", contacts),
        ):
            made.writestr(name, _csv(rows))
    return content.getvalue()


def _csv(rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


async def send(district: District, content: bytes, who: str = "admin", **query: str) -> Any:
    return await district.http.post(
        "/v1/imports/directory",
        content=content,
        params=query,
        headers={**district.service.as_(who), "Content-Type": "application/zip"},
    )


async def take(district: District, content: bytes, **query: str) -> dict[str, Any]:
    answer = await send(district, content, **query)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(added: int = 0, changed: int = 0, same: int = 0, gone: int = 0) -> dict[str, int]:
    return {"added": added, "changed": changed, "same": same, "gone": gone, "kept": 0}


async def names(district: District, path: str = "services") -> dict[str, bool]:
    listed = (await district.get(f"/v1/{path}")).json()["items"]
    return {each["name"]: each["retired"] for each in listed}


async def test_a_dry_run_tells_and_writes_nothing(district: District) -> None:
    report = await take(district, package(), dry_run="true")
    assert (report["dry_run"], report["format"]) == (True, "hsds-3.0-csv")
    assert (report["agencies"], report["services"]) == (counts(added=2), counts(added=3))
    assert await names(district) == {}
    assert await district.rows("event_log") == []


async def test_a_second_import_changes_nothing(district: District) -> None:
    first = await take(district, package())
    before = await district.rows("event_log")
    again = await take(district, package())
    assert again["source"] == first["source"]
    assert (again["agencies"], again["services"]) == (counts(same=2), counts(same=3))
    assert await district.rows("event_log") == before


async def test_only_what_changed_is_changed(district: District) -> None:
    await take(district, package())
    told = len(await district.rows("event_log"))
    changed = [{**SERVICES[0], "name": "Check-ups for children"}, *SERVICES[1:]]
    report = await take(district, package(services=changed))
    assert report["services"] == counts(changed=1, same=2)
    assert len(await district.rows("event_log")) == told + 1
    assert "Check-ups for children" in await names(district)


async def test_what_has_gone_is_retired_and_taken_up_again(district: District) -> None:
    await take(district, package())
    report = await take(district, package(services=SERVICES[:2]))
    assert report["services"] == counts(same=2, gone=1)
    assert await names(district) == {"Check-ups": False, "Glasses": False, "Groceries": True}
    assert (await take(district, package(services=SERVICES[:2])))["services"] == counts(same=2)
    back = await take(district, package())
    assert back["services"] == counts(changed=1, same=2)
    assert (await names(district))["Groceries"] is False


async def test_nothing_is_retired_for_a_row_that_could_not_be_read(district: District) -> None:
    await take(district, package())
    broken = [*SERVICES[:2], {**SERVICES[2], "name": ""}]
    report = await take(district, package(services=broken))
    assert report["services"] == {**counts(same=2), "kept": 1}
    assert (await names(district))["Groceries"] is False
    assert report["problems"][0]["what"] == "The service has no name."


async def test_an_import_that_breaks_off_leaves_the_earlier_state(district: District) -> None:
    await take(district, package())
    before = await district.rows("event_log"), await names(district)
    # A row in the way of the last event: everything else has been written when it is met.
    log = district.service.chassis.database["event_log"]
    (agency, told), *_ = Counter(row["key"] for row in before[0]).most_common()
    await log.insert_one(
        {"_id": "in-the-way", "topic": "agencies", "key": agency, "sequence": told + 2}
    )
    changed = [{**each, "name": f"Changed {each['name']}"} for each in SERVICES]
    broken = await send(district, package(services=changed))
    assert broken.status_code == 500
    await log.delete_one({"_id": "in-the-way"})
    assert (await district.rows("event_log"), await names(district)) == before
    assert (await take(district, package(services=changed)))["services"] == counts(changed=3)


async def test_people_are_sealed_and_shown_to_staff_alone(district: District) -> None:
    await take(district, package())
    listed = (await district.get("/v1/agencies?q=marisol")).json()["items"]
    assert listed[0]["reachable"] is True
    shown = (await district.get(f"/v1/agencies/{listed[0]['id']}")).json()
    assert shown["contacts"][0]["email"] == "marked@example.org"
    for collection in ("agencies", "services", "event_log"):
        kept = repr(await district.rows(collection))
        assert "Marked" not in kept
        assert "marked@" not in kept


async def test_what_staff_add_to_an_imported_service_stays(district: District) -> None:
    report = await take(district, package())
    assert len(report["uncategorized"]) == 3
    groceries = next(each for each in report["uncategorized"] if each["name"] == "Groceries")
    path = f"/v1/services/{groceries['id']}"
    shown = (await district.get(path)).json()
    body = {
        "agency": shown["agency"],
        "name": "Groceries",
        "category": "food",
        "sites": ["site-01"],
    }
    assert (await district.put(path, body, if_match='"1"')).status_code == 200
    moved = [*SERVICES[:2], {**SERVICES[2], "name": "Weekly groceries"}]
    report = await take(district, package(services=moved))
    assert len(report["uncategorized"]) == 2
    after = (await district.get(path)).json()
    assert (after["name"], after["category"], after["sites"]) == (
        "Weekly groceries",
        "food",
        ["site-01"],
    )


async def test_two_sources_do_not_touch_each_other(district: District) -> None:
    await take(district, package(), source="north")
    report = await take(district, package(), source="south")
    assert report["services"] == counts(added=3)
    assert len((await district.get("/v1/services")).json()["items"]) == 6


async def test_only_an_administrator_takes_directories_in(district: District) -> None:
    assert (await send(district, package(), who="rosa")).status_code == 403


@pytest.mark.parametrize(
    ("content", "slug"), [(b"no archive", "package-refused"), (b"", "package-refused")]
)
async def test_what_is_no_directory_is_refused(
    district: District, content: bytes, slug: str
) -> None:
    refused = await send(district, content)
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (422, slug)


async def test_a_body_as_large_as_an_import_is_taken_nowhere_else(district: District) -> None:
    large = {"name": "N" * (300 * 1024)}
    refused = await district.put("/v1/agencies/0193f6a0-0000-7000-8000-000000000001", large)
    assert refused.status_code == 413


async def test_a_real_countys_directory_is_taken_in(district: District, tmp_path: Path) -> None:
    folder = sample("san-mateo-directory")
    files = {each.name: each.read_bytes() for each in folder.glob("*.csv")}
    content = archive(tmp_path / "county.zip", files).read_bytes()
    report = await take(district, content)
    assert report["format"] == "ohana-csv"
    assert (report["agencies"], report["services"]) == (counts(added=8), counts(added=23))
    assert (len(report["problems"]), len(report["unmapped_terms"])) == (5, 33)
    assert len(report["uncategorized"]) == 22
    again = await take(district, content)
    assert (again["agencies"], again["services"]) == (counts(same=8), counts(same=23))
    people = (await district.get("/v1/agencies?q=peninsula+family")).json()["items"]
    shown = (await district.get(f"/v1/agencies/{people[0]['id']}")).json()
    assert len(shown["contacts"]) == 6


def renumbered(rows: Rows, mark: str = "new") -> Rows:
    """Return rows whose ids, and all that name them, are others."""
    return [
        {
            name: f"{mark}-{value}" if name == "id" or name.endswith("_id") else value
            for name, value in row.items()
        }
        for row in rows
    ]


async def test_a_source_that_renames_its_ids_says_the_same_of_the_same(district: District) -> None:
    await take(district, package(), source="county")
    listed = (await district.get("/v1/services")).json()["items"]
    agencies = (await district.get("/v1/agencies")).json()["items"]
    people = {each["id"]: await contacts_of(district, each["id"]) for each in agencies}
    again = package(*(renumbered(each) for each in (ORGANIZATIONS, SERVICES, CONTACTS)))
    report = await take(district, again, source="county")
    assert (report["agencies"], report["services"]) == (counts(changed=2), counts(changed=3))
    after = (await district.get("/v1/services")).json()["items"]
    assert [(each["id"], each["retired"]) for each in after] == [
        (each["id"], False) for each in listed
    ]
    assert {each: await contacts_of(district, each) for each in people} == people
    assert (await take(district, again, source="county"))["services"] == counts(same=3)
    named = [{**each, "name": f"New {each['name']}"} for each in renumbered(SERVICES)]
    report = await take(
        district,
        package(renumbered(ORGANIZATIONS), named, renumbered(CONTACTS)),
        source="county",
    )
    assert report["services"] == counts(changed=3), "known by their new ids from then on"


async def test_of_two_of_one_name_nobody_guesses_which_is_which(district: District) -> None:
    twins = [{**SERVICES[0], "id": f"t{n}"} for n in range(2)]
    await take(district, package(services=[*twins, *SERVICES[1:]]), source="county")
    moved = [*renumbered(twins), *SERVICES[1:]]
    for row in moved:
        row["organization_id"] = row["organization_id"].removeprefix("new-")
    report = await take(district, package(services=moved), source="county")
    assert report["services"] == counts(added=2, same=2, gone=2)


async def contacts_of(district: District, agency: str) -> list[str]:
    shown = (await district.get(f"/v1/agencies/{agency}")).json()
    return [each["id"] for each in shown["contacts"]]
