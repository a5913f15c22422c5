"""What the district has laid down, as the pages go by it: followed on the topic `rules`.

The newest state is in memory, and in the portal's database for the next start: a page never waits
for referral or for the broker to know what a need, a language or a reason is called.
"""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from contracts.event import Event
from contracts.topic import RULES
from services.chassis.consumer.states import StateReader
from services.chassis.database import Database
from services.chassis.district import DistrictPart, LaidDown, PartTold
from services.chassis.kafka import client_security
from services.chassis.tasks import end
from services.portal.settings import PortalSettings

log = structlog.get_logger()


class District:
    """What is in force now; what comes with Enlace until anything was told."""

    def __init__(self, database: Database, settings: PortalSettings) -> None:
        self._database = database
        topic = settings.topic(RULES.name)
        self._reader = StateReader(settings.kafka, topic, self.take, client_security(settings))
        self._known: dict[str, DistrictPart] = {}
        self._task: asyncio.Task[None] | None = None
        self.now = LaidDown()

    async def start(self) -> None:
        """Take what was known last, and follow what changes."""
        async for kept in self._database[DistrictPart.COLLECTION].find({}):
            self._know(DistrictPart.from_document(kept))
        self._task = asyncio.create_task(self._reader.run())

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            await end([self._task])

    async def take(self, event: Event) -> None:
        """Take a state, unless a newer one is known."""
        if not isinstance(event, PartTold):
            return
        known = self._known.get(event.part)
        if known is not None and known.newer_than(event):
            return
        part = DistrictPart.of(event)
        self._know(part)
        rows = self._database[part.COLLECTION]
        try:
            await rows.replace_one({"_id": part.id}, part.to_document(), upsert=True)
        except PyMongoError as error:  # it is in memory, and is told again at the next start
            log.warning("district.not_kept", error=type(error).__name__)

    def _know(self, part: DistrictPart) -> None:
        self._known[part.id] = part
        self.now = self.now.after(part.told)
