"""A running partner service whose agencies subscribe."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.build import NOW
from tests.partner.district import PEOPLE
from tests.partner.subscriptions.receiver import Receiver, receiving
from tests.partner.subscriptions.subscribed import Subscribed
from tests.running import running
from tests.servers import Cell


@pytest.fixture
async def district(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Subscribed]:
    """The service in role `api`; events are applied, and deliveries made, when the test says so."""
    monkeypatch.setenv("ENLACE_LOCAL_WEBHOOKS", "true")
    clock = FixedClock(NOW)
    async with running(
        "partner", build, PartnerSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield Subscribed(service, clock)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found
