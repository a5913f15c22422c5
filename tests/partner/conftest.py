"""A running partner service with its small district."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.build import NOW
from tests.partner.district import PEOPLE, District
from tests.running import running
from tests.servers import Cell


@pytest.fixture
async def district(cell: Cell, tmp_path: Path) -> AsyncIterator[District]:
    """The service in role `api`; events are applied as its consumer would."""
    clock = FixedClock(NOW)
    async with running(
        "partner", build, PartnerSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield District(service, clock)
