"""What could not be read of a directory: in both languages, counted by kind, page by page."""

from typing import Any

from services.chassis.ids import new_id
from services.partner.imports import kept
from tests.partner.district import District
from tests.partner.test_imports import SERVICES, package, take

BAD = 2_600


def bad_directory() -> bytes:
    rows = [
        {**SERVICES[0], "id": f"s{n}", "minimum_age": "soon", "maximum_age": ""} for n in range(BAD)
    ]
    return package(services=[*rows, {**rows[0], "id": "s-last", "minimum_age": "", "name": ""}])


async def read(district: District, path: str, who: str = "admin") -> dict[str, Any]:
    answer = await district.get(f"/v1/imports/directory{path}", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_thousands_of_problems_are_counted_by_kind_and_read_in_pages(
    district: District,
) -> None:
    report = await take(district, bad_directory(), dry_run="true")
    assert report["problem_count"] == BAD + 1
    assert len(report["problems"]) < 200
    most, one = report["problem_kinds"]
    assert (most["count"], most["what"]) == (BAD, "This is not a number.")
    assert (one["count"], one["severity"]) == (1, "row-refused")
    assert (report["uncategorized_count"], len(report["uncategorized"])) == (BAD, 500)
    listed = await read(district, "")
    assert [(each["id"], each["problem_count"]) for each in listed["items"]] == [
        (report["run"], BAD + 1)
    ]
    path = f"/{report['run']}/problems"
    seen: list[int] = []
    cursor = ""
    while True:
        page = await read(district, f"{path}?kind={most['code']}&limit=200{cursor}")
        seen += [each["line"] for each in page["items"]]
        assert all(each["what_es"] == "Esto no es un número." for each in page["items"])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == list(range(2, BAD + 2))
    (last,) = (await read(district, f"{path}?kind={one['code']}"))["items"]
    assert last["what_to_do_es"] == "Póngale el nombre con que se conoce."
    assert (await read(district, f"/{report['run']}"))["report"] == report


async def test_imports_are_an_administrators_and_what_is_not_kept_is_not_found(
    district: District,
) -> None:
    for path in ("", f"/{new_id()}", f"/{new_id()}/problems"):
        known = await district.get(f"/v1/imports/directory{path}", "rosa")
        assert known.status_code == 403
    assert (await district.get(f"/v1/imports/directory/{new_id()}", "admin")).status_code == 404
    report = await take(district, package())
    bad = await district.get(f"/v1/imports/directory/{report['run']}/problems?cursor=eA==", "admin")
    assert bad.json()["type"].endswith("cursor-malformed")


async def test_what_is_kept_of_an_import_goes_after_two_weeks(district: District) -> None:
    await take(district, bad_directory())
    for rows in ("directory_imports", "directory_problems"):
        indexes = await district.service.chassis.database[rows].index_information()
        assert indexes["expires_at_1"]["expireAfterSeconds"] == 0
        assert all("expires_at" in each for each in await district.rows(rows))
    assert kept.KEPT.days == 14


async def test_nobodys_name_is_in_what_is_kept(district: District) -> None:
    people = [{"id": "c1", "service_id": "s9", "name": "Marked Person", "email": "marked@ x"}]
    report = await take(district, package(contacts=people))
    assert report["problem_count"] > 0
    for rows in ("directory_imports", "directory_problems"):
        told = repr(await district.rows(rows))
        assert "Marked" not in told
        assert "marked" not in told
