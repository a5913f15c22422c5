"""The district's rules over HTTP and in every process, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.referral.handlers.rules import REFRESH_SECONDS, RulesBook
from services.referral.main import build
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, slug
from tests.running import Running, person, running
from tests.servers import Cell

HEADS = {**PEOPLE, "dora": person("dora", "admin"), "ed": person("ed", "admin")}
LONGER = {"seat_held_days": 5, "holidays": []}


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, HEADS, clock=clock
    ) as service:
        yield service


async def put(service: Running, rules: object, version: int, who: str = "dora") -> tuple[int, str]:
    headers = {**service.as_(who), "If-Match": f'"{version}"'}
    answer = await service.http.put("/v1/rules", json=rules, headers=headers)
    return answer.status_code, answer.headers.get("etag") or slug(answer)


async def test_a_district_begins_with_a_stored_first_version(referral: Running) -> None:
    answer = await referral.http.get("/v1/rules", headers=referral.as_("nurse"))
    told = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert (told["version"], told["by"]) == (1, "referral")
    assert told["rules"]["plans"]["crisis"]["look_in_days"] == [1, 7]


async def test_a_change_is_the_next_version_with_who_and_when(referral: Running) -> None:
    assert await put(referral, LONGER, 1) == (200, '"2"')
    assert await put(referral, LONGER, 1) == (200, '"2"'), "a repeat is the same answer"
    listed = await referral.http.get("/v1/rules/versions", headers=referral.as_("rosa"))
    told = [
        (each["version"], each["by"], each["rules"]["seat_held_days"])
        for each in listed.json()["items"]
    ]
    assert told == [(2, "dora", 5), (1, "referral", 3)]
    assert listed.json()["items"][0]["at"].startswith("2026-10-13T17:00:00")


async def test_versions_follow_page_by_page(referral: Running) -> None:
    for number in range(1, 4):
        assert (await put(referral, {"seat_held_days": number + 3}, number))[0] == 200
    rosa = referral.as_("rosa")
    first = await referral.http.get("/v1/rules/versions", params={"limit": "3"}, headers=rosa)
    cursor = first.json()["next"]
    second = await referral.http.get("/v1/rules/versions", params={"cursor": cursor}, headers=rosa)
    numbers = [each["version"] for page in (first, second) for each in page.json()["items"]]
    assert numbers == [4, 3, 2, 1]
    assert second.json()["next"] is None
    bad = await referral.http.get("/v1/rules/versions", params={"cursor": "eA=="}, headers=rosa)
    assert (bad.status_code, slug(bad)) == (422, "cursor-malformed")


async def test_of_two_who_change_one_version_one_is_told_to_read_again(referral: Running) -> None:
    answers = await asyncio.gather(
        put(referral, {"seat_held_days": 4}, 1), put(referral, {"seat_held_days": 6}, 1, "ed")
    )
    assert sorted(answers) == [(200, '"2"'), (412, "stale-version")]
    assert await put(referral, LONGER, 9) == (412, "stale-version")


async def test_what_cannot_be_is_told_by_field_and_changes_nothing(referral: Running) -> None:
    bad = {"overrides": [{"category": "Astrology!"}], "seat_held_day": 3}
    headers = {**referral.as_("dora"), "If-Match": '"1"'}
    answer = await referral.http.put("/v1/rules", json=bad, headers=headers)
    assert (answer.status_code, slug(answer)) == (422, "malformed")
    fields = {each["field"]: each["what"] for each in answer.json()["fields"]}
    assert set(fields) == {"body.overrides.0.category", "body.seat_held_day"}
    assert "write dental, " in fields["body.overrides.0.category"]
    without = await referral.http.put("/v1/rules", json=LONGER, headers=referral.as_("dora"))
    assert (without.status_code, slug(without)) == (422, "if-match-missing")


async def test_only_the_districts_administrator_changes_them(referral: Running) -> None:
    for who in ("rosa", "nurse", "lead"):
        assert (await put(referral, LONGER, 1, who))[0] == 403, who


async def test_a_change_is_in_force_in_every_process_within_a_minute(referral: Running) -> None:
    assert REFRESH_SECONDS <= 30
    chassis = referral.chassis
    other = RulesBook(chassis.store, chassis.clock, Rules(), every=0.02)
    await other.start()
    try:
        assert other.rules().seat_held_days == 3
        await put(referral, LONGER, 1)
        for _ in range(200):
            if other.rules().seat_held_days == 5:
                break
            await asyncio.sleep(0.02)
        assert other.current.number == 2
    finally:
        await other.stop()


async def test_two_processes_that_start_at_once_lay_down_one_first_version(
    referral: Running,
) -> None:
    chassis = referral.chassis
    await chassis.database["rules"].delete_many({})
    books = [RulesBook(chassis.store, chassis.clock, Rules()) for _ in range(6)]
    await asyncio.gather(*(book.start() for book in books))
    await asyncio.gather(*(book.stop() for book in books))
    assert {book.current.number for book in books} == {1}
    assert await chassis.database["rules"].count_documents({}) == 1


async def test_rules_that_a_later_release_wrote_leave_the_known_ones_in_force(
    referral: Running,
) -> None:
    chassis = referral.chassis
    book = RulesBook(chassis.store, chassis.clock, Rules(), every=0.02)
    await book.start()
    rows = chassis.database["rules"]
    newest = await rows.find_one({"_id": "00000001"})
    assert newest is not None
    later = {**newest, "_id": "00000002", "number": 2, "rules": {"of_a_later_release": 1}}
    await rows.insert_one(later)
    await asyncio.sleep(0.1)
    assert book.current.number == 1
    await rows.delete_one({"_id": "00000002"})
    assert await put(referral, LONGER, 1) == (200, '"2"')
    for _ in range(200):
        if book.current.number == 2:
            break
        await asyncio.sleep(0.02)
    await book.stop()
    assert book.rules().seat_held_days == 5, "it has gone on reading"
