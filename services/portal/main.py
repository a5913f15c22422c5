"""Puts the portal together and runs it."""

import contextlib
import hashlib
from collections.abc import AsyncIterator

import httpx2
import uvicorn
from fastapi import FastAPI

from services.chassis import logs, telemetry
from services.chassis.auth import ServiceIdentity
from services.chassis.clock import clock_for
from services.chassis.database import Database, connect
from services.chassis.service import VERSION
from services.chassis.sites import Sites
from services.portal.app import create_portal
from services.portal.district import District
from services.portal.floods import Floods
from services.portal.pages.context import Pages
from services.portal.sessions import Sessions
from services.portal.settings import PortalSettings
from services.portal.upstream import Upstream


def build(settings: PortalSettings) -> FastAPI:
    """Return the app with everything it needs; its lifespan opens and closes connections."""
    mongo = connect(settings.mongo_uri.get_secret_value(), app="enlace-portal")
    http = httpx2.AsyncClient(timeout=httpx2.Timeout(10.0, connect=3.0))
    session_key = (settings.keys_dir / "session.key").read_bytes()
    database = Database(mongo, settings.database("portal"))
    floods = Floods(
        database,
        hashlib.sha256(b"portal networks" + session_key).digest(),
        per_network=settings.asks_per_network,
        per_school=settings.asks_per_school,
    )
    sessions = Sessions(database, settings.session_lifetime)
    district = District(database, settings)
    pages = Pages(
        settings,
        clock_for(settings.clock_file),
        Sites.read(settings.sites_file),
        Upstream(http, settings),
        sessions,
        floods,
        ServiceIdentity("portal", settings.keys_dir),
        district,
    )
    app = create_portal(pages, session_key=session_key)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await sessions.create_indexes()
        await floods.create_indexes()
        await district.start()
        try:
            yield
        finally:
            await district.stop()
            await http.aclose()
            await mongo.close()

    app.router.lifespan_context = lifespan
    return app


def main() -> None:
    """Run the portal until it is told to stop."""
    settings = PortalSettings()
    logs.set_up("portal", settings.log_level)
    provider = telemetry.set_up("portal", VERSION, settings.otlp_endpoint)
    config = uvicorn.Config(
        build(settings),
        host=settings.host,
        port=settings.port,
        # Addresses can hold links: no access log.
        access_log=False,
        log_config=None,
        # Watched pages never end by themselves, and open their watch again elsewhere.
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run()
    provider.shutdown()


if __name__ == "__main__":
    main()
