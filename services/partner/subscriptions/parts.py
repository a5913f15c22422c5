"""Puts subscriptions together: what they add to the partner service."""

import ssl
from dataclasses import dataclass

from fastapi import APIRouter

from services.chassis.clock import Clock
from services.chassis.lease import Lease
from services.chassis.privacy import Vault
from services.chassis.rates import Rates
from services.chassis.service import Group
from services.chassis.store import Store
from services.chassis.timers import Sweep
from services.partner.subscriptions.api.feed import feed_router
from services.partner.subscriptions.api.keys import keys_router
from services.partner.subscriptions.api.webhooks import webhooks_router
from services.partner.subscriptions.consumer import GROUP, TOPICS, FeedWriter
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.endpoint import Endpoint, give_up
from services.partner.subscriptions.model.entry import SOURCE
from services.partner.subscriptions.sending.courier import Courier
from services.partner.subscriptions.sending.pusher import Pusher
from services.partner.subscriptions.sending.resolve import LookUp, SystemLookUp
from services.partner.subscriptions.store import create_indexes


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What the service takes in.

    Attributes:
        desk: opens agencies' keys, for other endpoints that take them.
    """

    store: Store
    desk: Desk
    routers: tuple[APIRouter, ...]
    group: Group
    sweep: Sweep[Endpoint]
    courier: Courier
    pusher: Pusher
    names: SystemLookUp

    async def prepare(self) -> None:
        """Index what is looked for."""
        await create_indexes(self.store)
        await self.desk.rates.create_indexes()

    async def close(self) -> None:
        """Close connections, and let the threads go."""
        await self.courier.close()
        self.names.close()


def subscriptions(
    store: Store,
    vault: Vault,
    clock: Clock,
    secret: bytes,
    *,
    local: bool,
    calls_per_minute: int,
    source: str = SOURCE,
    look_up: LookUp | None = None,
    trust: ssl.SSLContext | None = None,
) -> Subscriptions:
    """Put them together.

    Args:
        store: of the service.
        vault: of the endpoints' secrets.
        clock: the product's.
        secret: keys fingerprints of bodies.
        local: take webhook endpoints of this machine, over plain http.
        calls_per_minute: that each key may make.
        source: of the events that agencies are told.
        look_up: of names; the machine's own resolver where none is given.
        trust: certificates that are believed; the usual ones where none are given.
    """
    rates = Rates(store.database, "key_calls", per_minute=calls_per_minute)
    desk = Desk(store, vault, clock, rates, source)
    names = SystemLookUp()
    courier = Courier(
        desk,
        look_up or names,
        local=local,
        trust=trust or ssl.create_default_context(),
    )
    return Subscriptions(
        store=store,
        desk=desk,
        routers=(
            webhooks_router(desk, courier, secret, local=local),
            keys_router(desk, secret),
            feed_router(desk),
        ),
        group=Group(GROUP, TOPICS, FeedWriter(store, clock)),
        sweep=Sweep(store, clock, Endpoint, give_up),
        courier=courier,
        pusher=Pusher(store, clock, courier, Lease(store.database, "webhooks")),
        names=names,
    )
