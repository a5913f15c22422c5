"""Destroys the keys of requests for help whose family nobody found, when their time has come."""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from services.chassis.lease import Lease
from services.chassis.privacy import Vault
from services.referral.handlers import help_requests
from services.referral.handlers.desk import Desk

log = structlog.get_logger()

EVERY_SECONDS = 5.0


class Forgetter:
    """Takes the words of requests away in time: a destroyed key takes every copy with it.

    Args:
        askers: the vault of those whose family is not known.
    """

    def __init__(self, desk: Desk, askers: Vault) -> None:
        self._desk = desk
        self._askers = askers

    async def once(self) -> None:
        """Destroy what is due; each step can be done again."""
        now = self._desk.clock.now()
        for request in await help_requests.to_forget(self._desk.store, now):
            await self._askers.destroy_key(request.id)
            await help_requests.forgotten(self._desk, request.id)

    async def due(self) -> int:
        """Return how many are due."""
        return len(await help_requests.to_forget(self._desk.store, self._desk.clock.now()))

    async def run(self) -> None:
        """Work until cancelled, in one worker at a time."""
        lease = Lease(self._desk.store.database, "help-requests")
        while True:
            try:
                if await lease.hold():
                    await self.once()
            except PyMongoError as error:
                log.warning("help_requests.away", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
