"""The same need of a child written down twice, by whoever may or may not know of the first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import person, running
from tests.servers import Cell

NAMED = "nora"
STAFF = {
    **PEOPLE,
    "dora": person("dora", "admin"),
    NAMED: person(NAMED, "coordinator:site-01", "care-team:site-01"),
}


@pytest.fixture
async def family(cell: Cell, tmp_path: Path) -> AsyncIterator[Family]:
    """A child at a school whose coordinators are not among those who see restricted needs."""
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=clock
    ) as service:
        named = {"restricted_roles": ["care-team"]}
        headers = {**service.as_("dora"), "If-Match": '"1"'}
        laid = await service.http.put("/v1/rules", json=named, headers=headers)
        assert laid.status_code == 200, laid.text
        yield await Family(service).entered()


async def test_who_may_not_see_a_need_learns_from_no_answer_that_it_is_open_already(
    family: Family,
) -> None:
    first, second, third = new_id(), new_id(), new_id()
    body = {"student": family.student, "category": "mental-health", "need": "Duerme mal"}
    assert (await family.put(f"/v1/referrals/{first}", body, NAMED)).status_code == 200

    plain = await family.put(f"/v1/referrals/{second}", body)
    reasoned = await family.put(f"/v1/referrals/{third}", {**body, "despite_duplicate": "Otra vez"})

    for answer in (plain, reasoned):
        assert answer.status_code == 200, answer.text
        assert answer.json()["duplicate_of"] is None
        assert first not in answer.text
    for id in (second, third):
        read = await family.service.http.get(
            f"/v1/referrals/{id}", headers=family.service.as_(NAMED)
        )
        assert read.json()["duplicate_of"] in {first, second}


async def test_a_draft_that_becomes_such_a_need_tells_no_more(family: Family) -> None:
    first, second = new_id(), new_id()
    body = {"student": family.student, "category": "mental-health", "need": "Duerme mal"}
    assert (await family.put(f"/v1/referrals/{first}", body, NAMED)).status_code == 200
    draft = await family.put(f"/v1/referrals/{second}", {**body, "category": "food"})
    corrected = await family.service.http.post(
        f"/v1/referrals/{second}/correct",
        json={"category": "mental-health"},
        headers={**family.service.as_("rosa"), "If-Match": draft.headers["etag"]},
    )
    assert corrected.status_code == 200, corrected.text
    assert first not in corrected.text


async def test_who_may_see_it_is_warned(family: Family) -> None:
    first = new_id()
    body = {"student": family.student, "category": "mental-health", "need": "Duerme mal"}
    await family.put(f"/v1/referrals/{first}", body)
    warned = await family.put(f"/v1/referrals/{new_id()}", body, NAMED)
    assert (warned.status_code, slug(warned)) == (409, "duplicate")
    assert first in warned.json()["detail"]
