"""Puts the portal together and runs it."""

import contextlib
import hashlib
from collections.abc import AsyncIterator

import httpx2
from fastapi import FastAPI

from services.chassis.auth import ServiceIdentity
from services.chassis.clock import clock_for
from services.chassis.database import Database, connect
from services.chassis.run import read_settings, serve, to_its_end
from services.chassis.settings import Role
from services.chassis.sites import Sites
from services.chassis.starting import told
from services.portal.app import create_portal
from services.portal.district import District
from services.portal.floods import Floods
from services.portal.pages.context import Pages
from services.portal.sessions import Sessions
from services.portal.settings import PortalSettings
from services.portal.upstream import Upstream


def build(settings: PortalSettings) -> FastAPI:
    """Return the app with everything it needs; its lifespan opens and closes connections."""
    mongo = connect(
        settings.mongo_uri.get_secret_value(),
        app="enlace-portal",
        ca_file=settings.mongo_ca_file,
    )
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
    settings = read_settings("portal", PortalSettings)
    to_its_end("portal", settings, lambda: _run(settings))


async def _run(settings: PortalSettings) -> None:
    if settings.role is Role.PREPARE:
        return  # it makes its indexes at its start; they are of sessions alone
    try:
        app = build(settings)
    except Exception as error:
        raise await told(error, settings) from error
    # Watched pages never end by themselves, and open their watch again elsewhere.
    await serve(app, settings, patience=3)


if __name__ == "__main__":
    main()
