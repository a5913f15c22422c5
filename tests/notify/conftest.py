from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.servers import ports
from deploy.local.servers.mail import MailServer
from tests.local.carrier.running import Carrier
from tests.notify.world import World, world
from tests.servers import Cell


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    simulator = Carrier(tmp_path / "carrier", clock_file=tmp_path / "clock.json")
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
        simulator.close()


@pytest.fixture
async def notify(cell: Cell, tmp_path: Path, carrier: Carrier) -> AsyncIterator[World]:
    async with world(cell, tmp_path, carrier) as here:
        yield here


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    sink = MailServer(tmp_path_factory.mktemp("mail"), ports.free_port(), ports.free_port())
    sink.start()
    yield sink
    sink.stop()
