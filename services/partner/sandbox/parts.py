"""Puts the sandbox together: the service's own parts over another database."""

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from services.chassis.database import Database
from services.chassis.events.log import EventLog
from services.chassis.service import Chassis
from services.chassis.sites import Site, Sites
from services.chassis.store import Store
from services.chassis.timers import Sweep
from services.partner.api.capacities import capacities_router
from services.partner.api.context import Context
from services.partner.api.performance import performance_router
from services.partner.consumer import reactions
from services.partner.fhir.api import fhir_router
from services.partner.handlers import offers
from services.partner.handlers.offers import Links
from services.partner.model.offering import Offering
from services.partner.sandbox.api import invented_router, way_in_router
from services.partner.sandbox.entering import SCHOOL
from services.partner.sandbox.world import World
from services.partner.settings import PartnerSettings
from services.partner.store import create_indexes
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.parts import subscriptions

PATH = "/sandbox"
"""Before every address of the sandbox."""

SOURCE = "enlace/sandbox"
"""The `source` of its events: no receiver takes them for a child's."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What the service takes in.

    Attributes:
        way_in: of the service itself.
        routers: of the sandbox, behind `PATH`.
    """

    way_in: APIRouter
    routers: tuple[APIRouter, ...]
    sweeps: tuple[Sweep[Any], ...]
    tasks: tuple[Callable[[], Awaitable[None]], ...]
    due: tuple[Callable[[], Awaitable[int]], ...]
    prepare: tuple[Callable[[], Awaitable[None]], ...]
    close: Callable[[], Awaitable[None]]


def sandbox(
    chassis: Chassis[PartnerSettings], context: Context, links: Links, desk: Desk
) -> Sandbox:
    """Put it together.

    Args:
        chassis: of the service.
        context: of the service's endpoints.
        links: as the service makes them; those made here are sent to nobody.
        desk: of the service's keys.
    """
    database = Database(chassis.mongo, chassis.settings.database("partner_sandbox"))
    log = EventLog(database, source=SOURCE, clock=chassis.clock, ids=chassis.ids)
    store = Store(database, log)
    school = Site(name="Invented School", coordinator="", phone="")
    inside = dataclasses.replace(context, store=store, sites=Sites({SCHOOL: school}))
    subscribed = subscriptions(
        store,
        context.vault,
        chassis.clock,
        context.secret,
        local=chassis.settings.local_webhooks,
        calls_per_minute=chassis.settings.key_calls_per_minute,
        source=SOURCE,
    )
    table = reactions(store, context.moments, links)
    world = World(store, chassis.clock, chassis.ids, (table, subscribed.group.applier))
    return Sandbox(
        way_in=way_in_router(context, desk, inside, subscribed.desk),
        routers=(
            invented_router(inside, subscribed.desk, world),
            fhir_router(inside, subscribed.desk),
            performance_router(inside, subscribed.desk),
            capacities_router(inside, subscribed.desk),
            *subscribed.routers,
        ),
        sweeps=(Sweep(store, chassis.clock, Offering, offers.tick), subscribed.sweep),
        tasks=(world.watch, world.run, subscribed.pusher.run),
        due=(world.due, subscribed.pusher.due),
        prepare=(world.prepare, lambda: create_indexes(store), subscribed.prepare),
        close=subscribed.close,
    )
