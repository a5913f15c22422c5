"""Servers and cells for every test that needs them."""

import pytest

from tests import servers
from tests.servers import Cell


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")  # set by pytest-xdist


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        servers.open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _is_worker(config):
        servers.leave_run()
    else:
        servers.close_run()


@pytest.fixture(scope="session")
def kafka_bootstrap() -> str:
    """``host:port`` of the run's Kafka; its first use starts it."""
    return servers.address(servers.KAFKA)


@pytest.fixture(scope="session")
def mongo_uri() -> str:
    """Connection string of the administrator of the run's MongoDB; its first use starts it."""
    return servers.address(servers.MONGO)


@pytest.fixture
def cell(kafka_bootstrap: str, mongo_uri: str) -> Cell:
    """A test's own topic and database prefix on the shared servers: nothing needs cleaning."""
    return servers.new_cell(kafka_bootstrap, mongo_uri)
