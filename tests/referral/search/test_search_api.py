"""Search by name over HTTP, on a real database: what changed, who left, who was erased."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.sealed import Sealed
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.privacy import Vault, read_root_key
from services.chassis.store import Change, Found, Ref
from services.referral.main import build
from services.referral.model.people import Student, StudentRecord
from services.referral.search.keeper import NameSearch
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import Family, slug
from tests.referral.test_care_api import STAFF
from tests.running import Running, running
from tests.servers import Cell


class Roll:
    """A school's children, searched through one replica's API and another replica's index."""

    def __init__(self, service: Running, vault: Vault) -> None:
        self.service, self.vault = service, vault
        self.family = Family(service)
        self.other = NameSearch(service.chassis.store, vault)

    async def enter(self, given: str, family: str, site: str = "site-01") -> str:
        id = new_id()
        body = {**self.family.student_body(), "given_name": given, "family_name": family}
        answer = await self.family.put(f"/v1/students/{id}", {**body, "site": site}, "admin")
        assert answer.status_code == 200, answer.text
        return id

    async def search(self, q: str, who: str = "rosa", **more: Any) -> Any:
        answer = await self.service.http.get(
            "/v1/students/search",
            params={"site": "site-01", "q": q, **more},
            headers=self.service.as_(who),
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def indexed(self, q: str) -> list[str]:
        """Return the names found, once the index of the school is built."""
        async with asyncio.timeout(20):
            while not (found := await self.search(q))["indexed"]:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.02)
        return [each["name"] for each in found["items"]]

    async def elsewhere(self, q: str) -> list[str]:
        """Return the names that another replica finds."""
        found = await self.other.search("site-01", q, 20)
        assert found is not None
        return [f"{each.given_name} {each.family_name}" for each in found]

    async def change(self, id: str, **changes: Any) -> None:
        """Write a student as other commands of the service do."""
        ref = Ref(Student, id)

        def write(found: Found) -> Change[None]:
            known = found.get(ref)
            assert known is not None
            return Change(None, [known.having(**changes)])

        await self.service.chassis.store.update([ref], write)

    async def record(self, id: str, given: str, family: str) -> Sealed:
        return await self.vault.seal(id, StudentRecord(given_name=given, family_name=family))


@pytest.fixture
async def roll(cell: Cell, tmp_path: Path) -> AsyncIterator[Roll]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=FixedClock(NOW)
    ) as service:
        chassis = service.chassis
        vault = Vault(
            chassis.mongo, chassis.settings.database("keys_people"), read_root_key(tmp_path)
        )
        there = Roll(service, vault)
        family = there.family.family_body()
        await there.family.put(f"/v1/families/{there.family.family}", family)
        yield there
        await there.other.close()
        await vault.close()


async def test_a_child_is_found_by_nickname_typo_and_either_order(roll: Roll) -> None:
    await roll.enter("José Luis", "García-López")
    await roll.enter("Ana", "Ramírez")
    for q in ("pepe garcia", "lopez jose", "GARCIA LOPES", "jose luis"):
        assert await roll.indexed(q) == ["José Luis García-López"], q


async def test_while_the_index_is_built_the_roll_is_read_instead(roll: Roll) -> None:
    await roll.enter("Ana", "Ramírez")
    names = NameSearch(roll.service.chassis.store, roll.vault)
    assert await names.search("site-01", "ana", 10) is None
    await names.build_missing()
    assert len(await names.search("site-01", "ana", 10) or []) == 1
    # Whichever way the API went, the child is found.
    assert [each["name"] for each in (await roll.search("ana"))["items"]] == ["Ana Ramírez"]


async def test_a_child_who_was_just_entered_is_found_by_every_replica(roll: Roll) -> None:
    await roll.enter("Ana", "Ramírez")
    await roll.indexed("ana")
    await roll.other.build_missing()
    for n in range(5):
        await roll.enter(f"Sofía {n}", "Núñez")
        assert len(await roll.indexed("sofia")) == n + 1
        assert len(await roll.elsewhere("nuñez")) == n + 1


async def test_a_child_whose_commit_came_late_is_found_all_the_same(roll: Roll) -> None:
    await roll.enter("Ana", "Ramírez")
    await roll.other.build_missing()
    assert await roll.elsewhere("nuñez") == []
    late = await roll.enter("Sofía", "Núñez")
    # Stamped before this replica last looked, and there only now: a transaction lives for a minute.
    stamped = roll.other._schools["site-01"].read_at - timedelta(seconds=60)
    students = roll.service.chassis.store.collection(Student)
    await students.update_one({"_id": late}, {"$set": {"changed_at": stamped}})

    assert await roll.elsewhere("nuñez") == ["Sofía Núñez"]


async def test_of_several_who_search_at_once_each_finds_who_was_just_entered(roll: Roll) -> None:
    await roll.enter("Ana", "Ramírez")
    await roll.other.build_missing()
    for n in range(3):
        await roll.enter(f"Sofía {n}", "Núñez")
        found = await asyncio.gather(*(roll.elsewhere("nuñez") for _ in range(4)))
        assert [len(each) for each in found] == [n + 1] * 4


async def test_a_child_who_has_left_is_found_as_having_left_and_since_when(roll: Roll) -> None:
    id = await roll.enter("Ana", "Ramírez")
    assert await roll.indexed("ana") == ["Ana Ramírez"]
    (before,) = (await roll.search("ana"))["items"]
    assert (before["attends"], before["enrolment"], before["left_on"]) == (True, "enrolled", None)
    left = {"enrolment": "withdrawn", "left_on": "2026-08-31"}
    http, headers = roll.service.http, roll.service.as_("rosa")
    known = await http.get(f"/v1/students/{id}", headers=headers)
    headers = {**headers, "If-Match": known.headers["etag"]}
    answer = await http.put(f"/v1/students/{id}/enrolment", json=left, headers=headers)
    assert answer.status_code == 200, answer.text
    found = await roll.search("ana")
    assert found["indexed"]
    listed = await http.get("/v1/students", params={"q": "ana"}, headers=headers)
    for (shown,) in (found["items"], listed.json()["items"]):
        assert shown["attends"] is False
        assert (shown["enrolment"], shown["left_on"]) == ("withdrawn", "2026-08-31")


async def test_a_child_who_was_renamed_is_found_by_the_new_name_alone(roll: Roll) -> None:
    id = await roll.enter("Ana", "Ramírez")
    assert await roll.indexed("ramirez") == ["Ana Ramírez"]
    await roll.other.build_missing()
    await roll.change(id, record=await roll.record(id, "Ana", "Prado"))
    for found in (roll.indexed, roll.elsewhere):
        assert await found("ramirez") == []
        assert await found("prado") == ["Ana Prado"]


async def test_a_child_who_left_for_another_school_is_found_there(roll: Roll) -> None:
    id = await roll.enter("Ana", "Ramírez")
    assert await roll.indexed("ana") == ["Ana Ramírez"]
    await roll.change(id, site="site-02")
    assert await roll.indexed("ana") == []
    async with asyncio.timeout(20):
        while not (found := await roll.search("ana", "denise", site="site-02"))["indexed"]:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.02)
    assert [each["id"] for each in found["items"]] == [id]


async def test_an_erased_child_never_appears_though_nothing_else_changed(roll: Roll) -> None:
    erased = await roll.enter("Ana", "Ramírez")
    await roll.enter("Ana", "Prado")
    assert await roll.indexed("ana") == ["Ana Prado", "Ana Ramírez"]
    await roll.other.build_missing()
    await roll.vault.destroy_key(erased)
    assert await roll.indexed("ana") == ["Ana Prado"]
    assert await roll.elsewhere("ramirez") == []


async def test_a_name_that_nobody_seeks_leaves_the_memory_too(roll: Roll) -> None:
    erased = await roll.enter("Ana", "Ramírez")
    await roll.other.build_missing()
    assert erased in roll.other._schools["site-01"].index.entries
    await roll.vault.destroy_key(erased)
    await roll.other.tidy()
    assert erased not in roll.other._schools["site-01"].index.entries


async def test_another_school_is_not_searched(roll: Roll) -> None:
    await roll.enter("Ana", "Ramírez")
    answer = await roll.service.http.get(
        "/v1/students/search?site=site-01&q=ana", headers=roll.service.as_("denise")
    )
    assert (answer.status_code, slug(answer)) == (404, "not-found")
    short = await roll.service.http.get(
        "/v1/students/search?site=site-01&q=a", headers=roll.service.as_("rosa")
    )
    assert (short.status_code, slug(short)) == (422, "malformed")


async def test_nothing_of_the_index_is_logged(
    roll: Roll, capsys: pytest.CaptureFixture[str]
) -> None:
    await roll.enter("Señalada", "Inconfundible")
    await roll.indexed("inconfundible")
    told = capsys.readouterr()
    assert "Inconfundible" not in told.out + told.err
    assert "inconfundible" not in told.out + told.err


async def test_names_are_given_for_those_whom_the_caller_may_see(roll: Roll) -> None:
    here = await roll.enter("Ana", "Ramírez")
    there = await roll.enter("Eva", "Prado", "site-02")
    erased = await roll.enter("Luz", "Soto")
    await roll.vault.destroy_key(erased)
    ids = [here, there, erased, roll.family.mother, new_id()]

    async def ask(who: str) -> dict[str, tuple[str, str, str | None]]:
        answer = await roll.service.http.post(
            "/v1/people/names", json={"ids": ids}, headers=roll.service.as_(who)
        )
        assert answer.status_code == 200, answer.text
        return {
            each["id"]: (each["kind"], each["given_name"], each["family_name"])
            for each in answer.json()["people"]
        }

    # One household with children at both schools: each is told the mother's name.
    mother = {roll.family.mother: ("contact", "Elena", None)}
    ana = {here: ("student", "Ana", "Ramírez"), **mother}
    eva = {there: ("student", "Eva", "Prado"), **mother}
    assert await ask("rosa") == ana
    assert await ask("denise") == eva
    assert await ask("admin") == {**ana, **eva}
    many = await roll.service.http.post(
        "/v1/people/names",
        json={"ids": [new_id() for _ in range(201)]},
        headers=roll.service.as_("rosa"),
    )
    assert many.status_code == 422
