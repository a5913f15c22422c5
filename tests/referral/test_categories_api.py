"""A district's own kinds of need over the API alone, on a real database."""

import json
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
from tests.referral.test_api import OFFER, PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

HEADS = {**PEOPLE, "dora": person("dora", "admin")}
SWIMMING = {"code": "swimming", "names": {"en": "swimming lessons", "es": "clases de natación"}}
QUIET = {"code": "quiet-room", "names": {"en": "quiet room", "es": "sala tranquila"}}


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral",
        build,
        ReferralSettings,
        cell,
        tmp_path,
        HEADS,
        clock=FixedClock(NOW),
    ) as service:
        yield service


async def lay_down(service: Running, version: int, *categories: dict[str, Any]) -> httpx2.Response:
    headers = {**service.as_("dora"), "If-Match": f'"{version}"'}
    return await service.http.put(
        "/v1/rules", json={"categories": list(categories)}, headers=headers
    )


async def told(service: Running) -> list[dict[str, Any]]:
    """Return what was told of the kinds of need, oldest first."""
    rows = service.chassis.database["event_log"].find({"topic": "rules"}).sort("sequence", 1)
    return [row async for row in rows]


async def test_a_need_of_the_districts_own_is_added_used_renamed_and_retired(
    referral: Running,
) -> None:
    family = await Family(referral).entered()
    early = await family.referral(new_id(), category="swimming")
    assert (early.status_code, slug(early)) == (422, "category-unknown")
    assert (await lay_down(referral, 1, SWIMMING)).status_code == 200
    id = new_id()
    written = await family.referral(id, category="swimming")
    assert (written.status_code, written.json()["category"]) == (200, "swimming")
    renamed = {**SWIMMING, "names": {"en": "swim team", "es": "equipo de natación"}}
    assert (await lay_down(referral, 2, renamed)).status_code == 200
    assert (await lay_down(referral, 3, {**renamed, "retired": True})).status_code == 200

    late = await family.referral(new_id(), category="swimming", despite_duplicate="Another child")
    again = await family.referral(id, category="swimming")
    going_on = await referral.http.post(
        f"/v1/referrals/{id}/offer",
        json=OFFER,
        headers={**referral.as_("rosa"), "If-Match": written.headers["etag"]},
    )
    assert (late.status_code, slug(late)) == (409, "category-retired")
    assert again.status_code == 200, "a repeat is the same answer"
    assert going_on.status_code == 200, "what is open goes on"
    listed = await referral.http.get("/v1/categories", headers=referral.as_("nurse"))
    own = [each for each in listed.json() if not each["shipped"]]
    assert [(each["code"], each["names"]["es"], each["retired"]) for each in own] == [
        ("swimming", "equipo de natación", True)
    ]


async def test_each_change_is_told_as_the_full_state_once_and_in_order(referral: Running) -> None:
    await lay_down(referral, 1, SWIMMING)
    await lay_down(referral, 1, SWIMMING)
    headers = {**referral.as_("dora"), "If-Match": '"2"'}
    await referral.http.put(
        "/v1/rules", json={"categories": [SWIMMING], "morning_hour": 10}, headers=headers
    )
    rows = await told_of(referral, "categories")
    assert len(rows) == 2, "no change, no event"
    assert [row["sequence"] for row in rows] == [1, 2]
    lines = await referral.chassis.database["audit_log"].count_documents(
        {"action": "rules-changed"}
    )
    assert lines == 2, "each change is in the audit log, and none twice"


async def told_of(service: Running, part: str) -> list[dict[str, Any]]:
    return [row for row in await told(service) if row["key"] == part]


async def test_a_need_is_never_taken_away_and_a_restricted_one_stays_so(referral: Running) -> None:
    await lay_down(referral, 1, {**SWIMMING, "restricted": True})
    gone = await lay_down(referral, 2)
    assert (gone.status_code, slug(gone)) == (409, "category-gone")
    assert "retired: true" in gone.json()["detail_es"]
    opened = await lay_down(referral, 2, SWIMMING)
    assert (opened.status_code, slug(opened)) == (409, "category-restricted")
    assert len(await told_of(referral, "categories")) == 2, "at the start, and when it was added"


async def test_a_districts_own_restricted_need_is_named_on_no_topic_and_asked_of_one_alone(
    referral: Running,
) -> None:
    await lay_down(referral, 1, {**QUIET, "restricted": True})
    family = await Family(referral).entered()
    id = new_id()
    written = await family.referral(id, category="quiet-room")
    several = await referral.http.post(
        f"/v1/referrals/{id}/offer",
        json=OFFER,
        headers={**referral.as_("rosa"), "If-Match": written.headers["etag"]},
    )
    assert several.status_code == 409
    seen = await referral.http.get(f"/v1/referrals/{id}", headers=referral.as_("nurse"))
    assert seen.status_code == 404, "a colleague who is not named does not see it"
    rows = referral.chassis.database["event_log"].find({"topic": "referrals"})
    assert "quiet-room" not in str([row async for row in rows])


async def test_many_children_are_not_written_down_under_a_need_that_is_none(
    referral: Running,
) -> None:
    body = {
        "category": "swimming",
        "need": "Learns to swim",
        "candidate": {"service": new_id(), "agency": new_id()},
        "rows": [{"referral": new_id(), "student": new_id()}],
    }
    answer = await referral.http.post("/v1/bulk-referrals", json=body, headers=referral.as_("rosa"))
    assert (answer.status_code, slug(answer)) == (422, "category-unknown")


async def test_a_consent_is_for_needs_that_the_district_has(referral: Running) -> None:
    await lay_down(referral, 1, {**SWIMMING, "records": "health"})
    family = await Family(referral).entered()
    body = {**family.consent_body(), "categories": ["swimming"]}
    taken = await family.put(f"/v1/consents/{new_id()}", body)
    unknown = await family.put(f"/v1/consents/{new_id()}", {**body, "categories": ["chess"]})
    assert taken.status_code == 200
    assert (unknown.status_code, slug(unknown)) == (422, "category-unknown")


async def test_a_need_that_sounds_like_child_protection_warns_and_is_written_down(
    referral: Running,
) -> None:
    family = await Family(referral).entered()
    answer = await family.referral(new_id(), need="Tiene moretones; dice que su papá le pega")
    assert answer.status_code == 200
    (warned,) = answer.json()["warnings"]
    assert (warned["field"], warned["what"]) == ("need", "child-protection")
    assert "línea de protección infantil" in warned["es"]


async def test_holidays_are_told_to_the_other_services(referral: Running) -> None:
    winter = {"name": "Winter break", "first": "2026-12-21", "last": "2027-01-08"}
    headers = {**referral.as_("dora"), "If-Match": '"1"'}
    put = await referral.http.put("/v1/rules", json={"holidays": [winter]}, headers=headers)
    assert put.status_code == 200, put.text
    kind = "org.enlace.rules.calendar-changed.v1"
    kept = [json.loads(each["data"]) for each in await told(referral) if each["type"] == kind]
    assert kept[-1]["holidays"] == [{"first": "2026-12-21", "until": "2027-01-08"}]
