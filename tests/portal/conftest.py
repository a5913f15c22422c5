"""A portal that runs, the services' answers behind it, and a provider to sign in at."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from contracts.topic import RULES
from deploy.local.servers import ports
from deploy.local.servers.oidc import OidcServer
from services.chassis.clock import write_offset
from services.chassis.keys import make_keys
from services.portal.main import build
from services.portal.settings import PortalSettings
from tests.portal.running import Portal
from tests.portal.samples import NOW
from tests.portal.served import served
from tests.portal.services import Services, create_services
from tests.running import create_topics
from tests.servers import new_cell

SITES = {
    "site-01": {
        "name": "Lincoln Elementary",
        "coordinator": "Rosa Medina",
        "phone": "+15105550100",
    }
}


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcServer]:
    server = OidcServer(tmp_path_factory.mktemp("oidc"), ports.free_port())
    server.start()
    yield server
    server.stop()


# Not of the session: what follows a topic in a thread uses chance, which made-up values forbid.
@pytest.fixture(scope="module")
def running(
    provider: OidcServer,
    kafka_bootstrap: str,
    mongo_uri: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Portal]:
    home = tmp_path_factory.mktemp("portal")
    make_keys(home / "keys")
    (home / "sites.json").write_text(json.dumps(SITES))
    set_clock(home / "clock.json")
    state = Services()
    port = ports.free_port()
    with served(create_services(state)) as behind:
        cell = new_cell(kafka_bootstrap, mongo_uri)
        with ThreadPoolExecutor(1) as pool:  # this thread's loop may be the browser's
            pool.submit(asyncio.run, create_topics(cell, [RULES])).result()
        settings = PortalSettings(
            cell=cell.name,
            port=port,
            kafka=kafka_bootstrap,
            mongo_uri=SecretStr(mongo_uri),
            keys_dir=home / "keys",
            sites_file=home / "sites.json",
            clock_file=home / "clock.json",
            issuer=provider.issuer,
            public_url=f"http://127.0.0.1:{port}",
            referral_url=behind,
            partner_url=behind,
            notify_url=behind,
            reporting_url=behind,
        )
        with served(build(settings), port) as url:
            yield Portal(url, state, provider, home / "clock.json", cell)


def set_clock(file: Path) -> None:
    """Set the pages' own clock to the samples' moment; sessions go by the machine's."""
    write_offset(file, NOW.timestamp() - time.time())


@pytest.fixture
def portal(running: Portal, mongo_uri: str) -> Portal:
    """The running portal: its clock, counters and the services' answers as they were at first."""
    set_clock(running.clock)
    with MongoClient[dict[str, Any]](mongo_uri) as mongo:
        mongo[running.database]["help_counters"].delete_many({})
    fresh = Services()
    for name, value in vars(fresh).items():
        setattr(running.services, name, value)
    return running


@pytest.fixture
def rosa(portal: Portal) -> Iterator[httpx2.Client]:
    """A browser, as far as HTTP goes, with the coordinator signed in."""
    with portal.client() as client:
        portal.sign_in(client, "coordinator-01")
        yield client


@pytest.fixture
def anybody(portal: Portal) -> Iterator[httpx2.Client]:
    """A browser, as far as HTTP goes, with nobody signed in."""
    with portal.client() as client:
        yield client
