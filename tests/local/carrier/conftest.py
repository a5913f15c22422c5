from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.carrier import running
from tests.local.carrier.running import Carrier, Product


@pytest.fixture
def product() -> Iterator[Product]:
    with running.product() as receiver:
        yield receiver


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    simulator = Carrier(tmp_path / "carrier")
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
        simulator.close()
