"""A running partner service, and what an agency plays in its sandbox."""

import pytest

from tests.partner.sandbox.played import Played
from tests.partner.subscriptions.conftest import district, receiver
from tests.partner.subscriptions.subscribed import Subscribed

__all__ = ["district", "receiver"]


@pytest.fixture
async def played(district: Subscribed) -> Played:
    """An agency with a service, and its key of the sandbox."""
    smiles = await district.provider("Smiles", seats=1)
    return await Played.of(district, smiles)
