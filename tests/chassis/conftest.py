"""What the chassis's tests leave behind is cleared away before the next one."""

import gc
import warnings
from collections.abc import Iterator

import pytest

from tests.chassis.proxy import SOCKETS_LEFT


@pytest.fixture(autouse=True)
def sockets_are_collected() -> Iterator[None]:
    """Collect the sockets that a cut connection left, so that no other test is blamed for them."""
    yield
    if SOCKETS_LEFT.is_set():
        SOCKETS_LEFT.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
