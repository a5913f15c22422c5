"""Off-boarding over the real broker: whoever leaves is let in nowhere."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.settings import Role
from services.notify.main import build as notify
from services.notify.settings import NotifySettings
from services.partner.main import build as partner
from services.partner.settings import PartnerSettings
from services.referral.main import build as referral
from services.referral.settings import ReferralSettings
from services.reporting.main import build as reporting
from services.reporting.settings import ReportingSettings
from tests.referral.build import NOW
from tests.referral.test_staff_api import PEOPLE, entry, role
from tests.running import Running, create_topics, running
from tests.servers import Cell

WITHIN = 60.0  # seconds; the promise, and ample on a busy machine


async def sees(service: Running, path: str) -> int:
    return (await service.http.get(path, headers=service.as_("rosa"))).status_code


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + WITHIN
    while not await check():
        assert time.monotonic() < deadline, "it took longer than a minute"
        await asyncio.sleep(0.2)


async def test_off_boarding_ends_access_within_a_minute_in_every_service(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is sent: notify is asked for what it holds alone.
    for name in ("ACCOUNT", "TOKEN", "FROM"):
        monkeypatch.setenv(f"ENLACE_TWILIO_{name}", "+15105550000")
    await create_topics(cell)
    clock = FixedClock(NOW)
    async with contextlib.AsyncExitStack() as stack:
        start = stack.enter_async_context
        ours = await start(
            running(
                "referral",
                referral,
                ReferralSettings,
                cell,
                tmp_path,
                PEOPLE,
                clock=clock,
                role=Role.ALL,
            )
        )
        theirs = await start(
            running(
                "partner",
                partner,
                PartnerSettings,
                cell,
                tmp_path,
                PEOPLE,
                clock=clock,
                role=Role.ALL,
            )
        )
        numbers = await start(
            running(
                "reporting",
                reporting,
                ReportingSettings,
                cell,
                tmp_path,
                PEOPLE,
                clock=clock,
                role=Role.ALL,
            )
        )
        words = await start(
            running(
                "notify",
                notify,
                NotifySettings,
                cell,
                tmp_path,
                PEOPLE,
                clock=clock,
                role=Role.ALL,
            )
        )
        doors = (
            (ours, "/v1/referrals"),
            (theirs, "/v1/agencies"),
            (numbers, "/v1/funnel"),
            (words, "/v1/messages"),
        )
        for service, path in doors:
            assert await sees(service, path) == 200
        path = f"/v1/staff/{new_id()}"
        body = entry("rosa", role("coordinator", "site-01"))
        admin = ours.as_("ingrid")
        entered = await ours.http.put(path, json=body, headers=admin)
        assert entered.status_code == 200, entered.text

        gone = await ours.http.post(
            f"{path}/off-board", json={}, headers={**admin, "If-Match": '"1"'}
        )

        assert gone.status_code == 200, gone.text
        for service, door in doors:

            async def shut(service: Running = service, door: str = door) -> bool:
                return await sees(service, door) == 403

            await until(shut)
