"""A directory comes again: what it changed, what staff changed, and what both did."""

from typing import Any

import pytest

from services.partner.model.threeway import Difference, merge
from tests.partner.district import District
from tests.partner.test_imports import CONTACTS, SERVICES, package, send, take


@pytest.mark.parametrize(
    ("ours", "theirs", "stands", "differing"),
    [
        ("Groceries", "Groceries", "Groceries", 0),
        ("Groceries", "Pantry", "Pantry", 0),
        ("Our pantry", "Groceries", "Our pantry", 0),
        ("Our pantry", "Our pantry", "Our pantry", 0),
        ("Our pantry", "Pantry", "Our pantry", 1),
        (None, "Pantry", None, 1),
    ],
)
def test_a_field_is_taken_where_staff_left_it_alone(
    ours: str | None, theirs: str, stands: str | None, differing: int
) -> None:
    merged = merge({"name": ours}, {"name": "Groceries"}, {"name": theirs})
    assert merged.fields == {"name": stands}
    assert merged.sourced == {"name": theirs}
    wanted = Difference(field="name", before="Groceries", source=theirs)
    assert merged.differences == (wanted,) * differing


def test_a_difference_waits_through_imports_and_tells_how_it_began() -> None:
    first = merge({"name": "Ours"}, {"name": "Old"}, {"name": "New"})
    same = merge(first.fields, first.sourced, {"name": "New"}, first.differences)
    assert same.differences == first.differences
    newer = merge(same.fields, same.sourced, {"name": "Newer"}, same.differences)
    assert newer.differences == (Difference(field="name", before="Old", source="Newer"),)
    agreed = merge(newer.fields, newer.sourced, {"name": "Ours"}, newer.differences)
    assert agreed.differences == ()


def test_what_an_earlier_release_took_in_is_staffs_once_they_have_written_it() -> None:
    assert merge({"name": "A"}, {}, {"name": "B"}).fields == {"name": "B"}
    assert merge({"name": "A"}, {}, {"name": "B"}, edited=True).fields == {"name": "A"}


async def found(district: District, kind: str, name: str) -> dict[str, Any]:
    listed = (await district.get(f"/v1/{kind}?q={name}")).json()["items"]
    assert len(listed) == 1
    shown: dict[str, Any] = (await district.get(f"/v1/{kind}/{listed[0]['id']}")).json()
    return shown


async def rewrite(district: District, sought: str, **changes: Any) -> dict[str, Any]:
    known = await found(district, "services", sought)
    body = {"agency": known["agency"], "name": known["name"], "category": "food", **changes}
    path = f"/v1/services/{known['id']}"
    answer = await district.put(path, body, if_match=f'"{known["version"]}"')
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def moved(**changes: str) -> bytes:
    plain = [{**each, "description": ""} for each in SERVICES]
    return package(services=[*plain[:2], {**plain[2], **changes}])


async def differences(district: District, kind: str = "services") -> list[dict[str, Any]]:
    listed = (await district.get(f"/v1/directory-differences/{kind}", "admin")).json()["items"]
    return list(listed)


async def settle(
    district: District, row: dict[str, Any], keep: str, kind: str = "services", **other: Any
) -> Any:
    return await district.http.post(
        f"/v1/directory-differences/{kind}/{row['id']}",
        json={"field": row["differences"][0]["field"], "keep": keep, **other},
        headers={**district.service.as_("admin"), "If-Match": f'"{row["version"]}"'},
    )


async def test_staffs_edits_are_never_overwritten(district: District) -> None:
    await take(district, package())
    await rewrite(district, "groceries", name="Free groceries", minimum_age=3)
    report = await take(district, moved(name="Weekly groceries", description="On Mondays"))
    assert report["differing"] == 1
    stands = await found(district, "services", "groceries")
    assert (stands["name"], stands["minimum_age"]) == ("Free groceries", 3)
    assert (stands["category"], stands["description"]) == ("food", "On Mondays")
    (row,) = await differences(district)
    assert row["differences"] == [
        {
            "field": "name",
            "before": "Groceries",
            "ours": "Free groceries",
            "theirs": "Weekly groceries",
        }
    ]
    again = await take(district, moved(name="Weekly groceries", description="On Mondays"))
    assert (again["differing"], again["services"]["same"]) == (1, 3)


async def test_a_dry_run_tells_what_would_differ(district: District) -> None:
    await take(district, package())
    await rewrite(district, "groceries", name="Free groceries")
    report = await take(district, moved(name="Weekly groceries"), dry_run="true")
    assert report["differing"] == 1
    assert await differences(district) == []


@pytest.mark.parametrize(
    ("keep", "name"), [("ours", "Free groceries"), ("source", "Weekly groceries")]
)
async def test_a_difference_is_settled_for_one_side(
    district: District, keep: str, name: str
) -> None:
    await take(district, package())
    await rewrite(district, "groceries", name="Free groceries")
    await take(district, moved(name="Weekly groceries"))
    (row,) = await differences(district)
    settled = await settle(district, row, keep)
    assert (settled.status_code, settled.json()["left"]) == (200, 0)
    assert (await found(district, "services", "groceries"))["name"] == name
    assert await differences(district) == []
    assert (await settle(district, row, keep)).status_code == 412
    fresh = {**row, "version": row["version"] + 1}
    assert (await settle(district, fresh, keep)).status_code == 404
    assert (await take(district, moved(name="Weekly groceries")))["differing"] == 0
    assert (await found(district, "services", "groceries"))["name"] == name


async def test_a_difference_that_staff_write_away_is_settled(district: District) -> None:
    await take(district, package())
    await rewrite(district, "groceries", name="Free groceries")
    await take(district, moved(name="Weekly groceries"))
    await rewrite(district, "groceries", name="Weekly groceries")
    assert await differences(district) == []


async def test_what_staff_retired_stays_so_and_what_the_source_dropped_comes_back(
    district: District,
) -> None:
    await take(district, package())
    await rewrite(district, "groceries", retired=True)
    await take(district, moved(description="On Mondays"))
    assert (await found(district, "services", "groceries"))["retired"] is True
    await take(district, package(services=SERVICES[1:]))
    assert (await found(district, "services", "check"))["retired"] is True
    await take(district, package())
    assert (await found(district, "services", "check"))["retired"] is False


async def test_a_person_whom_staff_corrected_is_kept_and_the_directorys_is_offered(
    district: District,
) -> None:
    await take(district, package())
    known = await found(district, "agencies", "marisol")
    (person,) = known["contacts"]
    kept = {**person, "email": "right@example.org"}
    body = {"name": "Marisol Clinic", "contacts": [kept]}
    path = f"/v1/agencies/{known['id']}"
    answer = await district.put(path, body, if_match=f'"{known["version"]}"')
    assert answer.status_code == 200, answer.text
    await take(district, package(contacts=[{**CONTACTS[0], "name": "Marked Person II"}]))
    assert (await found(district, "agencies", "marisol"))["contacts"] == [kept]
    (row,) = await differences(district, "agencies")
    (differs,) = row["differences"]
    assert (differs["ours"]["email"], differs["theirs"]["name"]) == (
        "right@example.org",
        "Marked Person II",
    )
    assert "Marked" not in repr(await district.rows("agencies"))
    settled = await settle(district, row, "source", "agencies")
    assert settled.status_code == 200, settled.text
    (now,) = (await found(district, "agencies", "marisol"))["contacts"]
    assert (now["name"], now["email"]) == ("Marked Person II", "marked@example.org")


async def test_a_person_whom_staff_removed_does_not_come_back(district: District) -> None:
    await take(district, package())
    known = await found(district, "agencies", "marisol")
    path = f"/v1/agencies/{known['id']}"
    alone = {"name": "Marisol Clinic"}
    await district.put(path, alone, if_match=f'"{known["version"]}"')
    first = {"id": "o1", "name": "Marisol Clinic", "description": "New"}
    second = {"id": "o2", "name": "Harbor Pantry", "description": ""}
    await take(district, package(organizations=[first, second]))
    stands = await found(district, "agencies", "marisol")
    assert (stands["contacts"], stands["description"]) == ([], "New")


async def test_only_who_enters_the_directory_settles_it(district: District) -> None:
    assert (await district.get("/v1/directory-differences/services", "lead")).status_code == 403
    assert (await send(district, package(), who="rosa")).status_code == 403
