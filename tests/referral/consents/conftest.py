"""One scene a test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.referral.consents.scene import Scene, scene_in
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found
