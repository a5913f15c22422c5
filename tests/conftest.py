"""Servers and cells for every test that needs them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi._compat.v2 import ModelField
from pymongo import MongoClient

from tests import servers
from tests.servers import Cell

Client = MongoClient[dict[str, Any]]


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")  # set by pytest-xdist


_build_validator = ModelField.__post_init__


def _validator_when_asked(field: ModelField, name: str) -> Any:
    """Build a field's validator at its first use."""
    if name != "_type_adapter":
        raise AttributeError(name)
    _build_validator(field)
    return field.__dict__[name]


def pytest_configure(config: pytest.Config) -> None:
    # Thousands of tests start a service and ask one or two of its hundred and fifty addresses:
    # building the validators of all of them was a third of the time that the tests took.
    instead = {"__post_init__": lambda _: None, "__getattr__": _validator_when_asked}
    for name, method in instead.items():
        setattr(ModelField, name, method)
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


@pytest.fixture(scope="session")
def mongo(mongo_uri: str) -> Iterator[Client]:
    """The administrator's client of the run's MongoDB."""
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        yield client


@pytest.fixture
def cell(kafka_bootstrap: str, mongo: Client, mongo_uri: str) -> Iterator[Cell]:
    """A test's own topic and database prefix on the shared servers.

    Its databases are dropped at the end: mongod copies its list of collections for each one that
    is made, and with the ten thousand of a whole run it did little else.
    """
    made = servers.new_cell(kafka_bootstrap, mongo_uri)
    yield made
    own = {"name": {"$regex": f"^{made.database_prefix}"}}
    for found in mongo.list_databases(nameOnly=True, filter=own).to_list():
        mongo.drop_database(found["name"])
