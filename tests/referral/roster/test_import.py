"""Rosters taken in over HTTP: whole or not at all, twice as well as once, nobody told unasked."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.running import Running, person, running
from tests.servers import Cell
from tests.tables import sample

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "nurse": person("nurse", "care-team:site-01"),
    "ingrid": person("ingrid", "admin"),
}

ORGS = "sourcedId,name,type\nO1,Lincoln Elementary,school\n"
USERS = """sourcedId,givenName,familyName,phone,preferredLanguage
S1,Ana,Campoverde,,
S2,Luis,Campoverde,,
S3,Noor,Larkhill,,
G1,Elena,Campoverde,(510) 555-0123,es
G2,Omar,Larkhill,510-555-0124,
"""
ROLES = """userSourcedId,orgSourcedId,role,grade
S1,O1,student,3
S2,O1,student,5
S3,O1,student,1
"""
TIES = """userSourcedId,relationshipUserSourcedId,relationshipRole
S1,G1,mother
S2,G1,mother
S3,G2,father
"""
BIRTHS = "userSourcedId,birthDate\nS1,2018-05-02\nS2,2016-01-09\nS3,2020-02-20\n"


def roster(users: str = USERS, roles: str = ROLES, ties: str = TIES) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(zipfile.ZipInfo("orgs.csv"), ORGS)
        made.writestr(zipfile.ZipInfo("users.csv"), users)
        made.writestr(zipfile.ZipInfo("roles.csv"), roles)
        made.writestr(zipfile.ZipInfo("relationships.csv"), ties)
        made.writestr(zipfile.ZipInfo("demographics.csv"), BIRTHS)
    return content.getvalue()


class School:
    """Referral, as the staff of a school use it."""

    def __init__(self, service: Running) -> None:
        self.service = service

    async def send(
        self, content: bytes, query: dict[str, str | list[str]] | None = None, who: str = "rosa"
    ) -> httpx2.Response:
        return await self.service.http.post(
            "/v1/imports/roster",
            content=content,
            params={"site": "site-01", **(query or {})},
            headers={**self.service.as_(who), "Content-Type": "application/zip"},
        )

    async def take(self, content: bytes, **query: str | list[str]) -> dict[str, Any]:
        answer = await self.send(content, query)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def get(self, path: str, who: str = "rosa") -> Any:
        answer = await self.service.http.get(path, headers=self.service.as_(who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def students(self, q: str = "") -> dict[str, dict[str, Any]]:
        found = await self.get(f"/v1/students?q={q}")
        return {each["name"]: each for each in found["items"]}

    async def events(self) -> int:
        own = {"topic": {"$ne": "rules"}}  # the district's rules are told at every start
        return await self.service.chassis.database["event_log"].count_documents(own)


@pytest.fixture
async def school(cell: Cell, tmp_path: Path) -> AsyncIterator[School]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield School(service)


def counts(created: int = 0, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"created": created, "changed": changed, "unchanged": unchanged}


async def test_a_roster_brings_children_households_and_the_people_around_them(
    school: School,
) -> None:
    report = await school.take(roster())

    assert report["students"] == counts(created=3)
    assert report["families"] == counts(created=2)
    assert report["contacts"] == counts(created=2)
    found = await school.students()
    assert set(found) == {"Ana Campoverde", "Luis Campoverde", "Noor Larkhill"}
    siblings = {found["Ana Campoverde"]["family"], found["Luis Campoverde"]["family"]}
    assert len(siblings | {found["Noor Larkhill"]["family"]}) == 2
    child = await school.get(f"/v1/students/{found['Ana Campoverde']['id']}")
    assert (child["birth_date"], child["grade"], child["sis_id"]) == ("2018-05-02", "3", "S1")


async def test_the_same_roster_again_changes_nothing(school: School) -> None:
    await school.take(roster())
    before = await school.events()

    report = await school.take(roster())

    assert report["students"] == counts(unchanged=3)
    assert report["families"] == counts(unchanged=2)
    assert report["contacts"] == counts(unchanged=2)
    assert await school.events() == before


async def test_only_what_changed_is_written(school: School) -> None:
    await school.take(roster())
    before = await school.events()

    report = await school.take(roster(users=USERS.replace("Noor,Larkhill", "Noor,Hartsong")))

    assert report["students"] == counts(changed=1, unchanged=2)
    assert report["contacts"] == counts(unchanged=2)
    assert await school.events() == before + 1
    assert "Noor Hartsong" in await school.students()


async def test_a_dry_run_counts_and_writes_nothing(school: School) -> None:
    report = await school.take(roster(), dry_run="true")

    assert report["dry_run"] is True
    assert report["students"] == counts(created=3)
    assert await school.students() == {}
    assert await school.events() == 0


async def test_nobody_may_be_told_because_a_roster_names_them(school: School) -> None:
    await school.take(roster())

    found = await school.students("ana")
    family = await school.get(f"/v1/families/{found['Ana Campoverde']['family']}")

    assert [each["may_be_told"] for each in family["contacts"]] == [False]
    assert family["contacts"][0]["phone"] == "+15105550123"
    assert family["contacts"][0]["reads"] == "es"


async def test_the_school_can_say_whose_relation_may_be_told(school: School) -> None:
    await school.take(roster(), tell=["mother"])

    found = await school.students()
    told = {
        name: (await school.get(f"/v1/families/{each['family']}"))["contacts"][0]["may_be_told"]
        for name, each in found.items()
    }

    assert told == {"Ana Campoverde": True, "Luis Campoverde": True, "Noor Larkhill": False}


async def test_what_staff_decided_of_a_contact_outlives_the_next_roster(school: School) -> None:
    await school.take(roster())
    found = await school.students("noor")
    family = await school.get(f"/v1/families/{found['Noor Larkhill']['family']}")
    (contact,) = family["contacts"]
    changed = await school.service.http.put(
        f"/v1/families/{family['id']}/contacts/{contact['id']}",
        json={**contact, "may_be_told": True, "reads": "vi"},
        headers={**school.service.as_("rosa"), "If-Match": f'"{family["version"]}"'},
    )
    assert changed.status_code == 200, changed.text

    report = await school.take(roster(users=USERS.replace("555-0124", "555-0125")))

    assert report["contacts"] == counts(changed=1, unchanged=1)
    (after,) = (await school.get(f"/v1/families/{family['id']}"))["contacts"]
    assert (after["may_be_told"], after["reads"], after["phone"]) == (True, "vi", "+15105550125")


async def test_what_staff_corrected_outlives_a_roster_that_says_the_same_as_before(
    school: School,
) -> None:
    await school.take(roster())
    found = await school.students("noor")
    noor = found["Noor Larkhill"]
    family = await school.get(f"/v1/families/{noor['family']}")
    (contact,) = family["contacts"]
    corrected = {**contact, "phone": "+15105550199", "given_name": "Samira"}
    put = await school.service.http.put(
        f"/v1/families/{family['id']}/contacts/{contact['id']}",
        json=corrected,
        headers={**school.service.as_("rosa"), "If-Match": f'"{family["version"]}"'},
    )
    assert put.status_code == 200, put.text
    child = await school.get(f"/v1/students/{noor['id']}")
    details = {"given_name": "Noor", "family_name": "Larkhill-Reyes", "birth_date": "2017-01-31"}
    put = await school.service.http.put(
        f"/v1/students/{noor['id']}/details",
        json=details,
        headers={**school.service.as_("rosa"), "If-Match": f'"{child["version"]}"'},
    )
    assert put.status_code == 200, put.text
    row = next(line for line in USERS.splitlines() if "555-0124" in line)
    more = USERS.replace(row, row.replace("555-0124", ""))

    await school.take(roster(users=more.replace("Noor,Larkhill", "Nour,Larkhill")))

    (after,) = (await school.get(f"/v1/families/{family['id']}"))["contacts"]
    assert (after["phone"], after["given_name"]) == ("+15105550199", "Samira"), "silence is no news"
    now = await school.get(f"/v1/students/{noor['id']}")
    told = (now["given_name"], now["family_name"], now["birth_date"])
    assert told == ("Nour", "Larkhill-Reyes", "2017-01-31"), "what it says otherwise alone"

    await school.take(roster(users=USERS.replace("555-0124", "555-0126")))
    (last,) = (await school.get(f"/v1/families/{family['id']}"))["contacts"]
    assert (last["phone"], last["given_name"]) == ("+15105550126", "Samira")


async def test_what_a_roster_is_silent_of_stays(school: School) -> None:
    await school.take(roster())
    found = await school.students("ana")
    path = f"/v1/students/{found['Ana Campoverde']['id']}"
    ana = await school.get(path)
    entered = {
        "given_name": "Ana",
        "family_name": "Campoverde",
        "birth_date": ana["birth_date"],
        "grade": "3",
        "programmes": ["iep"],
        "insurance": "medicaid",
    }
    put = await school.service.http.put(
        f"{path}/details",
        json=entered,
        headers={**school.service.as_("rosa"), "If-Match": f'"{ana["version"]}"'},
    )
    assert put.status_code == 200, put.text

    await school.take(roster(users=USERS.replace("Ana,", "Anita,")))

    after = await school.get(path)
    assert (after["given_name"], after["programmes"], after["insurance"], after["birth_date"]) == (
        "Anita",
        ["iep"],
        "medicaid",
        "2018-05-02",
    )


async def test_a_child_who_is_gone_from_the_roster_is_reported_and_stays(school: School) -> None:
    await school.take(roster())
    found = await school.students("luis")
    without = {"users": "S2,Luis,Campoverde,,\n", "roles": "S2,O1,student,5\n"}

    report = await school.take(
        roster(
            users=USERS.replace(without["users"], ""),
            roles=ROLES.replace(without["roles"], ""),
            ties=TIES.replace("S2,G1,mother\n", ""),
        )
    )

    assert report["withdrawn"] == [found["Luis Campoverde"]["id"]]
    assert "Luis Campoverde" in await school.students()


async def test_a_household_keeps_its_id_when_a_child_joins_it(school: School) -> None:
    only_luis = roster(
        users=USERS.replace("S1,Ana,Campoverde,,\n", ""),
        roles=ROLES.replace("S1,O1,student,3\n", ""),
        ties=TIES.replace("S1,G1,mother\n", ""),
    )
    await school.take(only_luis)
    before = (await school.students("luis"))["Luis Campoverde"]["family"]

    await school.take(roster())

    found = await school.students()
    assert found["Luis Campoverde"]["family"] == before
    assert found["Ana Campoverde"]["family"] == before


async def test_a_child_entered_by_hand_is_found_by_the_schools_own_id(school: School) -> None:
    family, student = "01a20000-0000-7000-8000-000000000001", "01a20000-0000-7000-8000-000000000002"
    for path, body in (
        (f"/v1/families/{family}", {"site": "site-01", "contacts": []}),
        (
            f"/v1/students/{student}",
            {
                "site": "site-01",
                "family": family,
                "given_name": "Ana",
                "family_name": "Campo",
                "home_zip": "94990",
                "sis_id": "S1",
            },
        ),
    ):
        put = await school.service.http.put(path, json=body, headers=school.service.as_("rosa"))
        assert put.status_code == 200, put.text

    report = await school.take(roster())

    assert report["students"] == counts(created=2, changed=1)
    child = await school.get(f"/v1/students/{student}")
    assert (child["family_name"], child["home_zip"], child["family"]) == (
        "Campoverde",
        "94990",
        family,
    )


async def test_a_roster_that_is_none_is_refused_whole(school: School) -> None:
    answer = await school.send(b"not a zip archive")

    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/package-refused")
    assert await school.events() == 0


async def test_another_schools_coordinator_and_the_care_team_cannot_send_one(
    school: School,
) -> None:
    assert (await school.send(roster(), who="denise")).status_code == 404
    assert (await school.send(roster(), who="nurse")).status_code == 403
    assert await school.events() == 0


async def test_children_are_found_by_any_words_of_their_name_without_accents(
    school: School,
) -> None:
    await school.take(roster(users=USERS.replace("Luis,Campoverde", "Ñico,Peñascal-Luz")))

    assert set(await school.students("nico")) == {"Ñico Peñascal-Luz"}
    assert set(await school.students("luz%20penas")) == {"Ñico Peñascal-Luz"}
    assert set(await school.students("verde")) == set()
    assert (await school.get("/v1/students", who="denise"))["items"] == []


async def test_the_published_sample_roster_is_taken_in(school: School) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for file in sample("sds-roster").glob("*.csv"):
            made.write(file, file.name)

    report = await school.take(content.getvalue())

    assert report["students"]["created"] == 4
    assert report["ended"] == 4
    assert {each["field"] for each in report["dropped"]} >= {"birthCity", "password", "sex"}


async def test_a_roster_brings_nobody_back_who_was_erased(school: School) -> None:
    await school.take(roster())
    erased = (await school.students())["Noor Larkhill"]
    order = await school.service.http.put(
        f"/v1/erasures/{new_id()}",
        json={"family": erased["family"], "reason": "family-asked"},
        headers=school.service.as_("ingrid"),
    )
    assert order.status_code == 200, order.text

    again = await school.take(roster())

    assert again["students"] == counts(unchanged=3)
    assert sorted(await school.students()) == ["Ana Campoverde", "Luis Campoverde"]
    family = await school.service.chassis.database["families"].find_one({"_id": erased["family"]})
    assert family is not None
    assert {each["roster"] for each in family["contacts"]} == {None}
