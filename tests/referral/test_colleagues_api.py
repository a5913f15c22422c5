"""Who works at a school, as a coordinator who hands work over is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_staff_api import PEOPLE, Office, role
from tests.running import running
from tests.servers import Cell


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Office]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield Office(service)


async def test_a_coordinator_is_told_who_of_the_school_can_take_work_over(office: Office) -> None:
    await office.enter("rosa", role("coordinator", "site-01"))
    await office.enter("denise", role("coordinator", "site-01"), role("care-team", "site-01"))
    await office.enter("elsewhere", role("coordinator", "site-02"))
    await office.enter("gone", role("coordinator", "site-01", until="2026-08-02"))
    await office.enter("reports", role("leadership", "site-01"))

    found = await office.done("GET", "/v1/colleagues?site=site-01", who="rosa")

    told = {each["subject"]: (each["name"], each["roles"]) for each in found["items"]}
    assert told == {
        "rosa": ("Rosa Quintanilla", ["coordinator"]),
        "denise": ("Denise Quintanilla", ["coordinator", "care-team"]),
    }
    assert all(set(each) == {"subject", "name", "roles"} for each in found["items"])


async def test_nobody_is_told_who_works_at_another_school(office: Office) -> None:
    refused = await office.call("GET", "/v1/colleagues?site=site-02", who="rosa")

    assert refused.status_code == 404


async def test_a_schools_lead_is_told_whom_to_ask_there_and_the_leadership_of_all_is_not(
    office: Office,
) -> None:
    await office.enter("rosa", role("coordinator", "site-01"))

    found = await office.done("GET", "/v1/colleagues?site=site-01", who="principal")

    assert [each["subject"] for each in found["items"]] == ["rosa"]
    for who, site in (("principal", "site-02"), ("leaders", "site-01")):
        refused = await office.call("GET", f"/v1/colleagues?site={site}", who=who)
        assert refused.status_code == 404, who
