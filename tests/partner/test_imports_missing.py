"""What could not be read, or did not come along, retires nothing and drops nobody."""

import io
import json
import zipfile
from typing import Any

import pytest

from tests.partner.district import District
from tests.partner.test_imports import (
    CONTACTS,
    ORGANIZATIONS,
    SERVICES,
    _csv,
    counts,
    names,
    package,
    take,
)

ORGANIZATION = {"id": "o1", "name": "Marisol Clinic"}
LISTED: list[dict[str, Any]] = [
    {"id": "s1", "name": "Check-ups", "status": "active", "organization": ORGANIZATION},
    {"id": "s2", "name": "Glasses", "status": "active", "organization": ORGANIZATION},
]


def zipped(**files: object) -> bytes:
    """Return files by their name without its end, which is as a double underscore says."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, held in files.items():
            stem, _, end = name.rpartition("__")
            text = held if isinstance(held, str) else json.dumps(held)
            made.writestr(f"{stem}.{end}", text)
    return content.getvalue()


async def person(district: District) -> dict[str, Any] | None:
    """Return who is at the clinic; None where nobody is."""
    (listed,) = (await district.get("/v1/agencies?q=marisol")).json()["items"]
    shown = (await district.get(f"/v1/agencies/{listed['id']}")).json()
    return next(iter(shown["contacts"]), None)


@pytest.mark.parametrize("name", ["export_2026__json", "services__json", "a__json"])
async def test_a_service_that_cannot_be_read_is_kept_by_whatever_name_its_file_comes(
    district: District, name: str
) -> None:
    first = await take(district, zipped(**{name: LISTED}))
    assert first["services"] == counts(added=2)
    broken = [LISTED[0], {**LISTED[1], "name": ""}]
    report = await take(district, zipped(**{name: broken}), source=first["source"])
    assert report["services"] == {**counts(same=1), "kept": 1}
    assert await names(district) == {"Check-ups": False, "Glasses": False}


@pytest.mark.parametrize(
    "lost",
    [
        {"services__json": "[{"},
        {"services__json": [{**LISTED[0]}, "no record"]},
        {"services__json": [{"name": "Glasses"}]},
        {"services__json": {"total_pages": "2", "page_number": "1", "contents": LISTED[:1]}},
        {"services__json": {"results": LISTED}},
        {"services__json": [{"id": "s1", "name": "Check-ups", "organization": "o1"}]},
    ],
    ids=["cut-off", "no-record", "no-id", "a-page", "another-list", "no-organization"],
)
async def test_what_was_lost_of_a_file_retires_nothing(
    district: District, lost: dict[str, object]
) -> None:
    whole = zipped(organizations__json=[ORGANIZATION], services__json=LISTED)
    first = await take(district, whole)
    part = zipped(organizations__json=[ORGANIZATION], **lost)
    report = await take(district, part, source=first["source"])
    assert report["services"]["gone"] == 0
    assert not any((await names(district)).values())


async def test_a_directory_that_holds_no_services_at_all_retires_none(district: District) -> None:
    first = await take(district, package())
    alone = zipped(organizations__csv=_csv(ORGANIZATIONS), services__csv="id,name\n")
    report = await take(district, alone, source=first["source"])
    assert report["services"] == {**counts(), "kept": 3}


async def test_a_part_under_a_name_that_is_not_read_retires_nothing(district: District) -> None:
    first = await take(district, package())
    parts = zipped(
        organizations__csv=_csv(ORGANIZATIONS),
        services__csv=_csv(SERVICES[:2]),
        services_2__csv=_csv(SERVICES[2:]),
        contacts__csv=_csv(CONTACTS),
    )
    report = await take(district, parts, source=first["source"])
    assert report["services"] == {**counts(same=2), "kept": 1}


async def test_nobody_is_dropped_because_the_file_of_people_is_missing(district: District) -> None:
    first = await take(district, package())
    before = await person(district)
    assert before is not None
    alone = zipped(organizations__csv=_csv(ORGANIZATIONS), services__csv=_csv(SERVICES))
    for _ in range(2):
        report = await take(district, alone, source=first["source"])
        assert report["people_kept"] == 1
        assert await person(district) == before
    assert (await take(district, package(), source=first["source"]))["people_kept"] == 0
    assert await person(district) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"service_id": "s9"},
        {"id": ""},
        {"name": "", "email": ""},
        {"email": "marked at example"},
    ],
    ids=["belongs-to-nothing", "no-id", "empty", "address-cannot-be-read"],
)
async def test_nobody_is_dropped_for_a_row_that_could_not_be_read(
    district: District, changed: dict[str, str]
) -> None:
    first = await take(district, package())
    before = await person(district)
    report = await take(
        district, package(contacts=[{**CONTACTS[0], **changed}]), source=first["source"]
    )
    assert report["problems"] != []
    assert await person(district) == before


async def test_nobody_loses_a_telephone_that_did_not_come_along(district: District) -> None:
    named = [{"id": "c1", "service_id": "s1", "name": "Marked Person"}]
    phones = [{"id": "p1", "contact_id": "c1", "number": "(510) 555-0142", "type": "cell"}]
    files = {
        "organizations__csv": _csv(ORGANIZATIONS),
        "services__csv": _csv(SERVICES),
        "contacts__csv": _csv(named),
    }
    first = await take(district, zipped(**files, phones__csv=_csv(phones)))
    before = await person(district)
    assert before is not None
    assert before["phone"] == "+15105550142"
    await take(district, zipped(**files), source=first["source"])
    assert await person(district) == before


async def test_who_has_left_a_directory_that_was_read_whole_leaves(district: District) -> None:
    first = await take(district, package())
    other = {**CONTACTS[0], "id": "c2", "name": "Next Person", "email": "next@example.org"}
    report = await take(district, package(contacts=[other]), source=first["source"])
    assert report["people_kept"] == 0
    now = await person(district)
    assert now is not None
    assert now["name"] == "Next Person"


async def test_markup_is_left_out_of_words_and_listed(district: District) -> None:
    marked = "<p>Eye <b>tests</b> &amp; glasses</p><script>alert(1)</script><p>Free</p>"
    services = [{**each, "description": ""} for each in SERVICES]
    services[0]["description"] = marked
    report = await take(district, package(services=services))
    found = (await district.get("/v1/services?q=check-ups")).json()["items"]
    assert found[0]["description"] == "Eye tests & glasses Free"
    (problem,) = report["problems"]
    assert (problem["field"], problem["severity"]) == ("description", "value-ignored")
    exported = (await district.get(f"/v1/hsds/services/{found[0]['id']}")).json()
    assert "<" not in exported["description"]


async def test_terms_that_lead_back_to_themselves_are_listed_and_no_tree_has_a_circle(
    district: District,
) -> None:
    terms = [
        {"id": "t1", "name": "Food", "parent_id": "t2", "taxonomy": "Ours"},
        {"id": "t2", "name": "Groceries", "parent_id": "t1", "taxonomy": "Ours"},
        {"id": "t3", "name": "Bread", "parent_id": "nowhere", "taxonomy": "Ours"},
        {"id": "t4", "name": "Rye", "parent_id": "t4", "taxonomy": "Ours"},
        {"id": "t5", "name": "Rolls", "parent_id": "t3", "taxonomy": "Ours"},
    ]
    joins = [
        {"id": f"a{n}", "link_id": "s1", "taxonomy_term_id": f"t{n}", "link_entity": "service"}
        for n in range(1, 6)
    ]
    report = await take(
        district,
        zipped(
            organizations__csv=_csv(ORGANIZATIONS),
            services__csv=_csv(SERVICES),
            taxonomy_terms__csv=_csv(terms),
            attributes__csv=_csv(joins),
        ),
    )
    listed = [each["line"] for each in report["problems"] if each["field"] == "parent_id"]
    assert len(listed) == 3
    answer = await district.get("/v1/hsds/taxonomy_terms?per_page=100")
    shown = {each["name"]: each for each in answer.json()["contents"]}
    by_id = {each["id"]: each for each in shown.values()}
    assert shown["Rolls"]["parent_id"] == shown["Bread"]["id"]
    for each in shown.values():
        seen = {each["id"]}
        while (above := each.get("parent_id")) is not None:
            assert above in by_id
            assert above not in seen
            seen.add(above)
            each = by_id[above]  # noqa: PLW2901 - the walk to the top


async def test_organizations_that_lead_back_to_themselves_are_listed_and_stand_without_a_parent(
    district: District,
) -> None:
    parents = {"o1": "o2", "o2": "o1", "o3": "o3", "o4": "nowhere", "o5": "o1", "o6": ""}
    rows = [
        {"id": id, "name": id, "parent_organization_id": parent} for id, parent in parents.items()
    ]
    rows.append({"id": "o7", "name": "o7", "parent_organization_id": "o8"})
    rows.append({"id": "o8", "name": "", "parent_organization_id": ""})
    report = await take(
        district,
        zipped(organizations__csv=_csv(rows), services__csv=_csv(SERVICES[:1])),
    )
    listed = [
        each["line"] for each in report["problems"] if each["field"] == "parent_organization_id"
    ]
    assert listed == [2, 4, 5, 8]
    found = (await district.get("/v1/hsds/organizations")).json()["contents"]
    above = {each["name"]: each.get("parent_organization_id") for each in found}
    ids = {each["name"]: each["id"] for each in found}
    assert above == {
        **dict.fromkeys(["o1", "o3", "o4", "o6", "o7"]),
        "o2": ids["o1"],
        "o5": ids["o1"],
    }
